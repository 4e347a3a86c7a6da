"""Graded form of chapter 01's clipped share: another file, another end of its scale."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant
from exposure_lab.images.array import Array

EXACT_ENDS = "values at the very ends of the scale"
ROUNDED = "values that the file rounds"

FILES = {6: "a 6-bit", 8: "an 8-bit", 10: "a 10-bit", 12: "a 12-bit"}
"""Bits of a stored value, with the words for such a file."""


def _draw(rng: np.random.Generator) -> Variant:
    return {
        "bits": pick(rng, list(FILES)),
        "ends": pick(rng, ["black", "both"]),  # white alone is the chapter's
        "channels": pick(rng, ["one", "all"]),
    }


def _edits(variant: Variant) -> Mapping[str, str]:
    file, largest = FILES[variant["bits"]], 2 ** variant["bits"] - 1
    stored = "as 0" if variant["ends"] == "black" else f"as 0 or as {largest}"
    asked = {
        "one": f"of pixels with at least one channel that {file} file stores {stored}.",
        "all": f"of pixels all of whose channels {file} file stores {stored}.",
    }
    return {
        "of pixels with at least one channel that an 8-bit file stores as 255.": (
            asked[variant["channels"]]
        ),
        '"""Share of pixels of a photo (H, W, 3), sRGB in [0, 1], with a channel at 255."""': (
            '"""Share of clipped pixels of a photo (H, W, 3), sRGB in [0, 1]."""'
        ),
    }


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    return [
        Case(part, (_picture(rng, 2 ** variant["bits"] - 1, rounded),))
        for part, rounded in ((EXACT_ENDS, False), (ROUNDED, True))
        for _ in range(3)
    ]


def _picture(rng: np.random.Generator, largest: int, rounded: bool) -> Array:
    """Draw a picture with much black and less white, whole pixels and single channels of it."""
    height, width = (int(side) for side in rng.integers(8, 20, 2))
    pixels = rng.uniform(0.1, 0.9, (height, width, 3))
    # Steps from the end: a value well under half a step away is stored as the end itself.
    steps = np.where(rng.random(pixels.shape) < 0.8, 0.0, 1.0)
    if rounded:
        near, far = rng.uniform(0.05, 0.45, pixels.shape), rng.uniform(0.55, 0.95, pixels.shape)
        steps = np.where(rng.random(pixels.shape) < 0.8, near, far)
    single, whole = rng.random(pixels.shape), rng.random((height, width, 1))
    black, white = (single < 0.15) | (whole < 0.15), (single > 0.95) | (whole > 0.93)
    pixels = np.where(black, steps / largest, pixels)
    pixels = np.where(white & ~black, 1 - steps / largest, pixels)
    return pixels.astype(np.float32)


def _share(
    variant: Variant,
    photo: Array,
    *,
    bits: int | None = None,
    ends: str | None = None,
    channels: str | None = None,
    exact: bool = False,
    percent: bool = False,
) -> float:
    """Share that the variant asks for, or that of a usual mistake."""
    largest = 2 ** (bits or variant["bits"]) - 1
    stored = photo.astype(np.float64) * largest
    stored = stored if exact else np.floor(stored + 0.5)
    ends, channels = ends or variant["ends"], channels or variant["channels"]
    at_end = {"black": stored <= 0, "white": stored >= largest}
    clipped = at_end["black"] | at_end["white"] if ends == "both" else at_end[ends]
    counted = {"one": clipped.any(axis=2), "all": clipped.all(axis=2), "values": clipped}[channels]
    return float(np.mean(counted)) * (100 if percent else 1)


def _reference(variant: Variant) -> Callable[[Array], float]:
    return partial(_share, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[[Array], float]]:
    other_end = {
        "black": "it counts white as well: see which values are asked for",
        "both": "it counts black alone: see which values are asked for",
    }[variant["ends"]]
    other_rule = {
        "one": "all of a pixel's channels had to be clipped: one is enough",
        "all": "one clipped channel was enough: all of a pixel's channels have to be",
    }[variant["channels"]]
    options: dict[str, dict[str, Any]] = {
        "values were counted: a pixel counts once": {"channels": "values"},
        other_rule: {"channels": "all" if variant["channels"] == "one" else "one"},
        "values just inside of the scale were left out: the file rounds": {"exact": True},
        other_end: {"ends": "both" if variant["ends"] == "black" else "black"},
        "it counts white alone: see which values are asked for": {"ends": "white"},
        "it is a percentage: give a share": {"percent": True},
        "the file has another number of bits: how many steps has it?": {
            "bits": 10 if variant["bits"] == 8 else 8
        },
    }
    return {cause: partial(_share, variant, **how) for cause, how in options.items()}


CLIPPED_SHARE = GradedQuestion(
    "01.clipped-share",
    "share_of_clipped",
    "count the pixels that a file of so many bits has clipped",
    "the share of clipped pixels",
    parts={EXACT_ENDS: 1, ROUNDED: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    leaves_out=("exposure_lab.data.synthesis.exposure",),
)
