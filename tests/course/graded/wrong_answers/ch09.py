"""Answers to the graded questions of chapter 09 as students may write them, by variant."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.ndimage import correlate


def _means(change: Callable[[float, float], Any]) -> Any:
    return lambda variant: change(variant["mean"], variant["weight"])


MODES = {"constant": "constant", "wrap": "wrap", "reflect": "mirror"}
"""Names of numpy's ``pad`` to those of scipy."""

MIRRORED: dict[str, Callable[[Any], Any]] = {
    "left and right": np.fliplr,
    "up and down": np.flipud,
    "both": lambda kernel: np.rot90(kernel, 2),
}


def _sums(
    *,
    mode: str = "",
    turn: Callable[[Any], Any] | None = None,
    weights: Callable[[Any], Any] = lambda kernel: kernel,
    after: Callable[[Any], Any] = lambda result: result,
) -> Any:
    """A maker of convolve_3x3 with scipy; without options the answer is right."""

    def make(variant: Any) -> Any:
        how = mode or MODES[variant["beyond"]]
        value = 0.0 if mode else variant["value"]

        def convolve_3x3(image: Any, kernel: Any) -> Any:
            kernel = weights((turn or MIRRORED[variant["mirrored"]])(kernel))
            return after(correlate(image, kernel, mode=how, cval=value))

        return convolve_3x3

    return make


def _wrong_axis(variant: Any) -> Any:
    turn = np.flipud if variant["mirrored"] == "both" else lambda kernel: np.rot90(kernel, 2)
    return _sums(turn=turn)(variant)


def _edge_left_alone(variant: Any) -> Any:
    def convolve_3x3(image: Any, kernel: Any) -> Any:
        result = image.copy()
        result[1:-1, 1:-1] = _sums()(variant)(image, kernel)[1:-1, 1:-1]
        return result

    return convolve_3x3


def _gains(
    *,
    haze: Callable[[float], float] = lambda haze: haze,
    white: float = 0.0,
    turned: bool = False,
    halvings: int = 50,
    after: Callable[[float], Any] = lambda gain: gain,
) -> Any:
    """A maker of gain_for_mean that halves in stops; without options the answer is right."""

    def make(variant: Any) -> Any:
        added, top = haze(variant["haze"]), white or variant["white"]

        def gain_for_mean(image: Any, target: float) -> Any:
            low, high = -6.0, 6.0
            for _ in range(halvings):
                middle = (low + high) / 2
                bright = np.clip(2**middle * image + added, 0, top).mean() >= target
                low, high = (low, middle) if bright != turned else (middle, high)
            return after(2 ** ((low + high) / 2))

        return gain_for_mean

    return make


def _formula(change: Callable[[float, float, float], float]) -> Any:
    """A maker of a gain from the picture's mean, the target and the haze."""
    return lambda variant: (
        lambda image, target: change(float(image.mean()), target, variant["haze"])
    )


def _haze_first(variant: Any) -> Any:
    def gain_for_mean(image: Any, target: float) -> Any:
        return _gains(haze=lambda haze: 0.0)(variant)(image + variant["haze"], target)

    return gain_for_mean


def _stretches(
    *,
    ends: Callable[[float, float], tuple[float, float]] = lambda black, white: (black, white),
    method: Callable[[str], Any] = lambda method: method,
    asked: Callable[[float, float], list[float]] = lambda low, high: [low, high],
    axis: Any = None,
    spread: Callable[..., Any] = lambda x, black, white: (x - black) / (white - black),
    limits: Callable[[float, float], tuple[Any, Any]] = lambda black, white: (black, white),
    flat: Callable[[Any, float], Any] = lambda image, middle: np.full_like(image, middle),
    after: Callable[[Any], Any] = lambda photo: photo,
) -> Any:
    """A maker of percentile_stretch; without options the answer is right."""

    def make(variant: Any) -> Any:
        bottom, top = ends(variant["black"], variant["white"])

        def percentile_stretch(image: Any, low: float, high: float) -> Any:
            how = method(variant["method"])
            black, white = np.percentile(image, asked(low, high), axis=axis, method=how)
            if np.all(black == white):
                return flat(image, (bottom + top) / 2)
            result = bottom + (top - bottom) * spread(image, black, white)
            return after(np.clip(result, *limits(bottom, top)))

        return percentile_stretch

    return make


def _by_sorting(variant: Any) -> Any:
    """Right, with a sorted list in the place of NumPy's percentiles."""

    def percentile_stretch(image: Any, low: float, high: float) -> Any:
        values, (bottom, top) = np.sort(image.ravel()), (variant["black"], variant["white"])
        rounded = np.floor if variant["method"] == "lower" else np.ceil
        places = [int(rounded(p / 100 * (len(values) - 1))) for p in (low, high)]
        black, white = values[places]
        if black == white:
            return 0 * image + (bottom + top) / 2
        return np.interp(image, [black, white], [bottom, top])

    return percentile_stretch


def _cut(variant: Any) -> Any:
    def percentile_stretch(image: Any, low: float, high: float) -> Any:
        return np.clip(image, *np.percentile(image, [low, high], method=variant["method"]))

    return percentile_stretch


def _without_flat(variant: Any) -> Any:
    def percentile_stretch(image: Any, low: float, high: float) -> Any:
        black, white = np.percentile(image, [low, high], method=variant["method"])
        with np.errstate(all="ignore"):
            return (image - black) / (white - black)

    return percentile_stretch


def _right_letters(variant: Any) -> set[str]:
    return {letter for letter, old in zip("ABCDE", variant["order"], strict=True) if old in "ACE"}


