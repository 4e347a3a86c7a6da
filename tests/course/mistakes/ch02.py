"""Mistakes that students make in chapter 02, each with a word of the sentence it gets."""

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

NAMES = {"math": math, "torch": torch, "nn": nn, "F": F}


def _sizes(down: Any, up: Any) -> Any:
    """An output_size made of two rules."""
    return lambda n, k, s, p, transposed=False: (up if transposed else down)(n, k, s, p)


def _down(n: int, k: int, s: int, p: int) -> int:
    return (n + 2 * p - k) // s + 1


def _up(n: int, k: int, s: int, p: int) -> int:
    return s * (n - 1) + k - 2 * p


def _block(
    *,
    pad: str = "reflect",
    stride: int = 2,
    norm: Any = None,
    activate: Any = lambda x: F.leaky_relu(x, 0.2),
    norm_first: bool = True,
) -> Any:
    """A down_block as a student may write it; without options it is right."""

    def block(x: Any, weight: Any, scale: Any, shift: Any) -> Any:
        x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode=pad), weight, stride=stride)

        def normalise(x: Any) -> Any:
            if norm is not None:
                return norm(x, scale, shift)
            return F.batch_norm(x, None, None, scale, shift, training=True)

        return activate(normalise(x)) if norm_first else normalise(activate(x))

    return block


def _by_hand(x: Any, scale: Any, shift: Any) -> Any:
    """Batch normalisation without the small number under its root."""
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    spread = x.var(dim=(0, 2, 3), keepdim=True, correction=0).sqrt()
    return (x - mean) / spread * scale[:, None, None] + shift[:, None, None]


def _by_layers(x: Any, weight: Any, scale: Any, shift: Any) -> Any:
    """The same block out of modules."""
    incoming, outgoing = weight.shape[1], weight.shape[0]
    convolution = nn.Conv2d(incoming, outgoing, 4, 2, 1, bias=False, padding_mode="reflect")
    norm = nn.BatchNorm2d(outgoing)
    with torch.no_grad():
        convolution.weight.copy_(weight)
        norm.weight.copy_(scale)
        norm.bias.copy_(shift)
    return F.leaky_relu(norm(convolution(x)), 0.2)


def _in_place(x: Any, weight: Any, scale: Any, shift: Any) -> Any:
    halved = _block()(x, weight, scale, shift)
    x.mul_(0)
    return halved


def _way_up(
    *,
    backwards: bool = True,
    join: Any = lambda own, skip: torch.cat([own, skip], dim=1),
    after: bool = True,
) -> Any:
    """A way_up as a student may write it; without options it is right."""

    def climb(x: Any, skips: Any, ups: Any) -> Any:
        for up, skip in zip(ups, reversed(skips) if backwards else skips, strict=True):
            x = join(up(x), skip) if after else up(join(x, skip))
        return x

    return climb


def _last_alone(x: Any, skips: Any, ups: Any) -> Any:
    for up, skip in zip(ups[:-1], skips[:0:-1], strict=True):
        x = torch.cat([up(x), skip], dim=1)
    return ups[-1](x)


def _popping(x: Any, skips: Any, ups: Any) -> Any:
    for up in ups:
        x = torch.cat((up(x), skips.pop()), 1)
    return x


