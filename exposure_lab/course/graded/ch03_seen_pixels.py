"""Graded form of chapter 03's seen pixels: other kernels and paddings, counted from 0 or from 1."""

# k kernel, p padding

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import EXACT, Case, GradedQuestion, Variant

INSIDE, BORDER = "squares inside of the picture", "squares at its border"

KERNELS = ((3, 1), (5, 1), (5, 2), (6, 2), (7, 3), (4, 2))
"""(kernel, padding) of all layers; the chapter's own are missing."""


def _draw(rng: np.random.Generator) -> Variant:
    kernel, padding = pick(rng, KERNELS)
    return {"kernel": kernel, "padding": padding, "counted_from": pick(rng, [0, 1])}


def _edits(variant: Variant) -> Mapping[str, str]:
    edits = {
        "Every kernel is 4 and every padding 1;": (
            f"Every kernel is {variant['kernel']} and every padding {variant['padding']};"
        )
    }
    if variant["counted_from"] == 1:
        edits["all counted from 0."] = "all counted **from 1**."
    return edits


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    """Draw logits, several a call: one alone would fit several mistakes."""
    return [
        Case(part, ([_draw_logit(variant, rng, part) for _ in range(6)],))
        for part in (INSIDE, BORDER)
        for _ in range(2)
    ]


def _draw_logit(
    variant: Variant, rng: np.random.Generator, part: str
) -> tuple[int, int, list[int]]:
    """Draw index, side and strides of a logit whose square is cut off, or is not."""
    k, p = variant["kernel"], variant["padding"]
    while True:
        strides = rng.integers(1, 4, rng.integers(2, 5)).tolist()
        size = int(rng.integers(30, 400))
        count = size
        for stride in strides:
            count = max(0, (count + 2 * p - k) // stride + 1)
        fields = [_walk(index, strides, k, p) for index in range(count)]
        inside = [first >= 0 and last < size for first, last in fields]
        # Where both ends are cut off, many a wrong walk is right.
        either = [(first >= 0) != (last < size) for first, last in fields]
        fitting = [i for i, fits in enumerate(inside if part == INSIDE else either) if fits]
        if fitting and count > 2:
            return pick(rng, fitting) + variant["counted_from"], size, strides


def pixels_of_several(
    pixels_of: "Callable[..., Any]", logits: "list[tuple[int, int, list[int]]]"
) -> "list[Any]":
    """Ask an answer for the pixels of several logits; the strides are its own to change."""
    return [tuple(pixels_of(index, size, list(strides))) for index, size, strides in logits]


def _walk(index: int, strides: Sequence[int], k: int, p: int) -> tuple[int, int]:
    """First and last pixel, counted from 0, which may lie beyond the picture."""
    first = last = index
    for stride in reversed(strides):
        first, last = stride * first - p, stride * last - p + k - 1
    return first, last


def _pixels(
    variant: Variant,
    index: int,
    size: int,
    strides: Sequence[int],
    *,
    kernel: int | None = None,
    padding: int | None = None,
    counted_from: int | None = None,
    backwards: bool = True,
    low: bool = True,
    high: bool = True,
    behind: int = 0,
    behind_end: int = 0,
    width: bool = False,
) -> tuple[int, int]:
    """Find the pixels that the variant asks for, or those of a usual mistake."""
    start = variant["counted_from"] if counted_from is None else counted_from
    first, last = _walk(
        index - start,
        strides if backwards else strides[::-1],
        kernel or variant["kernel"],
        variant["padding"] if padding is None else padding,
    )
    first = max(first, 0) if low else first
    last = min(last, size - 1 + behind_end) if high else last
    first, last = first + start, last + start + behind
    return first, last - first + 1 if width else last


def _reference(variant: Variant) -> Callable[..., tuple[int, int]]:
    return partial(_pixels, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., tuple[int, int]]]:
    options: dict[str, dict[str, Any]] = {
        "they are those of the chapter's kernel and padding": {"kernel": 4, "padding": 1},
        "they are counted from another number: see where counting begins here": {
            "counted_from": 1 - variant["counted_from"]
        },
        "they go on beyond the border: cut them off on both sides": {"low": False, "high": False},
        "they start before the first pixel": {"low": False},
        "they end behind the last pixel: cut off the far side as well": {"high": False},
        "they end one behind the last pixel: see where counting begins": {"behind_end": 1},
        "the last one is not seen any more: give the last pixel that is": {"behind": 1},
        "they lie too far to the right: the padding shifts each window": {"padding": 0},
        "the layers were taken in the wrong order: start at the logit": {"backwards": False},
        "it is the place and the width: give the first and the last pixel": {"width": True},
    }
    return {cause: partial(_pixels, variant, **how) for cause, how in options.items()}


SEEN_PIXELS = GradedQuestion(
    "03.seen-pixels",
    "pixels_of",
    "find the pixels that one logit of a patch critic depends on",
    "the first and the last pixel of several logits",
    parts={INSIDE: 1, BORDER: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    harness=pixels_of_several,
    tolerance=EXACT,
    leaves_out=("exposure_lab.networks.receptive",),
)