def _letters(without: str = "", beside: str = "") -> Any:
    """A maker of letters: the right ones, without some and with others, by the chapter's names."""

    def make(variant: Any) -> set[str]:
        here = dict(zip(variant["order"], "ABCDE", strict=True))
        letters = _right_letters(variant) - {here[old] for old in without}
        return letters | {here[old] for old in beside}

    return make


def _other(method: str) -> str:
    return "lower" if method == "higher" else "higher"


WRONG: dict[str, list[tuple[Any, str]]] = {
    "09.predict-mean": [
        (_means(lambda m, w: (m, m)), "no ninths"),
        (_means(lambda m, w: (m, m * w)), "one weight alone"),
        (_means(lambda m, w: (m, 8 * m * w)), "eight weights"),
        (_means(lambda m, w: (m, 9 * w)), "sum of the weights"),
        (_means(lambda m, w: (m / 9, 9 * m * w)), "a ninth"),
        (_means(lambda m, w: (9 * m, 9 * m * w)), "not averaged"),
        (_means(lambda m, w: (255 * m, 9 * m * w)), "255"),
        (_means(lambda m, w: (9 * m * w, m)), "another order"),
        (_means(lambda m, w: 9 * m * w), "2 numbers"),
        (lambda variant: (0.2, 0.36), "differ"),
    ],
    "09.convolve": [
        (_sums(mode="nearest", turn=lambda kernel: kernel), "chapter's kernel"),
        (_sums(mode="nearest"), "repeated as in the chapter"),
        (_sums(mode="constant"), "count as zero"),
        (_sums(turn=lambda kernel: kernel), "above left"),
        (_wrong_axis, "wrong axis"),
        (_sums(weights=np.transpose), "changed places"),
        (_sums(after=lambda result: result / 9), "divided by nine"),
        (_sums(weights=lambda kernel: kernel / kernel.sum()), "divided by their sum"),
        (_sums(weights=lambda kernel: np.full((3, 3), 1 / 9)), "one kernel of many"),
        (_sums(after=lambda result: np.clip(result, 0, 1)), "clipped"),
        (_edge_left_alone, "differ"),
        (_sums(after=lambda result: result[1:-1, 1:-1]), "shape"),
        (_sums(after=torch.from_numpy), "numpy array"),
        (_sums(after=lambda result: result * np.nan), "NaN"),
        (_sums(after=lambda result: None), "`return`"),
    ],
    "09.gain-for-mean": [
        (_gains(haze=lambda haze: 0.0, white=1.0), "chapter's gain"),
        (_gains(white=1.0), "clips at one"),
        (_formula(lambda mean, target, haze: (target - haze) / mean), "forgets that"),
        (_formula(lambda mean, target, haze: target / mean), "Expected the gain"),
        (_haze_first, "multiplied by the gain as well"),
        (_gains(after=lambda gain: 1 / gain), "inverse"),
        (_gains(after=np.log2), "stops"),
        (lambda variant: lambda image, target: target, "return the factor"),
        (_gains(turned=True), "which half"),
        (_gains(halvings=5), "Expected the gain"),
        (lambda variant: lambda image, target: image * target, "as a number"),
        (_gains(after=lambda gain: float("inf")), "infinity"),
    ],
    "09.stretch": [
        (
            _stretches(
                ends=lambda black, white: (0, 1),
                method=lambda method: "linear",
                flat=lambda image, middle: image,
            ),
            "chapter's stretch",
        ),
        (_stretches(ends=lambda black, white: (0, 1)), "two ends of this release"),
        (_stretches(method=lambda method: "linear"), "values of it"),
        (_stretches(method=_other), "the other one is meant"),
        (_stretches(axis=(0, 1)), "tints"),
        (_stretches(limits=lambda black, white: (None, None)), "not clipped"),
        (_stretches(limits=lambda black, white: (0, 1)), "clip them to the two ends"),
        (_stretches(asked=lambda low, high: [0, 100]), "smallest and largest"),
        (_stretches(asked=lambda low, high: [low / 100, high / 100]), "from 0 to 100"),
        (_stretches(spread=lambda x, black, white: (x - black) / white), "distance of the two"),
        (_cut, "not spread"),
        (
            _stretches(spread=lambda x, black, white: (white - x) / (white - black)),
            "changed places",
        ),
        (_stretches(flat=lambda image, middle: image), "came back as it was"),
        (_stretches(flat=lambda image, middle: None), "`return`"),
        (_without_flat, "division by zero"),
        (_stretches(after=torch.from_numpy), "torch tensor"),
        (_stretches(after=lambda photo: photo.transpose(2, 0, 1)), "another order"),
    ],
    "09.explain": [
        (lambda variant: set("ACE"), "Expected"),
        (_letters(beside="B"), "no gain even once"),
        (_letters(beside="D"), "flat line"),
        (_letters(without="A"), "pull it out"),
        (_letters(without="C"), "order of the values"),
        (_letters(without="E"), "how many outputs"),
        (lambda variant: {"F"}, "A to E"),
    ],
}

ALSO_RIGHT: dict[str, list[Any]] = {
    "09.predict-mean": [
        _means(lambda m, w: [m, np.float64(9 * m * w)]),
        _means(lambda m, w: (m, round(9 * m * w, 3))),
    ],
    "09.convolve": [_sums(), _sums(after=lambda result: result.astype(np.float32))],
    "09.gain-for-mean": [_gains(), _gains(halvings=14, after=np.float32)],
    "09.stretch": [_stretches(), _by_sorting],
    "09.explain": [_right_letters, lambda variant: ", ".join(_right_letters(variant)).lower()],
}