WRONG: dict[str, list[tuple[Any, str]]] = {
    "02.predict-halvings": [
        ((4, 8), "how many sizes"),
        ((2, 7), "after six"),
        ((8, 7), "after four"),
        ((25.6, 7), "divided once"),
        ((16, 7), "write down"),
        ((4, 6), "go on halving"),
        (4, "two numbers"),
        ((None, None), "one number"),
        (None, "none"),
    ],
    "02.output-size": [
        (_sizes(lambda n, k, s, p: (n + 2 * p - k) // s, _up), "first window"),
        (_sizes(lambda n, k, s, p: (n + p - k) // s + 1, _up), "both sides"),
        (_sizes(lambda n, k, s, p: (n - k) // s + 1, _up), "left out"),
        (_sizes(lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1, _up), "round down"),
        (_sizes(lambda n, k, s, p: (n + 2 * p - k) / s + 1, _up), "whole"),
        (_sizes(lambda n, k, s, p: n // s, _up), "chapter's"),
        (_sizes(_up, _down), "after a transposed"),
        (_sizes(lambda n, k, s, p: n, _up), "by hand"),
        (_sizes(lambda n, k, s, p: n / 3, _up), "fraction"),
        (_sizes(_down, _down), "looked at"),
        (_sizes(_down, lambda n, k, s, p: s * n), "chapter's"),
        (_sizes(_down, lambda n, k, s, p: s * n + k - 2 * p), "fewer gaps"),
        (_sizes(_down, lambda n, k, s, p: s * (n - 1) + k + 2 * p), "not added"),
        (_sizes(_down, lambda n, k, s, p: s * (n - 1) + k - p), "both sides"),
        (_sizes(_down, lambda n, k, s, p: s * (n - 1) + k), "left out"),
        (_sizes(_down, lambda n, k, s, p: s * (n - 1) - 2 * p), "own width"),
        (_down, "argument"),
        (_sizes(lambda *case: None, _up), "`return`"),
        (_sizes(lambda *case: float("nan"), _up), "NaN"),
    ],
    "02.down-block": [
        (_block(pad="constant"), "zeros"),
        (_block(pad="replicate"), "reflect"),
        (_block(activate=F.relu), "nothing leaks"),
        (_block(activate=F.leaky_relu), "PyTorch's own"),
        (_block(activate=lambda x: x), "leaky ReLU is missing"),
        (_block(norm_first=False), "after the leaky ReLU"),
        (_block(norm=lambda x, a, b: x * a[:, None, None] + b[:, None, None]), "is missing"),
        (_block(norm=lambda x, a, b: F.instance_norm(x, weight=a, bias=b)), "alone"),
        (_block(norm=lambda x, a, b: F.group_norm(x, 1, a, b)), "after each step"),
        (_block(norm=lambda x, a, b: F.batch_norm(x, None, None, a, training=True)), "shift"),
        (
            _block(norm=lambda x, a, b: F.batch_norm(x, None, None, None, b, training=True)),
            "scale",
        ),
        (
            _block(norm=lambda x, a, b: F.batch_norm(x, None, None, a, b, training=True, eps=1e-3)),
            "after each step",
        ),
        (_block(stride=1), "shape"),
        (lambda x, w, a, b: _block()(x[:, :, ::2], w, a, b), "shape"),
        (_in_place, "in place"),
        (lambda *arguments: _block()(*arguments).numpy(), "numpy array"),
        (lambda *arguments: _block()(*arguments) * float("nan"), "NaN"),
        (lambda x, w, a, b: F.conv2d(x, w, stride=2, padding=1) + b, "RuntimeError"),
    ],
    "02.way-up": [
        (_way_up(backwards=False), "kept last"),
        (_way_up(after=False), "kept last"),
        (_way_up(join=lambda own, skip: torch.cat([skip, own], dim=1)), "before the block's own"),
        (_way_up(join=lambda own, skip: torch.cat([own, own], dim=1)), "copies"),
        (_way_up(join=lambda own, skip: own + skip), "number of channels"),
        (_way_up(join=lambda own, skip: own), "number of channels"),
        (_way_up(join=lambda own, skip: torch.cat([own, skip])), "number of channels"),
        (_way_up(join=lambda own, skip: torch.cat([own, skip], dim=3)), "number of channels"),
        (_last_alone, "shape"),
        (lambda x, skips, ups: x, "shape"),
        (lambda *arguments: _way_up()(*arguments).numpy(), "numpy array"),
        (lambda *arguments: _way_up()(*arguments) / 0, "infinity"),
    ],
    "02.explain": [
        ({"A", "B", "C", "E"}, "finest skip"),
        ({"A", "C", "D", "E"}, "refuse"),
        ({"A", "C", "E", "F"}, "first look"),
        ({"C", "E"}, "dashed arrows"),
        ({"A", "E"}, "six halvings"),
        ({"A", "C"}, "larger of the two"),
        ({"X"}, "A to F"),
        (set(), "at least one"),
        (5, "letters"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("02.predict-halvings", [4.0, 7]),
    ("02.output-size", _sizes(lambda n, k, s, p: math.floor((n + 2 * p - k) / s + 1), _up)),
    ("02.down-block", _by_layers),
    ("02.down-block", _block(norm=_by_hand)),
    ("02.down-block", lambda *arguments: _block()(*arguments).double()),
    ("02.way-up", _popping),
    ("02.way-up", _way_up()),
    ("02.explain", "a, c, e"),
]
