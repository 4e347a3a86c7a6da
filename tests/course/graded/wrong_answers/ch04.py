"""Answers to the graded questions of chapter 04 as students may write them, by variant."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch


def _best(change: Callable[[float, float, float], Any]) -> Any:
    """A maker of a prediction from the two values and the share of the mirrored."""
    return lambda variant: change(
        variant["right_tenths"] / 10,
        variant["mirrored_tenths"] / 10,
        variant["mirrored_of_ten"] / 10,
    )


def _majority(a: float, b: float, share: float) -> float:
    return b if share > 0.5 else a


def _weighted(a: float, b: float, share: float) -> float:
    return a + share * (b - a)


def _flip(
    *,
    axes: Callable[[Any, int, int], tuple[int, ...]] | None = None,
    sides: tuple[bool, bool] = (True, True),
    who: Callable[[Any], Any] = lambda mask: mask,
    returned: Callable[[Any, Any], Any] = lambda x, y: (x, y),
    copies: bool = True,
) -> Any:
    """A maker of paired_flip that works pair by pair; without options the answer is right."""

    def make(variant: Any) -> Any:
        height, width = (-2, -1) if variant["channels"] == "first" else (-3, -2)
        right = {
            "left to right": (width,),
            "top to bottom": (height,),
            "both ways": (height, width),
        }
        turned = right[variant["mirror"]] if axes is None else axes(variant, height, width)

        def paired_flip(real_input: Any, real_target: Any, mirrored: Any) -> Any:
            named = torch.zeros(len(real_input), dtype=torch.bool)
            named[mirrored] = True
            results = []
            for pictures, side in zip((real_input, real_target), sides, strict=True):
                result = pictures.clone() if copies else pictures
                for i, mark in enumerate(who(named)):
                    if mark and side:
                        result[i] = result[i].flip(turned)
                results.append(result)
            return returned(*results)

        return paired_flip

    return make


def _floors(
    *,
    weight: Any = None,
    apart: Any = None,
    other_axis: bool = False,
    total: Any = torch.mean,
) -> Any:
    """A maker of flip_floor; without options the answer is right."""

    def make(variant: Any) -> Any:
        squares = variant["loss"] == "squares"
        across = (variant["mirror"] == "left to right") != other_axis

        def flip_floor(target: Any, probability: float) -> Any:
            p = probability / (100 if variant["probability_in"] == "percent" else 1)
            away = target - torch.flip(target, dims=[3 if across else 2])
            away = (apart or (lambda d: d * d if squares else abs(d)))(away)
            least = weight or ((lambda p: p - p * p) if squares else (lambda p: min(p, 1 - p)))
            return least(p) * total(away)

        return flip_floor

    return make


BOUNDS = {"0 to 1": (0, 1), "-1 to 1": (-1, 1), "-0.5 to 0.5": (-0.5, 0.5)}


def _there(
    *,
    bounds: Any = None,
    more: int = 0,
    top: int = 0,
    after: Callable[[Any], Any] = lambda values: values,
    reshaped: bool = False,
) -> Any:
    """A maker of the way there alone, in float32 as students compute."""

    def make(variant: Any) -> Any:
        low, high = bounds or BOUNDS[variant["range"]]
        largest = (top or 2 ** variant["bits"] - 1) + more

        def normalise(photo: Any) -> Any:
            levels = torch.from_numpy(photo.copy()).float()
            levels = levels.reshape(3, *photo.shape[:2]) if reshaped else levels.permute(2, 0, 1)
            return after(levels / largest * (high - low) + low)

        return normalise

    return make


def _back(
    *,
    rounded: Callable[[Any], Any] = torch.round,
    clamped: bool = True,
    dtype: Any = torch.int16,
    after: Callable[[Any], Any] = lambda values: values,
) -> Any:
    """A maker of the way back alone, in float32 as students compute."""

    def make(variant: Any) -> Any:
        (low, high), largest = BOUNDS[variant["range"]], 2 ** variant["bits"] - 1

        def denormalise(values: Any) -> Any:
            levels = rounded((values - low) * (largest / (high - low)))
            levels = levels.clamp(0, largest) if clamped else levels
            return after(levels.permute(1, 2, 0).to(dtype).numpy())

        return denormalise

    return make


def _both(there: Any = None, back: Any = None) -> Any:
    return lambda variant: ((there or _there())(variant), (back or _back())(variant))


def _other_range(variant: Any) -> Any:
    other = "-1 to 1" if variant["range"] == "0 to 1" else "0 to 1"
    return _both(_there(bounds=BOUNDS[other]))(variant)


WRONG: dict[str, list[tuple[Any, str]]] = {
    "04.predict-answer": [
        (_best(lambda a, b, s: (_weighted(a, b, s),) * 2), "least mean of squares"),
        (_best(lambda a, b, s: (_weighted(a, b, s), _majority(a, b, s))), "another order"),
        (_best(lambda a, b, s: (_majority(b, a, s), _weighted(a, b, s))), "rarer"),
        (_best(lambda a, b, s: (_majority(a, b, s),) * 2), "look at every pair"),
        (_best(lambda a, b, s: (_majority(a, b, s), (a + b) / 2)), "equally common"),
        (_best(lambda a, b, s: (_majority(a, b, s), _weighted(b, a, s))), "wrong sides"),
        (_best(lambda a, b, s: a), "2 numbers"),
    ],
    "04.paired-flip": [
        (_flip(sides=(True, False)), "the flip of the report"),
        (_flip(sides=(False, True)), "only the targets"),
        (_flip(sides=(False, False)), "none was"),
        (_flip(who=torch.ones_like), "every pair was"),
        (_flip(who=torch.logical_not), "the others were"),
        (_flip(axes=lambda v, h, w: (w,) if v["mirror"] != "left to right" else (h,)), "axes"),
        (
            _flip(axes=lambda v, h, w: (-3 if v["channels"] == "first" else -1,)),
            "order of the colours",
        ),
        (_flip(returned=lambda x, y: (y, x)), "targets came first"),
        (_flip(returned=lambda x, y: x), "as a list or tuple"),
        (_flip(returned=lambda x, y: (x.numpy(), y.numpy())), "numpy array"),
        (_flip(copies=False), "in place"),
    ],
    "04.flip-floor": [
        (_floors(weight=lambda p: p), "beyond one half"),
        (_floors(weight=lambda p: 1 - p), "below one half"),
        (_floors(weight=lambda p: 0.5), "whatever the probability"),
        (_floors(weight=lambda p: 2 * p * (1 - p)), "guessing"),
        (_floors(other_axis=True), "look at the axis"),
        (_floors(total=torch.sum), "summed"),
        (_floors(apart=lambda d: d), "Expected the least mean losses"),
        (_floors(total=lambda x: x), "as a number"),
        (_floors(total=lambda x: x.mean() / 0), "infinity"),
    ],
    "04.normalise": [
        (_other_range, "shift and stretch"),
        (_both(_there(more=1)), "how many steps"),
        (_both(_there(top=255)), "eight bits"),
        (_both(_there(reshaped=True)), "dealt out anew"),
        (_both(_there(after=lambda values: values.flip(0))), "reverse order"),
        (_both(_there(after=lambda values: values.double())), "`dtype`"),
        (_both(_there(after=lambda values: values.numpy())), "numpy array"),
        (_both(_there(after=lambda values: values.permute(1, 2, 0))), "axes"),
        (_both(back=_back(rounded=torch.floor)), "cuts it off"),
        (_both(back=_back(clamped=False)), "clamp them first"),
        (_both(back=_back(dtype=torch.float32)), "file's type"),
        (_both(back=_back(after=lambda levels: None)), "`return`"),
        (lambda variant: _there()(variant), "TypeError"),
    ],
}

ALSO_RIGHT: dict[str, list[Any]] = {
    "04.predict-answer": [
        _best(lambda a, b, s: [_majority(a, b, s), np.float32(_weighted(a, b, s))])
    ],
    "04.paired-flip": [_flip(), _flip(returned=lambda x, y: [x, y])],
    "04.flip-floor": [_floors(), _floors(total=lambda x: float(x.double().mean()))],
    "04.normalise": [_both(), _both(back=_back(rounded=lambda x: (x + 0.5).floor()))],
}
