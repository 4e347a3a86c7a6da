"""Graded form of chapter 09's gain for a mean: a haze is added, and clipping sets in below 1."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant
from exposure_lab.images.array import Array

UNCLIPPED, CLIPPED = "a picture in which nothing clips", "a picture in which much clips"

ENDS = (1 / 64, 64.0)
"""Interval in which the gain lies."""

CAUSES = {
    "chapter": "it is the chapter's gain: here a haze is added, and white is another value",
    "no haze": "the haze is missing: it adds to the mean as well",
    "white": "it clips at one: look up where this release does",
    "plain": "it forgets that values above white count as white: a plain ratio falls short",
    "ratio": "it is a plain ratio of means, which knows neither haze nor clipping",
    "haze times gain": "the haze was multiplied by the gain as well: it is added after",
    "inverse": "it is the inverse: what does the picture have to be multiplied by?",
    "stops": "these are stops: raise two to that power",
    "target": "it is the mean that the gain should lead to: return the factor",
    "low end": "the search ran to its lower end: which half holds the answer where the picture is "
    "still too dark?",
    "high end": "the search ran to its upper end: which half holds the answer where the picture is "
    "still too bright?",
    "coarse": "the interval is still too wide: halve it more often",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    return {
        "haze": round(float(rng.integers(4, 13)) / 100, 2),
        "white": pick(rng, [0.8, 0.85, 0.9, 0.95]),
    }


def _edits(variant: Variant) -> dict[str, str]:
    haze, white = variant["haze"], variant["white"]
    return {
        "the mean of the picture times $g$, clipped at 1, is `target`, to within 0.001.": (
            f"the mean of the picture times $g$ **plus a haze of {haze:g}**, clipped at "
            f"**{white:g}**, is `target`, to within 0.001."
        ),
        "to `target`, after clipping at 1.": ("to `target`, haze and clipping included."),
    }


def _search(image: Array, target: float, haze: float, white: float, halvings: int = 40) -> float:
    """Gain that brings the mean of the hazy, clipped picture to the target."""
    low, high = ENDS
    pixels = image.astype(np.float64)
    for _ in range(halvings):
        middle = (low + high) / 2
        if np.minimum(middle * pixels + haze, white).mean() < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _gain(variant: Variant, image: Array, target: float, *, mistake: str = "") -> float:
    """Gain of the variant, or what a usual mistake gives."""
    haze = 0.0 if mistake in ("chapter", "no haze") else variant["haze"]
    white = 1.0 if mistake in ("chapter", "white") else variant["white"]
    if mistake == "plain":
        return (target - haze) / float(image.mean())
    if mistake == "ratio":
        return target / float(image.mean())
    if mistake == "haze times gain":
        return _search(image + np.float32(haze), target, 0.0, white)
    if mistake in ("low end", "high end"):
        return ENDS[mistake == "high end"]
    gain = _search(image, target, haze, white, 8 if mistake == "coarse" else 40)
    return {"inverse": 1 / gain, "stops": float(np.log2(gain)), "target": target}.get(mistake, gain)


def _reference(variant: Variant) -> Callable[..., float]:
    return partial(_gain, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., float]]:
    return {cause: partial(_gain, variant, mistake=name) for name, cause in CAUSES.items()}


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    haze, white = variant["haze"], variant["white"]

    def call(part: str) -> Case:
        """Draw a picture and a gain; the target is the mean that the gain leads to."""
        shape = int(rng.integers(4, 9)), int(rng.integers(4, 9)), 3
        spread = rng.uniform(0.3, 1, shape) if part == UNCLIPPED else rng.random(shape) ** 1.5
        image = (rng.uniform(0.02, 0.9) * spread / spread.max()).astype(np.float32)
        # What clips has the larger part of the range, yet most of the mean still moves.
        reached = rng.uniform(0.7, 0.98) if part == UNCLIPPED else rng.uniform(1.6, 2.2)
        gain = (white - haze) * reached / float(image.max())
        target = float(np.minimum(gain * image.astype(np.float64) + haze, white).mean())
        return Case(part, (image, target))

    return [call(UNCLIPPED), call(UNCLIPPED), *(call(CLIPPED) for _ in range(3))]


GAIN_FOR_MEAN = GradedQuestion(
    id="09.gain-for-mean",
    name="gain_for_mean",
    objective="find by halving an interval what no formula gives",
    what="the gain that leads to the mean",
    parts={UNCLIPPED: 1, CLIPPED: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    # A mean may be off by 0.001, and by so much more the gain, as part of the picture clips.
    tolerance=Tolerance(relative=0.01, absolute=1e-4),
    leaves_out=("exposure_lab.inference.baselines",),
)
