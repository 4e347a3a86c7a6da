"""Mistakes that students make in chapter 09, each with a word of the sentence it gets."""

from itertools import product
from typing import Any

import numpy as np
import torch
from scipy.ndimage import convolve, correlate

NAMES = {"np": np, "product": product}


def _filter(
    image: Any, kernel: Any, *, mode: str = "edge", flip: bool = False, by: float = 1.0
) -> Any:
    """A convolve_3x3 with one thing done otherwise."""
    kernel = kernel[::-1, ::-1] if flip else kernel
    padded = np.pad(image, 1, mode=mode)
    height, width = image.shape
    return by * sum(
        kernel[u, v] * padded[u : u + height, v : v + width] for u, v in product(range(3), range(3))
    )


def _valid(image: Any, kernel: Any) -> Any:
    return _filter(image, kernel)[1:-1, 1:-1]


def _border_left_alone(image: Any, kernel: Any) -> Any:
    result = image.copy()
    result[1:-1, 1:-1] = _filter(image, kernel)[1:-1, 1:-1]
    return result


def _bisect(
    image: Any, target: float, *, clip: bool = True, turned: bool = False, n: int = 40
) -> Any:
    low, high = 1 / 64, 64.0
    for _ in range(n):
        middle = (low + high) / 2
        scaled = np.minimum(middle * image, 1) if clip else middle * image
        if (scaled.mean() < target) != turned:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _stretch(image: Any, low: float, high: float, *, axis: Any = None, clip: bool = True) -> Any:
    black, white = np.percentile(image, [low, high], axis=axis)
    if np.all(black == white):
        return image
    spread = (image - black) / (white - black)
    return np.clip(spread, 0, 1) if clip else spread


def _without_flat(image: Any, low: float, high: float) -> Any:
    black, white = np.percentile(image, [low, high])
    with np.errstate(all="ignore"):
        return np.clip((image - black) / (white - black), 0, 1)


def _flat_is_black(image: Any, low: float, high: float) -> Any:
    black, white = np.percentile(image, [low, high])
    return np.clip((image - black) / max(white - black, 1e-6), 0, 1)


def _in_place(image: Any, low: float, high: float) -> Any:
    image[:] = _stretch(image, low, high)
    return image


WRONG: dict[str, list[tuple[Any, str]]] = {
    "09.predict-mean": [
        ((0.2, 0.2), "no ninths"),
        ((0.2, 0.04), "one weight alone"),
        ((0.2, 0.32), "eight were counted"),
        ((0.2, 1.8), "one is above"),
        ((1.8, 0.36), "one is above"),
        ((0.0222, 0.36), "a ninth"),
        ((0.18, 0.36), "same grey everywhere"),
        ((0.2, 0.4), "flat grey"),
        ((51, 92), "255"),
        (0.36, "two numbers"),
        (("a fifth", "0.36"), "one number"),
        (None, "none"),
    ],
    "09.convolve": [
        (lambda a, w: _filter(a, w, mode="constant"), "zeros"),
        (lambda a, w: _filter(a, w, mode="wrap"), "other side"),
        (lambda a, w: correlate(a, w, mode="mirror"), "mirrored at the outermost"),
        (lambda a, w: _filter(a, w, flip=True), "kernel was mirrored"),
        (lambda a, w: convolve(a, w, mode="nearest"), "kernel was mirrored"),
        (lambda a, w: _filter(a, w.T), "changed places"),
        (lambda a, w: _filter(a, w, by=1 / 9), "divided by nine"),
        (lambda a, w: _filter(a, w / w.sum()), "divided by their sum"),
        (lambda a, w: _filter(a, np.full((3, 3), 1 / 9)), "not used"),
        (lambda a, w: np.clip(_filter(a, w), 0, 1), "clipped"),
        (_border_left_alone, "outermost pixels"),
        (_valid, "shape"),
        (lambda a, w: a, "single one"),
        (lambda a, w: torch.from_numpy(_filter(a, w)), "torch tensor"),
        (lambda a, w: _filter(a, w) * np.nan, "NaN"),
        (lambda a, w: None, "`return`"),
    ],
    "09.gain-for-mean": [
        (lambda a, m: m / a.mean(), "plain ratio"),
        (lambda a, m: _bisect(a, m, clip=False), "plain ratio"),
        (lambda a, m: a.mean() / m, "inverse"),
        (lambda a, m: np.log2(m / a.mean()), "stops"),
        (lambda a, m: _bisect(a, m, turned=True), "which half"),
        (lambda a, m: _bisect(a, m, n=6), "more often"),
        (lambda a, m: m, "return the factor"),
        (lambda a, m: np.minimum(_bisect(a, m) * a, 1), "one number"),
        (lambda a, m: 1.0, "too dark"),
        (lambda a, m: 1.05 * _bisect(a, m), "too bright"),
        (lambda a, m: float("inf"), "infinity"),
        (lambda a, m: None, "`return`"),
    ],
    "09.stretch": [
        (lambda a, lo, hi: _stretch(a, lo, hi, axis=(0, 1)), "tints"),
        (lambda a, lo, hi: _stretch(a, lo, hi, clip=False), "not clipped"),
        (lambda a, lo, hi: _stretch(a, 0, 100), "smallest and largest"),
        (lambda a, lo, hi: _stretch(a, lo / 100, hi / 100), "0 to 100"),
        (lambda a, lo, hi: np.clip(a / np.percentile(a, hi), 0, 1), "before dividing"),
        (
            lambda a, lo, hi: np.clip((a - np.percentile(a, lo)) / np.percentile(a, hi), 0, 1),
            "distance of the two",
        ),
        (lambda a, lo, hi: np.clip(a, *np.percentile(a, [lo, hi])), "not spread"),
        (lambda a, lo, hi: _stretch(a, hi, lo), "changed places"),
        (lambda a, lo, hi: 255 * _stretch(a, lo, hi), "255"),
        (lambda a, lo, hi: _stretch(a, lo, hi) ** 2, "straight line"),
        (_without_flat, "division by zero"),
        (_flat_is_black, "without contrast"),
        (_in_place, "in place"),
        (lambda a, lo, hi: torch.from_numpy(_stretch(a, lo, hi)), "torch tensor"),
        (lambda a, lo, hi: _stretch(a, lo, hi).transpose(2, 0, 1), "another order"),
        (lambda a, lo, hi: None, "`return`"),
    ],
    "09.explain": [
        ({"A", "B", "C", "E"}, "no gain even once"),
        ({"A", "C", "D", "E"}, "flat line"),
        ({"A", "C"}, "how many outputs"),
        ({"C", "E"}, "pull it out"),
        ({"A", "E"}, "order of the values"),
        (set(), "at least one"),
        ({"F"}, "A to E"),
        (3, "letters"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("09.predict-mean", [0.2, np.float64(0.36)]),
    ("09.convolve", lambda a, w: correlate(a, w, mode="nearest")),
    ("09.convolve", lambda a, w: _filter(a.astype(np.float32), w)),
    ("09.gain-for-mean", lambda a, m: np.float32(_bisect(a, m))),
    ("09.stretch", lambda a, lo, hi: _stretch(a, lo, hi).astype(np.float64)),
    ("09.explain", "A, C, E"),
    ("09.explain", ["e", "a", "c"]),
]
