"""Judge of chapter 03's ``pixels_of``: the pixels that one patch logit depends on."""

from functools import partial
from typing import Any

from exposure_lab.course.expectations import Wrong, call, close, first_cause, number, pair
from exposure_lab.networks.receptive import field, seen_pixels

CASES = [(i, 256, 3) for i in (15, 0, 1, 29)] + [(0, 40, 1), (5, 40, 1), (17, 40, 1), (2, 61, 2)]
"""(index of the logit, side of the picture, halving layers)."""


def judge_seen_pixels(answer: Any) -> None:
    """Judge ``pixels_of(index, size, strides)`` on logits inside and at the border.

    Raises:
        Wrong: with the likely cause.
    """
    ranges = []
    for index, size, layers in CASES:
        pixels = call(answer, index, size, [2] * layers + [1, 1])
        ends = pair(
            pixels, "Expected two numbers, the first and the last pixel, but got another kind."
        )
        ranges.append([number(pixel, "a pixel") for pixel in ends])
    same = partial(close, tolerance=1e-9)
    if same(ranges, [seen_pixels(*case) for case in CASES]):
        return
    if cause := first_cause(_wrong_ranges(), ranges, same):
        raise Wrong(f"Expected other pixels, but {cause}.")
    raise Wrong(
        "Expected other pixels for some logit: follow the first and the last one down through the "
        "layers, each by the same rule."
    )


def _wrong_ranges() -> dict[str, list[tuple[int, int]]]:
    right = [seen_pixels(*case) for case in CASES]
    uncut = [field(index, layers) for index, _, layers in CASES]
    ends = [size - 1 for _, size, _ in CASES]
    return {
        "it goes on beyond the border: cut it off on both sides": uncut,
        "it starts before the first pixel: there is none below zero": [
            (first, min(last, end)) for (first, last), end in zip(uncut, ends, strict=True)
        ],
        "it ends behind the last pixel: they are counted from 0": [
            (max(first, 0), min(last, end + 1))
            for (first, last), end in zip(uncut, ends, strict=True)
        ],
        "it ends behind the last pixel: cut off the far side as well": [
            (max(first, 0), last) for first, last in uncut
        ],
        "the last one is not part of it any more: give the last pixel that is seen": [
            (first, last + 1) for first, last in right
        ],
        "it lies too far to the right: the padding shifts each window": [
            _walk(*case, padding=0) for case in CASES
        ],
        "the layers were taken in the wrong order: start at the logit": [
            _walk(*case, backwards=False) for case in CASES
        ],
        "it is the place and the width: give the first and the last pixel": [
            (first, last - first + 1) for first, last in right
        ],
    }


def _walk(
    index: int, size: int, layers: int, padding: int = 1, backwards: bool = True
) -> tuple[int, int]:
    """Walk as `seen_pixels` does, but wrongly in one way."""
    first = last = index
    steps = [2] * layers + [1, 1]
    for stride in reversed(steps) if backwards else steps:
        first, last = stride * first - padding, stride * last - padding + 3
    return max(first, 0), min(last, size - 1)
