"""Answers to the graded questions of chapter 03 as students may write them, by variant."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch


def _sides(variant: Any) -> tuple[int, int]:
    """What is right of the prediction: square, map."""
    square, n = 1, variant["halvings"]
    for stride in [1, 1, *[2] * n]:
        square = stride * square + 4 - stride
    return square, variant["side"] // 2**n - 2


def _guess(change: Callable[[int, int], Any]) -> Any:
    return lambda variant: change(*_sides(variant))


def _by_growth(
    *, gaps: bool = True, turned: bool = False, own_first: bool = False, less: int = 0
) -> Any:
    """A maker of receptive_field that walks from the picture; without options it is right."""

    def make(variant: Any) -> Any:
        backwards = (variant["lists_run"] == "from the output to the picture") != turned

        def receptive_field(kernels: Any, strides: Any) -> int:
            if backwards:
                kernels, strides = kernels[::-1], strides[::-1]
            side, step = 1 - less, 1
            for kernel, stride in zip(kernels, strides, strict=True):
                step *= stride if own_first else 1
                side += (variant["dilation"] if gaps else 1) * (kernel - 1) * step
                step *= 1 if own_first else stride
            return side

        return receptive_field

    return make


def _whole_windows(variant: Any) -> Any:
    def receptive_field(kernels: Any, strides: Any) -> int:
        layers = list(zip(kernels, strides, strict=True))
        if variant["lists_run"] == "from the picture to the output":
            layers.reverse()
        side = 1
        for kernel, stride in layers:
            side = stride * side + variant["dilation"] * (kernel - 1) + 1
        return side

    return receptive_field


def _pixels(
    *,
    kernel: int = 0,
    padding: int = -1,
    low: bool = True,
    high: bool = True,
    forwards: bool = False,
    start: int = 0,
    behind: int = 0,
) -> Any:
    """A maker of pixels_of; without options the answer is right."""

    def make(variant: Any) -> Any:
        k = kernel or variant["kernel"]
        p = variant["padding"] if padding < 0 else padding
        one = abs(variant["counted_from"] - start)

        def pixels_of(index: int, size: int, strides: Any) -> Any:
            first = last = index - one
            while strides:
                stride = strides.pop(0 if forwards else -1)
                first, last = stride * first - p, stride * last - p + k - 1
            first = max(first, 0) if low else first
            last = min(last, size - 1) if high else last
            return np.array([first + one, last + one + behind])

        return pixels_of

    return make


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _verdicts(
    *,
    shift: float = 0.0,
    step: int = 0,
    curve: Callable[[Any], Any] = _sigmoid,
    turned: bool = False,
    before: Callable[[Any], Any] = lambda z: z,
) -> Any:
    """A maker of verdict_map that measures distances; without options the answer is right."""

    def make(variant: Any) -> Any:
        stride = step or 2 ** variant["halvings"]

        def nearest(count: int, size: int) -> Any:
            centres = stride * np.arange(count) + (3 * stride - 1) / 2 + shift
            return np.abs(np.arange(size)[:, None] - centres).argmin(axis=1)

        def verdict_map(logits: Any, height: int, width: int) -> Any:
            rows, columns = nearest(logits.shape[0], height), nearest(logits.shape[1], width)
            z = before(logits)[rows][:, columns]
            return curve(z if (variant["probability_of"] == "real") != turned else -z)

        return verdict_map

    return make


def _stretched(variant: Any) -> Any:
    def verdict_map(logits: Any, height: int, width: int) -> Any:
        rows = np.arange(height) * logits.shape[0] // height
        columns = np.arange(width) * logits.shape[1] // width
        z = logits[rows][:, columns]
        return _sigmoid(z if variant["probability_of"] == "real" else -z)

    return verdict_map


def _sides_exchanged(variant: Any) -> Any:
    return lambda logits, height, width: _verdicts()(variant)(logits, width, height)


WRONG: dict[str, list[tuple[Any, str]]] = {
    "03.predict-two-layers": [
        (lambda variant: (70, _sides(variant)[1]), "three halvings"),
        (_guess(lambda square, side: (square - 1, side)), "steps between"),
        (_guess(lambda square, side: (square, side + 2)), "take something off"),
        (_guess(lambda square, side: (square, side + 1)), "each takes one off"),
        (_guess(lambda square, side: (side, square)), "another order"),
        (_guess(lambda square, side: square), "2 numbers"),
    ],
    "03.receptive-field": [
        (_by_growth(gaps=False), "without gaps"),
        (_by_growth(turned=True), "wrong direction"),
        (_by_growth(own_first=True), "own stride"),
        (_by_growth(less=1), "one is missing"),
        (_whole_windows, "whole window"),
        (lambda variant: lambda kernels, strides: 70, "differ"),
        (lambda variant: lambda kernels, strides: kernels, "as a number"),
    ],
    "03.seen-pixels": [
        (_pixels(kernel=4, padding=1), "chapter's"),
        (_pixels(low=False, high=False), "both sides"),
        (_pixels(low=False), "before the first pixel"),
        (_pixels(high=False), "far side"),
        (_pixels(forwards=True), "wrong order"),
        (_pixels(start=1), "counted from another number"),
        (_pixels(behind=1), "not seen any more"),
        (lambda variant: lambda index, size, strides: 7, "TypeError"),
    ],
    "03.patch-map": [
        (_verdicts(step=8), "chapter's critic"),
        (_verdicts(curve=lambda z: z), "these are logits"),
        (_verdicts(curve=lambda z: (z > 0).astype(float)), "yes and no"),
        (_verdicts(turned=True), "exchanged"),
        (_verdicts(before=np.flipud), "upside down"),
        (_verdicts(before=np.fliplr), "mirrored"),
        (_stretched, "stretched"),
        (_sides_exchanged, "another order"),
        (lambda variant: lambda z, h, w: torch.zeros(h, w), "torch tensor"),
    ],
}

ALSO_RIGHT: dict[str, list[Any]] = {
    "03.predict-two-layers": [_guess(lambda square, side: [float(square), np.int64(side)])],
    "03.receptive-field": [_by_growth()],
    "03.seen-pixels": [_pixels()],
    "03.patch-map": [_verdicts()],
}
