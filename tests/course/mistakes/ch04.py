"""Mistakes that students make in chapter 04, each with a word of the sentence it gets."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

NAMES = {"torch": torch, "np": np}


def _flip(
    dims: tuple[int, ...] = (-1,),
    sides: tuple[bool, bool] = (True, True),
    which: Callable[[Any], Any] = lambda mask: mask,
    returned: Callable[[Any, Any], Any] = lambda x, y: (x, y),
) -> Any:
    """A paired flip as a student may write it; without options it is right."""

    def flip(real_input: Any, real_target: Any, mirrored: Any) -> Any:
        mask = which(mirrored)[:, None, None, None]
        turned = [
            torch.where(mask, pictures.flip(*dims), pictures) if side else pictures
            for pictures, side in zip((real_input, real_target), sides, strict=True)
        ]
        return returned(*turned)

    return flip


def _flip_in_place(real_input: Any, real_target: Any, mirrored: Any) -> Any:
    for pictures in (real_input, real_target):
        pictures[mirrored] = pictures[mirrored].flip(-1)
    return real_input, real_target


def _flip_with_an_if(real_input: Any, real_target: Any, mirrored: Any) -> Any:
    return (real_input.flip(-1), real_target.flip(-1)) if mirrored else (real_input, real_target)


def _flip_one_by_one(real_input: Any, real_target: Any, mirrored: Any) -> Any:
    def turned(pictures: Any) -> Any:
        return torch.stack(
            [p.flip(-1) if m else p for p, m in zip(pictures, mirrored, strict=True)]
        )

    return [turned(real_input), turned(real_target)]


def _flip_copies(real_input: Any, real_target: Any, mirrored: Any) -> Any:
    return _flip_in_place(real_input.clone(), real_target.clone(), mirrored)


def _floor(
    weight: Callable[[float], float] = lambda p: min(p, 1 - p),
    apart: Callable[[Any], Any] = lambda t: (t - t.flip(-1)).abs(),
    total: Callable[[Any], Any] = torch.mean,
) -> Any:
    return lambda target, p: weight(p) * total(apart(target))


def _there(photo: Any) -> Any:
    return torch.from_numpy(photo.copy()).permute(2, 0, 1).float() / 127.5 - 1


def _back(values: Any) -> Any:
    levels = ((values + 1) * 127.5).round().clamp(0, 255)
    return levels.permute(1, 2, 0).to(torch.uint8).numpy()


def _tensor(photo: Any) -> Any:
    return torch.from_numpy(photo.copy()).permute(2, 0, 1).float()


def _standardised(photo: Any) -> Any:
    values = _tensor(photo)
    return (values - values.mean()) / values.std()


def _wrapped(photo: Any) -> Any:
    return _tensor(photo * np.uint8(2) - np.uint8(255))


def _reshaped(photo: Any) -> Any:
    return torch.from_numpy(photo.copy()).reshape(3, *photo.shape[:2]).float() / 127.5 - 1


def _cut_off(values: Any) -> Any:
    return ((values + 1) * 127.5).clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()


def _unclamped(values: Any) -> Any:
    return ((values + 1) * 127.5).round().permute(1, 2, 0).to(torch.int64).numpy().astype(np.uint8)


def _in_place(values: Any) -> Any:
    return _back(values.add_(0.001))


WRONG: dict[str, list[tuple[Any, str]]] = {
    "04.predict-answer": [
        ((0.38, 0.38), "least mean of squares"),
        ((0.38, 0.2), "exchanged"),
        ((0.2, 0.2), "look at every pair"),
        ((0.2, 0.5), "equally common"),
        ((0.2, 0.62), "wrong sides"),
        ((0.8, 0.38), "rarer"),
        ((0.5, 0.38), "small move"),
        ((0.2, 0.4), "derivative"),
        (0.2, "two numbers"),
        (("a", 0.38), "one number"),
        ((float("nan"), 0.38), "NaN"),
        (None, "none"),
    ],
    "04.paired-flip": [
        (_flip(sides=(True, False)), "the flip of the report"),
        (_flip(sides=(False, True)), "only the targets"),
        (_flip(sides=(False, False)), "none was"),
        (_flip(which=torch.ones_like), "every pair was"),
        (_flip(which=torch.logical_not), "the others were"),
        (_flip((-2,)), "upside down"),
        (_flip((-1, -2)), "half a turn"),
        (_flip((1,)), "order of the colours"),
        (_flip((0,)), "order of the pairs"),
        (_flip(returned=lambda x, y: (y, x)), "targets came first"),
        (_flip(returned=lambda x, y: x), "two things"),
        (_flip(returned=lambda x, y: torch.stack([x, y])), "two things"),
        (_flip(returned=lambda x, y: (x.numpy(), y.numpy())), "numpy array"),
        (_flip(returned=lambda x, y: (x[0], y[0])), "axis"),
        (_flip(returned=lambda x, y: (x * float("nan"), y)), "NaN"),
        (_flip(returned=lambda x, y: (x + 0.1, y)), "some pixels differ"),
        (_flip_in_place, "in place"),
        (_flip_with_an_if, "ambiguous"),
        (lambda x, y, m: (x[..., ::-1], y[..., ::-1]), "ValueError"),
    ],
    "04.flip-floor": [
        (_floor(lambda p: p), "beyond one half"),
        (_floor(lambda p: 1 - p), "below one half"),
        (_floor(lambda p: 0.5), "whatever the probability"),
        (_floor(lambda p: 1.0), "whole difference"),
        (_floor(lambda p: max(p, 1 - p)), "more common"),
        (_floor(lambda p: 2 * p * (1 - p)), "guessing"),
        (_floor(lambda p: p * (1 - p)), "belongs to squares"),
        (_floor(apart=lambda t: (t - t.flip(-1)) ** 2), "squared"),
        (_floor(lambda p: p * (1 - p), lambda t: (t - t.flip(-1)) ** 2), "under squares"),
        (_floor(apart=lambda t: (t - t.flip(-2)).abs()), "upside down"),
        (_floor(total=torch.sum), "summed"),
        (_floor(apart=lambda t: t - t.flip(-1)), "cancel"),
        (_floor(lambda p: min(p, 1 - p) / 2), "both factors"),
        (_floor(total=lambda x: x), "one number"),
        (_floor(total=lambda x: x.mean() / 0), "infinity"),
    ],
    "04.normalise": [
        ((lambda photo: _tensor(photo) / 255, _back), "zero to one"),
        ((lambda photo: _tensor(photo) / 255 - 0.5, _back), "one half"),
        ((_tensor, _back), "still stored"),
        ((lambda photo: _tensor(photo) / 128 - 1, _back), "how many steps"),
        ((lambda photo: _tensor(photo) / 256 * 2 - 1, _back), "how many steps"),
        ((_wrapped, _back), "wrapped round"),
        ((_reshaped, _back), "dealt out anew"),
        ((lambda photo: _there(photo).flip(0), _back), "reverse order"),
        ((_standardised, _back), "depends on the photo"),
        ((lambda photo: _there(photo) * 0.9, _back), "print both"),
        ((lambda photo: photo / 127.5 - 1, _back), "torch tensor"),
        ((lambda photo: _there(photo).permute(1, 2, 0), _back), "axes"),
        ((lambda photo: _there(photo).double(), _back), "float64"),
        ((lambda photo: _there(photo) / 0, _back), "NaN"),
        ((_there, _cut_off), "one too low"),
        ((_there, _unclamped), "wrapped round"),
        ((_there, _in_place), "in place"),
        ((_there, lambda values: torch.from_numpy(_back(values))), "numpy array"),
        ((_there, lambda values: _back(values).astype(float)), "float64"),
        ((_there, lambda values: _back(values).transpose(2, 0, 1)), "axes"),
        ((_there, lambda values: _back(values)[:, :, ::-1]), "some pixels differ"),
        ((_there, lambda values: None), "`return`"),
        ((lambda photo: None, _back), "`return`"),
        (_there, "two functions"),
        ((_there(np.zeros((2, 2, 3), np.uint8)), _back), "a function"),
    ],
    "04.explain": [
        ({"A", "C"}, "harder"),
        ({"A", "F"}, "another exposure"),
        ({"C", "F"}, "the same to both"),
        ({"A", "B", "C", "F"}, "another part"),
        ({"A", "C", "D", "F"}, "how bright"),
        ({"A", "C", "E", "F"}, "which colour"),
        ({"Z"}, "A to F"),
        (set(), "at least one"),
        (3, "letters"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("04.predict-answer", [np.float64(0.2), torch.tensor(0.38)]),
    ("04.paired-flip", _flip()),
    ("04.paired-flip", _flip_one_by_one),
    ("04.paired-flip", _flip_copies),
    ("04.flip-floor", _floor()),
    ("04.flip-floor", lambda target, p: np.float64(float(_floor()(target, p)))),
    ("04.normalise", (_there, _back)),
    ("04.explain", "a, c, f"),
]
