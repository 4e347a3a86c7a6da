"""Graded form of chapter 07's score for each exposure: a border is left out, and no mean is taken.

Pictures are float32 (H, W, 3), sRGB in [0, 1]; a list has one of each side for each input.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.graded.draws import photo, pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant
from exposure_lab.images.array import Array

ALONE, SEVERAL = "one picture of each exposure", "several pictures of an exposure"

STATISTICS: Mapping[str, Callable[[Any], Any]] = {
    "mean": np.mean,
    "median": np.median,
    "lowest": np.min,
    "sum": np.sum,
}
"""Name to what is taken of an exposure's scores; the last is a mistake."""

NOISE = (0.06, 0.25, 0.02, 0.12)
"""Noise of an exposure's first picture, its second and so on: first and last are no extremes."""

CAUSES = {
    "chapter": "it is the chapter's score: this release leaves out a border",
    "border": "the border is still in: leave it out before you score",
    "one side": "the border is left out at the top and at the left alone: it has four sides",
    "rows": "only rows of the border are left out: columns are too",
    "twice": "a border of twice the width is left out",
    "mean": "it is the mean of the scores: look up what this release asks for",
    "sum": "it is the sum of the scores",
    "last": "it is the last picture of each exposure alone: the entries overwrite each other",
    "first": "it is the first picture of each exposure alone: use all of them",
    "pixels": "an exposure's pixels were taken together: score each picture first",
    "all": "it is one number for all exposures: keep them apart",
    "sorted": "outputs, targets and exposures no longer belong together",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    return {"border": int(rng.integers(1, 5)), "statistic": pick(rng, ["mean", "median", "lowest"])}


def _note(variant: Variant) -> str:
    border = variant["border"]
    pixels = "outermost pixel" if border == 1 else f"{border} outermost pixels"
    return (
        f"A border is left out before a picture is scored, as many papers do: the "
        f"{pixels} on each of the four sides, of output and target alike."
    )


def _edits(variant: Variant) -> dict[str, str]:
    word = variant["statistic"]
    return {
        "the mean of its pictures' PSNRs": f"the {word} of its pictures' PSNRs",
        "to mean PSNR in dB": f"to {word} PSNR in dB",
    }


def _inside(picture: Array, border: int, mistake: str) -> Array:
    """Picture without its border, or what usual mistakes leave of it."""
    if mistake in ("chapter", "border"):
        return picture
    if mistake == "one side":
        return picture[border:, border:]
    if mistake == "rows":
        return picture[border:-border]
    border *= 2 if mistake == "twice" else 1
    return picture[border:-border, border:-border]


def _psnr(errors: NDArray[np.float64]) -> float:
    """PSNR of squared differences, dB."""
    return float(-10 * np.log10(errors.mean()))


def _score(
    variant: Variant,
    outputs: Sequence[Array],
    targets: Sequence[Array],
    evs: Sequence[float],
    *,
    mistake: str = "",
) -> dict[float, float]:
    """Score of each exposure, or that of a usual mistake."""
    squares: dict[float, list[NDArray[np.float64]]] = {}
    evs = sorted(evs) if mistake == "sorted" else evs
    for output, target, ev in zip(outputs, targets, evs, strict=True):
        pair = (_inside(side, variant["border"], mistake) for side in (output, target))
        inner_output, inner_target = (side.astype(np.float64) for side in pair)
        each = squares.setdefault(0.0 if mistake == "all" else ev, [])
        each.append(((inner_output - inner_target) ** 2).ravel())
    if mistake == "pixels":
        return {ev: _psnr(np.concatenate(each)) for ev, each in squares.items()}
    others = {"chapter": "mean", "mean": "mean", "sum": "sum"}
    take = STATISTICS[others[mistake] if mistake in others else variant["statistic"]]
    scores = {ev: [_psnr(errors) for errors in each] for ev, each in squares.items()}
    kept = {"last": slice(-1, None), "first": slice(1)}.get(mistake, slice(None))
    results = {ev: float(take(each[kept])) for ev, each in scores.items()}
    return dict.fromkeys(evs, results[0.0]) if mistake == "all" else results


def _reference(variant: Variant) -> Callable[..., Any]:
    return partial(_score, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    return {cause: partial(_score, variant, mistake=name) for name, cause in CAUSES.items()}


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def call(part: str, evs: list[float]) -> Case:
        outputs, targets = [], []
        for i, ev in enumerate(evs):
            # Larger than the border even where a mistake takes away twice as much.
            height, width = rng.integers(4 * variant["border"] + 2, 4 * variant["border"] + 9, 2)
            target = photo(rng, height, width, 3)
            spread = NOISE[evs[:i].count(ev)] * rng.uniform(0.8, 1.2)
            noise = spread * rng.standard_normal(target.shape)
            outputs.append(np.clip(target + noise, 0, 1).astype(np.float32))
            targets.append(target)
        return Case(part, (outputs, targets, evs))

    exposures = [-2.5, -1.5, -1.0, 0.0, 0.5, 1.0, 2.0]
    few = [rng.choice(exposures, 3, replace=False).tolist() for _ in range(2)]
    # Four of one, three of another and one of a third: no order, no equal groups.
    many = [rng.permutation(np.repeat(three, [4, 3, 1])).tolist() for three in few]
    return [*(call(ALONE, evs) for evs in few), *(call(SEVERAL, evs) for evs in many)]


PSNR_PER_EV = GradedQuestion(
    id="07.psnr-per-ev",
    name="psnr_per_ev",
    objective="score pictures exposure by exposure, each picture first",
    what="a dictionary of each exposure's score",
    parts={ALONE: 1, SEVERAL: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    note=_note,
    edits=_edits,
    mistakes=_mistakes,
    needs=("exposure_lab.metrics.pixel",),
)
