"""Graded form of chapter 09's stretch: to another range, between values that the photo has."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant
from exposure_lab.images.array import Array

SPREAD, EVEN = "a photo with contrast", "a photo whose two percentiles are equal"

CAUSES = {
    "unchanged": "a photo without contrast came back as it was: look up what it becomes here",
    "black": "a photo without contrast became black: look up what it becomes here",
    "chapter": "it is the chapter's stretch: this release has another range and other percentiles",
    "range": "it runs from zero to one: look up the two ends of this release",
    "between": "the percentiles lie between two values of the photo: here they are values of it",
    "neighbour": "of the two values on either side of a percentile the other one is meant",
    "channels": "each channel has percentiles of its own, which tints the photo: take one pair for "
    "all",
    "no clip": "values outside the two percentiles were not clipped",
    "clip to one": "values were clipped to zero and one: clip them to the two ends",
    "ends of photo": "smallest and largest value were used: take the percentiles",
    "shares": "the percentiles were taken of shares: NumPy counts them from 0 to 100",
    "no distance": "the photo was divided by the upper percentile, not by the distance of the two",
    "cut": "values were cut off at the percentiles and not spread",
    "swapped": "black and white changed places",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    return {
        "black": round(float(rng.integers(2, 13)) / 100, 2),
        "white": round(float(rng.integers(84, 97)) / 100, 2),
        "method": pick(rng, ["lower", "higher"]),
    }


def _note(variant: Variant) -> str:
    method = variant["method"]
    return (
        "A percentile is a value of the photo itself: where it lies between two of "
        f"them, the **{method}** one counts, as `np.percentile` takes it with "
        f"`method={method!r}`."
    )


def _edits(variant: Variant) -> dict[str, str]:
    black, white = variant["black"], variant["white"]
    return {
        "of all its values becomes 0, the `high`-th becomes 1,": (
            f"of all its values becomes {black:g}, the `high`-th becomes {white:g},"
        ),
        "the rest is clipped. One": f"the rest is clipped to {black:g} and {white:g}. One",
        "A photo whose two percentiles are equal comes back as it is.": (
            "A photo whose two percentiles are equal becomes flat: each value is then "
            f"{_middle(variant):g}, half way between the two."
        ),
        "over 0 to 1 and clip the rest": f"over {black:g} to {white:g} and clip the rest",
    }


def _middle(variant: Variant) -> float:
    return round(float(variant["black"] + variant["white"]) / 2, 3)


def _stretch(
    variant: Variant, image: Array, low: float, high: float, *, mistake: str = ""
) -> Array:
    """Stretched photo, or what a usual mistake gives."""
    bottom, top = variant["black"], variant["white"]
    if mistake in ("chapter", "range"):
        bottom, top = 0.0, 1.0
    method: Any = "linear" if mistake in ("chapter", "between") else variant["method"]
    if mistake == "neighbour":
        method = "lower" if method == "higher" else "higher"
    ends = {"ends of photo": [0.0, 100.0], "shares": [low / 100, high / 100]}
    axis = (0, 1) if mistake == "channels" else None
    asked = ends.get(mistake, [low, high])
    black, white = np.percentile(image, asked, axis=axis, method=method)
    if np.all(black == white):
        flat = {"chapter": image, "unchanged": image, "black": np.full_like(image, bottom)}
        return flat.get(mistake, np.full_like(image, _middle(variant)))
    if mistake == "cut":
        return np.clip(image, black, white)
    share = (image - black) / (white if mistake == "no distance" else white - black)
    if mistake == "swapped":
        share = 1 - share
    result = bottom + (top - bottom) * share
    if mistake == "no clip":
        return np.asarray(result)
    limits = (0.0, 1.0) if mistake == "clip to one" else (bottom, top)
    return np.asarray(np.clip(result, *limits))


def _reference(variant: Variant) -> Callable[..., Any]:
    return partial(_stretch, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    return {cause: partial(_stretch, variant, mistake=name) for name, cause in CAUSES.items()}


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def with_contrast() -> Case:
        """Draw a small photo with a tint, and percentiles that lie well between two values."""
        height, width = (int(side) for side in rng.integers(3, 6, 2))
        photo = 0.1 + 0.6 * rng.random((height, width, 3)) * rng.permutation([0.9, 0.6, 0.4])
        last = photo.size - 1
        places = np.floor([rng.uniform(0.03, 0.3) * last, rng.uniform(0.6, 0.95) * last])
        low, high = (100 * (places + rng.uniform(0.2, 0.8, 2)) / last).round(2).tolist()
        return Case(SPREAD, (photo.astype(np.float32), low, high))

    flat = np.full((4, 5, 3), rng.uniform(0.1, 0.3), np.float32)
    mostly = np.full((6, 5, 3), rng.uniform(0.3, 0.6), np.float32)
    mostly[rng.integers(6)] = rng.random((5, 3))  # one row of six: the percentiles still meet
    return [
        *(with_contrast() for _ in range(3)),
        Case(EVEN, (flat, 1.0, 99.0)),
        Case(EVEN, (mostly, 25.0, 75.0)),
    ]


STRETCH = GradedQuestion(
    id="09.stretch",
    name="percentile_stretch",
    objective="spread a photo's values between two percentiles",
    what="values spread between two percentiles",
    parts={SPREAD: 2, EVEN: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    note=_note,
    edits=_edits,
    mistakes=_mistakes,
    tolerance=Tolerance(relative=0.0, absolute=1e-3),  # pictures are float32, and may be 8-bit
    leaves_out=("exposure_lab.inference.baselines",),
)
