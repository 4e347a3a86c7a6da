"""Graded form of chapter 07's rule for whether a run had levelled off: another part and limit."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

Floats = NDArray[np.float64]

SMOOTH, JUMPING, FALLING = "runs that rise evenly", "runs that jump", "runs that fall at the end"

PARTS = {3: ("third", "three"), 4: ("quarter", "four"), 6: ("sixth", "six"), 8: ("eighth", "eight")}
"""Number of parts of a run to the name of one of them, and the number in words."""

LIMITS = (0.04, 0.06, 0.15, 0.2, 0.25, 0.3)
"""dB from which on a run counts as unfinished; not the chapter's own."""

VARIANTS = [
    {"parts": parts, "limit": limit}
    for parts in PARTS
    for limit in LIMITS
    # On even rises the chapter's rule, over a fifth, must not come to about the same.
    if not 0.065 < limit * parts / 5 < 0.145
]

ASKED = 8
"""Runs that a call asks about, at least."""

CAUSES = {
    "chapter": "it is the chapter's rule: this release has another part and another limit",
    "limit": "the limit is the chapter's: look up the one of this release",
    "part": "the part of the run is the chapter's: look up the one of this release",
    "always": "every run was called finished",
    "never": "no run was called finished",
    "turned": "the answer is turned round: a run that still rises has not levelled off",
    "slope": "the slope of one epoch was compared with the limit: the rule speaks of the rise over "
    "the whole part",
    "last two": "the last two scores decided alone: fit a line to the whole part",
    "ends": "only two scores decided, at the ends of the part: fit a line to all of them",
    "whole": "the whole run was looked at: only its last part counts",
    "first": "the first part was looked at: the last one counts",
    "size": "a run that falls was called unfinished: the rule asks only for a rise",
    "without": "the score at which the part begins is missing: it belongs to the line",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    return pick(rng, VARIANTS)


def _edits(variant: Variant) -> dict[str, str]:
    part, count = PARTS[variant["parts"]]
    return {
        "is a multiple of five": f"is a multiple of {count}",
        "the last fifth of the run": f"the last {part} of the run",
        "by less than 0.1 dB over that fifth": f"by less than {variant['limit']:g} dB over that "
        f"{part}",
    }


def _rise(curve: Floats, epochs: int) -> float:
    """Rise of the least-squares line through some scores, over so many epochs, dB."""
    place = np.arange(len(curve)) - (len(curve) - 1) / 2  # many times faster than np.polyfit
    return float(place @ curve / (place @ place)) * epochs


def _levelled_off(variant: Variant, curve: Floats, *, mistake: str = "") -> bool:
    """Whether a curve had levelled off, or what a usual mistake says."""
    if mistake in ("always", "never"):
        return mistake == "always"
    total = len(curve) - 1  # epochs; there is one score more
    epochs = total // (5 if mistake in ("chapter", "part") else variant["parts"])
    end = curve[-epochs - 1 :]
    if mistake in ("last two", "ends"):
        rise = float(curve[-1] - (curve[-2] if mistake == "last two" else end[0]))
    else:
        scores = {"whole": curve, "first": curve[: epochs + 1], "without": end[1:]}
        rise = _rise(scores.get(mistake, end), {"slope": 1, "whole": total}.get(mistake, epochs))
    rise = abs(rise) if mistake == "size" else rise
    limit = 0.1 if mistake in ("chapter", "limit") else variant["limit"]
    return bool(rise < limit) != (mistake == "turned")


def _reference(variant: Variant) -> Callable[..., bool]:
    return partial(_levelled_off, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., bool]]:
    return {cause: partial(_levelled_off, variant, mistake=name) for name, cause in CAUSES.items()}


def verdicts_on_runs(levelled_off: "Callable[..., bool]", *curves: "Floats") -> "list[bool]":
    """Ask an answer about several runs."""
    return [levelled_off(curve) for curve in curves]


def _curve(variant: Variant, rng: np.random.Generator, part: str) -> Floats:
    """Draw a curve of held-out PSNR, one score an epoch, that is clear of the limit."""
    epochs = int(rng.integers(5, 9))  # of the last part
    earlier = epochs * (variant["parts"] - 1)
    limit = variant["limit"]
    kinds = [(0.2, 0.8), (1.25, 3.0), (7.0, 12.0)] + [(-8.0, -0.3)] * 3 * (part == FALLING)
    while True:
        end = limit * rng.uniform(*pick(rng, kinds)) * np.linspace(0, 1, epochs + 1)
        before = rng.uniform(*pick(rng, [(-3.0, 0.0), (-0.3, 0.3)])) * np.linspace(
            1, 0, earlier + 1
        )
        if part == JUMPING:
            end += 2 * limit * rng.standard_normal(epochs + 1)
        curve = rng.uniform(14, 22) + np.concatenate([before[:-1], end])
        if abs(_rise(curve[-epochs - 1 :], epochs) - limit) > 0.1 * limit:
            return np.asarray(curve)


def _runs(variant: Variant, rng: np.random.Generator, part: str) -> Case:
    """Draw runs that tell the rule, its mistakes and other variants apart, as far as these can."""
    pool = [_curve(variant, rng, part) for _ in range(50)]
    verdicts = np.array(
        [[_levelled_off(variant, run, mistake=name) for run in pool] for name in ("", *CAUSES)]
    )

    others = np.array([[_levelled_off(other, run) for run in pool] for other in VARIANTS])

    def told_apart(chosen: list[int]) -> int:
        foreign = (others[:, chosen] != verdicts[0, chosen]).any(axis=1)
        return len({row[chosen].tobytes() for row in verdicts}) + int(foreign.sum())

    chosen: list[int] = []
    while told_apart(chosen) < told_apart(list(range(len(pool)))):
        chosen.append(max(range(len(pool)), key=lambda i: told_apart([*chosen, i])))
    rest = [i for i in range(len(pool)) if i not in chosen]
    chosen += rest[: max(0, ASKED - len(chosen))]
    return Case(part, tuple(pool[i] for i in rng.permutation(chosen)))


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    return [_runs(variant, rng, part) for part in (SMOOTH, JUMPING, FALLING)]


LEVELLED_OFF = GradedQuestion(
    id="07.levelled-off",
    name="levelled_off",
    objective="decide by a rule, fixed beforehand, whether a run had stopped to improve",
    what="the verdict of the rule on each run",
    parts={SMOOTH: 1, JUMPING: 1, FALLING: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    harness=verdicts_on_runs,
    leaves_out=("exposure_lab.study.rules",),
)
