"""Mistakes that students make in chapter 03, each with a word of the sentence it gets."""

from typing import Any

import numpy as np
import torch
from skimage.transform import resize

NAMES = {"np": np, "torch": torch}


def _field(kernels: Any, strides: Any, start: int = 1) -> int:
    side = start
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        side = stride * side + kernel - stride
    return side


def _forwards(kernels: Any, strides: Any) -> int:
    side = 1
    for kernel, stride in zip(kernels, strides, strict=True):
        side = stride * side + kernel - stride
    return side


def _whole_kernels(kernels: Any, strides: Any) -> int:
    side = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        side = stride * side + kernel
    return side


def _by_growth(kernels: Any, strides: Any) -> int:
    side = step = 1
    for kernel, stride in zip(kernels, strides, strict=True):
        side += (kernel - 1) * step
        step *= stride
    return side


def _own_stride_first(kernels: Any, strides: Any) -> int:
    side = step = 1
    for kernel, stride in zip(kernels, strides, strict=True):
        step *= stride
        side += (kernel - 1) * step
    return side


def _pixels(
    low: bool = True, high: bool = True, padding: int = 1, reverse: bool = True, end: int = 1
) -> Any:
    """The walk from a logit to its pixels with one thing done otherwise."""

    def pixels(index: int, size: int, strides: Any) -> tuple[int, int]:
        first = last = index
        for stride in reversed(strides) if reverse else strides:
            first, last = stride * first - padding, stride * last - padding + 3
        return (max(first, 0) if low else first, min(last, size - end) if high else last)

    return pixels


def _centre(index: int, size: int, strides: Any) -> tuple[int, int]:
    first, last = _pixels()(index, size, strides)
    return ((first + last) // 2, (first + last) // 2)


def _place(logits: Any, height: int, width: int, shift: int = 1) -> Any:
    rows, columns = (
        np.clip(np.arange(size) // 8 - shift, 0, count - 1)
        for size, count in zip((height, width), logits.shape, strict=True)
    )
    return logits[np.ix_(rows, columns)]


def _sigmoid(logits: Any) -> Any:
    return 1 / (1 + np.exp(-logits))


def _map(shift: int = 1, before: Any = lambda z: z, after: Any = _sigmoid) -> Any:
    """A map of verdicts with one thing done otherwise."""
    return lambda z, height, width: after(_place(before(z), height, width, shift))


def _stretched(z: Any, height: int, width: int) -> Any:
    rows = np.arange(height) * z.shape[0] // height
    return _sigmoid(z[np.ix_(rows, np.arange(width) * z.shape[1] // width)])


def _by_loop(z: Any, height: int, width: int) -> Any:
    result = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            # Half a pixel on, so that the later of two equally near centres wins.
            i = np.abs(8 * np.arange(z.shape[0]) + 11.5 - y - 1e-6).argmin()
            j = np.abs(8 * np.arange(z.shape[1]) + 11.5 - x - 1e-6).argmin()
            result[y, x] = 1 / (1 + np.exp(-z[i, j]))
    return result


WRONG: dict[str, list[tuple[Any, str]]] = {
    "03.predict-two-layers": [
        ((70, 62), "left out"),
        ((22, 62), "one convolution is missing"),
        ((10, 62), "two convolutions"),
        ((16, 62), "one halving too many"),
        ((32, 62), "steps between"),
        ((64, 62), "backwards"),
        ((34, 30), "three halvings"),
        ((34, 64), "take something off"),
        ((34, 63), "each takes one off"),
        ((34, 60), "once a layer"),
        ((62, 34), "other way round"),
        (34, "two numbers"),
        ((None, 62), "one number"),
    ],
    "03.receptive-field": [
        (_forwards, "backwards"),
        (lambda k, s: 1 + sum(n - 1 for n in k), "no difference"),
        (lambda k, s: int(np.prod(k)), "side by side"),
        (_whole_kernels, "whole kernel"),
        (lambda k, s: _field(k, s) - 1, "lacks one"),
        (lambda k, s: _field(k, s, start=0), "from nothing"),
        (_own_stride_first, "own stride"),
        (lambda k, s: k[-1], "last layer alone"),
        (lambda k, s: 70, "one layer first"),
        (lambda k, s: _field(k, s) ** 2, "one layer first"),
        (lambda k, s: [_field(k, s)] * 2, "one number"),
        (lambda k, s: None, "`return`"),
    ],
    "03.seen-pixels": [
        (_pixels(low=False, high=False), "beyond the border"),
        (_pixels(low=False), "below zero"),
        (_pixels(high=False), "far side"),
        (_pixels(end=0), "counted from 0"),
        (lambda *case: (_pixels()(*case)[0], _pixels()(*case)[1] + 1), "not part of it"),
        (_pixels(padding=0), "padding"),
        (_pixels(reverse=False), "wrong order"),
        (
            lambda *case: (_pixels()(*case)[0], 1 - np.subtract(*_pixels()(*case))),
            "place and the width",
        ),
        (_centre, "by the same rule"),
        (lambda *case: 97, "another kind"),
        (lambda *case: (97, float("nan")), "NaN"),
    ],
    "03.patch-map": [
        (_map(after=lambda z: z), "logits themselves"),
        (_map(after=lambda z: z > 0), "yes and no alone"),
        (_map(after=np.exp), "outside of 0 to 1"),
        (_stretched, "stretched"),
        (_map(shift=0), "begins at the border"),
        (_map(after=lambda z: _sigmoid(-z)), "exchanged"),
        (_map(before=np.flipud), "upside down"),
        (_map(before=np.fliplr), "mirrored"),
        (_map(shift=-3), "square begins"),
        (_map(shift=-1), "wrong way"),
        (lambda z, h, w: resize(_sigmoid(z), (h, w), order=1), "some pixels hold another"),
        (lambda z, h, w: _map()(z, w, h), "another order"),
        (lambda z, h, w: _sigmoid(np.kron(z, np.ones((8, 8)))), "shape"),
        (lambda z, h, w: torch.from_numpy(_map()(z, h, w)), "torch tensor"),
    ],
    "03.explain": [
        ({"C", "E"}, "gradient picture"),
        ({"A", "E"}, "how far apart"),
        ({"A", "C"}, "labels come from"),
        ({"A", "B", "C", "E"}, "share of the picture"),
        ({"A", "C", "D", "E"}, "never shown"),
        (set("ACEF"), "many places"),
        ({"G"}, "A to F"),
        (set(), "at least one"),
        (3, "letters"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("03.predict-two-layers", [34.0, np.int64(62)]),
    ("03.receptive-field", _by_growth),
    ("03.receptive-field", lambda k, s: torch.tensor(_by_growth(k, s))),
    ("03.seen-pixels", lambda *case: np.array(_pixels()(*case))),
    ("03.patch-map", _by_loop),
    ("03.patch-map", _map(before=_sigmoid, after=lambda z: z)),
    ("03.explain", "a, c, e"),
]
