"""Graded form of chapter 04's floor: squares or absolute values, another mirror, percent."""

# p probability of a mirrored input

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.draws import pick, uniform
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

if TYPE_CHECKING:
    from torch import Tensor

RARE, ANY = "a mirror image that is rare", "any probability of a mirror image"

HEIGHT, WIDTH = -2, -1
"""Axes of the targets."""


def _draw(rng: np.random.Generator) -> Variant:
    variants = [
        {"loss": loss, "mirror": mirror, "probability_in": unit}
        for loss in ("L1", "squares")
        for mirror in ("left to right", "top to bottom")
        for unit in ("shares", "percent")
    ]
    chapter = {"loss": "L1", "mirror": "left to right", "probability_in": "shares"}
    return pick(rng, [variant for variant in variants if variant != chapter])


def _edits(variant: Variant) -> Mapping[str, str]:
    floor = {
        "L1": "the right side of {eq}`eq-04-floor`",
        "squares": "the least mean of **squared** differences, which {eq}`eq-04-squares` gives for "
        "one pixel,",
    }[variant["loss"]]
    probability = {
        "shares": "one probability from 0 to 1",
        "percent": "one probability in **percent**, from 0 to 100,",
    }[variant["probability_in"]]
    mirror = {
        "left to right": "mirrored",
        "top to bottom": "mirrored **top to bottom**",
    }[variant["mirror"]]
    least = {"L1": "Least mean L1", "squares": "Least mean square"}[variant["loss"]]
    return {
        "the right side of {eq}`eq-04-floor` for targets (B, 3, H, W) and one probability from 0 "
        "to 1 that an input is mirrored and its target is not.": (
            f"{floor} for targets (B, 3, H, W) and {probability} that an input is {mirror} and its "
            "target is not."
        ),
        '"""Least mean L1 that a network': f'"""{least} that a network',
    }


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def case(part: str) -> Case:
        batch, height, width = (int(n) for n in rng.integers((1, 3, 3), (4, 9, 9)))
        shares = rng.uniform(0.05, 0.45, 3)
        if part == ANY:
            shares = np.concatenate([rng.uniform(0.55, 0.95, 3), shares, [0.5, 0.0, 1.0]])
        scale = 100 if variant["probability_in"] == "percent" else 1
        probabilities = [float(share) * scale for share in rng.permutation(shares)]
        return Case(part, (uniform(rng, -1, 1, batch, 3, height, width), probabilities))

    return [case(RARE), case(RARE), case(ANY), case(ANY)]


def floors_of(
    flip_floor: "Callable[..., Any]", target: "Tensor", probabilities: "list[float]"
) -> "list[Any]":
    """Ask an answer for the floor under several probabilities."""
    return [flip_floor(target, probability) for probability in probabilities]


def _least(p: float) -> float:
    return min(p, 1 - p)


def _more_common(p: float) -> float:
    return max(p, 1 - p)


def _mirrored(p: float) -> float:
    return p


def _not_mirrored(p: float) -> float:
    return 1 - p


def _of_squares(p: float) -> float:
    return p * (1 - p)


def _at_random(p: float) -> float:
    return 2 * p * (1 - p)


def _half(_p: float) -> float:
    return 0.5


def _whole(_p: float) -> float:
    return 1.0


def _flip_floor(
    variant: Variant,
    target: "Tensor",
    probability: float,
    *,
    weight: Callable[[float], float] | None = None,
    squared: bool | None = None,
    axis: int | None = None,
    summed: bool = False,
    unit: float | None = None,
) -> float:
    """Floor that the variant asks for, or that of a usual mistake."""
    if unit is None:
        unit = 100.0 if variant["probability_in"] == "percent" else 1.0
    if axis is None:
        axis = WIDTH if variant["mirror"] == "left to right" else HEIGHT
    of_squares = variant["loss"] == "squares"
    weight = weight or (_of_squares if of_squares else _least)
    apart = (target - target.flip(axis)).abs()
    if squared is None:
        squared = of_squares
    apart = apart.square() if squared else apart
    return weight(probability / unit) * float(apart.sum() if summed else apart.mean())


def _reference(variant: Variant) -> Callable[..., float]:
    return partial(_flip_floor, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., float]]:
    of_squares, across = variant["loss"] == "squares", variant["mirror"] == "left to right"
    options: dict[str, dict[str, Any]] = {
        "they are those of the other loss: see what is lowered here": {
            "weight": _least if of_squares else _of_squares,
            "squared": not of_squares,
        },
        "the weight belongs to the other loss": {"weight": _least if of_squares else _of_squares},
        "the differences belong to the other loss": {"squared": not of_squares},
        "they compare with the other mirror image: look at the axis": {
            "axis": HEIGHT if across else WIDTH
        },
        "they grow with the probability beyond one half, where the mirror image is the better "
        "answer": {"weight": _mirrored},
        "they are wrong below one half, where the right picture is the better answer": {
            "weight": _not_mirrored
        },
        "the more common demand was taken for the costly one": {"weight": _more_common},
        "they are the cost of guessing at random, and an answer can do better": {
            "weight": _at_random
        },
        "they take one half whatever the probability is": {"weight": _half},
        "they are the whole difference, whatever the probability is": {"weight": _whole},
        "the differences were summed: take their mean": {"summed": True},
        "the probability was read in another unit": {
            "unit": 1.0 if variant["probability_in"] == "percent" else 100.0
        },
    }
    return {cause: partial(_flip_floor, variant, **how) for cause, how in options.items()}


FLIP_FLOOR = GradedQuestion(
    "04.flip-floor",
    "flip_floor",
    "compute the least loss that contradicting targets leave",
    "the least mean losses under several probabilities",
    parts={RARE: 1, ANY: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    harness=floors_of,
)
