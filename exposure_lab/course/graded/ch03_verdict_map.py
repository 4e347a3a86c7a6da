"""Graded form of chapter 03's map of verdicts: a critic of another depth, another probability."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

Logits = NDArray[np.float64]

SQUARE, OBLONG = "square pictures", "pictures that are not square"
UNEVEN = "sides that are no multiple of a step"


def _draw(rng: np.random.Generator) -> Variant:
    return {"halvings": pick(rng, [1, 2, 4]), "probability_of": pick(rng, ["real", "fake"])}


def _edits(variant: Variant) -> Mapping[str, str]:
    strides = ", ".join(["2"] * variant["halvings"] + ["1", "1"])
    edits = {
        "for a PatchGAN of 70 px:": (
            f"for a PatchGAN with **strides {strides}** in place of 2, 2, 2, 1, 1:"
        )
    }
    if variant["probability_of"] == "fake":
        edits['the *probability* of "real" from the logit'] = (
            'the *probability* of **"fake"** from the logit'
        )
        edits['"""Probability of "real" at each pixel'] = '"""Probability of "fake" at each pixel'
    return edits


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    step = 2 ** variant["halvings"]

    def case(part: str, height: int, width: int) -> Case:
        sides = [(side >> variant["halvings"]) - 2 for side in (height, width)]
        return Case(part, (2 * rng.standard_normal(sides), height, width))

    def oblong(part: str) -> Case:
        few, many = int(rng.integers(4, 6)), int(rng.integers(6, 9))
        return case(part, *(step * count for count in pick(rng, [(few, many), (many, few)])))

    def uneven(part: str) -> Case:
        counts, rest = rng.integers(4, 8, 2), rng.integers(1, step, 2)
        return case(part, *(int(side) for side in step * counts + rest))

    squares = [step * int(count) for count in rng.integers(4, 8, 2)]
    return [
        *(case(SQUARE, side, side) for side in squares),
        oblong(OBLONG),
        oblong(OBLONG),
        uneven(UNEVEN),
        uneven(UNEVEN),
    ]


def _sigmoid(logits: Logits) -> Logits:
    probability: Logits = 1 / (1 + np.exp(-logits))
    return probability


def _as_they_are(logits: Logits) -> Logits:
    return logits


def _yes_or_no(logits: Logits) -> Logits:
    return (logits > 0).astype(np.float64)


def _verdicts(
    variant: Variant,
    logits: Logits,
    height: int,
    width: int,
    *,
    halvings: int | None = None,
    probability_of: str | None = None,
    curve: Callable[[Logits], Logits] = _sigmoid,
    shift: int = 1,
    flipped: tuple[int, ...] = (),
    stretched: bool = False,
) -> Logits:
    """Map the verdicts as the variant asks, or as students do by mistake."""
    step = 2 ** (halvings or variant["halvings"])
    signed = logits if (probability_of or variant["probability_of"]) == "real" else -logits
    probability = curve(np.flip(signed, flipped))
    places = []
    for size, count in zip((height, width), logits.shape, strict=True):
        indices = np.arange(size) * count // size if stretched else np.arange(size) // step - shift
        places.append(np.clip(indices, 0, count - 1))
    over_picture: Logits = probability[np.ix_(*places)]
    return over_picture


def _reference(variant: Variant) -> Callable[..., Logits]:
    return partial(_verdicts, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Logits]]:
    other = "fake" if variant["probability_of"] == "real" else "real"
    options: dict[str, dict[str, Any]] = {
        "these are logits: send them through the logistic curve": {"curve": _as_they_are},
        "these are yes and no alone: keep how sure each logit is": {"curve": _yes_or_no},
        "real and fake are exchanged: see whose probability is asked for": {
            "probability_of": other
        },
        "the squares lie as far apart as those of the chapter's critic": {"halvings": 3},
        "the map was stretched over the whole picture: the outermost centres lie inside the "
        "border": {"stretched": True},
        "the map begins at the border: the first square has its centre further inside": {
            "shift": 0
        },
        "each logit was moved the wrong way": {"shift": -1},
        "each logit was moved too far": {"shift": 2},
        "it was turned upside down": {"flipped": (0,)},
        "it was mirrored": {"flipped": (1,)},
    }
    return {cause: partial(_verdicts, variant, **how) for cause, how in options.items()}


PATCH_MAP = GradedQuestion(
    "03.patch-map",
    "verdict_map",
    "show where in a picture the logits of a patch critic belong",
    "the map of probabilities, each from the logit whose square has its centre nearest",
    parts={SQUARE: 2, OBLONG: 1, UNEVEN: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    leaves_out=("exposure_lab.networks.receptive",),
)
