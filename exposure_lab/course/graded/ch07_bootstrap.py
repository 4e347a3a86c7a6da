"""Graded form of chapter 07's bootstrap interval: another level, perhaps of another statistic.

The random generator is scripted, so that all who draw as asked draw the same samples. The script is
no fair draw: the interval that it leads to comes from these samples and from nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant

if TYPE_CHECKING:
    from numpy.random import Generator

Floats = NDArray[np.float64]

LOW, HIGH = "the lower end", "the upper end"

STATISTICS: Mapping[str, Callable[..., Any]] = {"mean": np.mean, "standard deviation": np.std}

AS_NUMPY = {"mean": "", "standard deviation": ", each as `np.std` gives it"}
"""What is said beside a statistic that has several definitions."""

CAUSES = {
    "own": "nothing was drawn from `rng`: use the generator that the function is given",
    "without": "the samples are drawn without replacement: each is the whole set again",
    "values": "the percentiles are those of the scores themselves: take them of the samples",
    "one": "a sample holds a single value: each is as large as the set",
    "half": "the samples are smaller than the set: each is as large as the set",
    "few": "there are too few samples: `draws` is their number",
    "chapter": "it is the chapter's interval: look up the level and what is taken of each sample",
    "level": "the level is the chapter's: look up the one of this release",
    "other": "the chapter's statistic is taken of each sample: look up what this release asks for",
    "twice": "it leaves out too much: what lies outside is shared by both ends",
    "shares": "the ends lie too far down: `numpy.percentile` counts from 0 to 100",
    "all": "it runs from the smallest to the largest: leave out what lies outside of the level",
    "swapped": "the upper end came first",
    "spread": "it is one spread of the samples' results to either side: take percentiles",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    return {"level": pick(rng, range(50, 91, 5)), "statistic": pick(rng, list(STATISTICS))}


def _edits(variant: Variant) -> dict[str, str]:
    level, statistic = variant["level"], variant["statistic"]
    return {
        "of the middle 95 % of the samples' means": (
            f"of the middle {level} % of the samples' {statistic}s{AS_NUMPY[statistic]}"
        ),
        "of the 95 % bootstrap interval of the mean": (
            f"of the {level} % bootstrap interval of the {statistic}"
        ),
    }


def _interval(
    variant: Variant, values: Floats, draws: int, rng: "Generator", *, mistake: str = ""
) -> tuple[float, float]:
    """Interval of the variant, or that of a usual mistake."""
    level = 95 if mistake in ("chapter", "level") else variant["level"]
    if mistake == "own":
        return 0.0, 0.0  # whatever they are: the harness tells it by what was drawn
    sizes = {"one": 1, "half": len(values) // 2}
    shape = (draws // 10 if mistake == "few" else draws, sizes.get(mistake, len(values)))
    samples = rng.choice(values, shape)
    if mistake == "without":
        samples = np.array([rng.choice(values, len(values), replace=False) for _ in range(draws)])
    statistic = "mean" if mistake in ("chapter", "other") else variant["statistic"]
    results = STATISTICS[statistic](samples, axis=1)
    if mistake == "spread":
        return float(results.mean() - results.std()), float(results.mean() + results.std())
    out = (100 - level) / (1 if mistake == "twice" else 2)
    ends = [0.0, 100.0] if mistake == "all" else [out, 100 - out]
    if mistake == "shares":
        ends = [end / 100 for end in ends]
    low, high = np.percentile(values if mistake == "values" else results, ends)
    return (float(high), float(low)) if mistake == "swapped" else (float(low), float(high))


def _reference(variant: Variant) -> Callable[..., Any]:
    return partial(_interval, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    return {cause: partial(_interval, variant, mistake=name) for name, cause in CAUSES.items()}


def ends_of_intervals(
    bootstrap_interval: "Callable[..., Any]",
    end: int,
    sets: "list[Floats]",
    tables: "list[NDArray[np.int16]]",
) -> "Any":
    """Call an answer for several sets, with a generator that deals out rows of places in a set.

    All samples at once, along either axis, or one by one: they are the same. What is drawn
    otherwise is random. Gives one end of each interval, and -1 where nothing was drawn.
    """
    import numpy as np

    class Scripted(np.random.Generator):
        def __init__(self, rows: "Any") -> None:
            super().__init__(np.random.PCG64(1))
            self.rows, self.calls, self.dealt = rows, 0, 0

        def choice(  # type: ignore[override]
            self, a: "Any", size: "Any" = None, replace: bool = True, **options: "Any"
        ) -> "Any":
            self.calls += 1
            taken = np.arange(a) if np.ndim(a) == 0 else np.asarray(a)
            places = self._places(len(taken), size) if replace else None
            if places is None:
                return super().choice(a, size, replace, **options)
            return taken[places]

        def integers(  # type: ignore[override]
            self, low: "Any", high: "Any" = None, size: "Any" = None, **options: "Any"
        ) -> "Any":
            self.calls += 1
            places = self._places(low if high is None else high, size)
            return super().integers(low, high, size, **options) if places is None else places

        def _places(self, count: int, size: "Any") -> "Any":
            shape = (size,) if np.ndim(size) == 0 else tuple(size)
            if count != self.rows.shape[1]:
                return None
            if shape == self.rows.shape[1:]:
                self.dealt += 1
                return self.rows[(self.dealt - 1) % len(self.rows)]
            if shape == self.rows.shape[::-1]:
                return self.rows.T
            return self.rows if shape == self.rows.shape else None

    ends = []
    for values, rows in zip(sets, tables, strict=True):
        rng = Scripted(rows)
        interval = bootstrap_interval(values, len(rows), rng)
        if np.shape(interval) != (2,):
            return interval  # which is no interval: the judge says so
        ends.append(interval[end] if rng.calls else -1.0)
    return ends


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    sets, tables = [], []
    for count in rng.integers(9, 21, 4):
        sets.append(12 + rng.gamma(1.5, 3.0, count))  # dB: skewed, so that no formula fits
        shares = rng.dirichlet(np.full(count, 2.0))
        rows = rng.choice(count, (int(rng.integers(1500, 2500)), count), p=shares)
        tables.append(rows.astype(np.int16))
    return [Case(part, (end, sets, tables)) for end, part in enumerate((LOW, HIGH))]


BOOTSTRAP_INTERVAL = GradedQuestion(
    id="07.bootstrap-interval",
    name="bootstrap_interval",
    objective="tell from the scores alone how far a mean or median can be trusted",
    what="this end of the bootstrap intervals",
    parts={LOW: 2, HIGH: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    harness=ends_of_intervals,
    # An end may be taken from the nearest sample or between two: both are fine.
    tolerance=Tolerance(relative=0.0, absolute=0.02),
    leaves_out=("exposure_lab.metrics.intervals",),
)
