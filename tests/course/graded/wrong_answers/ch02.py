"""Answers to the graded questions of chapter 02 as students may write them, by variant."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F


def _guess(change: Callable[[int, int, int], Any]) -> Any:
    """A maker of a prediction from side, halvings asked for, and halvings to one pixel."""
    return lambda variant: change(
        variant["side"], variant["halvings"], round(math.log2(variant["side"]))
    )


def _sizes(
    *,
    down: Any = lambda n, window, s, p: (n + p - window) // s + 1,
    up: Any = lambda n, window, s, p: s * (n - 1) + window - p,
    gaps: bool = True,
    turned: bool = False,
) -> Any:
    """A maker of output_size; without options the answer is right."""

    def make(variant: Any) -> Any:
        def output_size(n: int, k: int, s: int, p: int, transposed: bool = False) -> Any:
            window = k + (k - 1) * (variant["dilation"] - 1) if gaps else k
            both = 2 * p if (variant["padding_of"] == "a side") != turned else p
            return (up if transposed else down)(n, window, s, both)

        return output_size

    return make


def _by_torch(variant: Any) -> Any:
    """The sizes that torch itself gives; where the padding is odd, by padding first."""

    def output_size(n: int, k: int, s: int, p: int, transposed: bool = False) -> Any:
        both = 2 * p if variant["padding_of"] == "a side" else p
        x, weight, d = torch.zeros(1, 1, n), torch.zeros(1, 1, k), variant["dilation"]
        if transposed:
            return F.conv_transpose1d(x, weight, stride=s, dilation=d).shape[-1] - both
        return F.conv1d(F.pad(x, (0, both)), weight, stride=s, dilation=d).shape[-1]

    return output_size


def _block(
    *,
    pad: str | None = None,
    slope: float | None = None,
    norm: Any = None,
    norm_first: bool = True,
    stride: int = 0,
) -> Any:
    """A maker of down_block; without options the answer is right."""

    def make(variant: Any) -> Any:
        leak = variant["slope_percent"] / 100 if slope is None else slope

        def normalise(x: Any, scale: Any, shift: Any) -> Any:
            if norm is not None:
                return norm(x, scale, shift)
            return F.batch_norm(x, None, None, scale, shift, training=True)

        def down_block(x: Any, weight: Any, scale: Any, shift: Any) -> Any:
            x = F.pad(x, (1, 1, 1, 1), mode=pad or variant["border"])
            x = F.conv2d(x, weight, stride=stride or variant["factor"])
            if norm_first:
                return F.leaky_relu(normalise(x, scale, shift), leak)
            return normalise(F.leaky_relu(x, leak), scale, shift)

        return down_block

    return make


def _by_modules(variant: Any) -> Any:
    """The same block out of modules."""

    def down_block(x: Any, weight: Any, scale: Any, shift: Any) -> Any:
        mode = {"constant": "zeros"}.get(variant["border"], variant["border"])
        outgoing, incoming, kernel, _ = weight.shape
        convolution = nn.Conv2d(
            incoming, outgoing, kernel, variant["factor"], 1, bias=False, padding_mode=mode
        )
        bn = nn.BatchNorm2d(outgoing)
        with torch.no_grad():
            convolution.weight.copy_(weight)
            bn.weight.copy_(scale)
            bn.bias.copy_(shift)
        return F.leaky_relu(bn(convolution(x)), variant["slope_percent"] / 100)

    return down_block


def _other_border(variant: Any) -> Any:
    other = "replicate" if variant["border"] == "constant" else "constant"
    return _block(pad=other)(variant)


JOINS: dict[str, Any] = {
    "skip first": lambda own, skip: torch.cat([skip, own], 1),
    "sum": torch.add,
    "mean": lambda own, skip: torch.stack([own, skip]).mean(dim=0),
    "larger": lambda own, skip: torch.where(own > skip, own, skip),
}


def _way_up(join: Any = None, *, turned: bool = False, pops: bool = False) -> Any:
    """A maker of way_up; without options the answer is right."""

    def make(variant: Any) -> Any:
        def way_up(x: Any, skips: Any, ups: Any) -> Any:
            last_first = (variant["first_skip"] == "finest") != turned
            for i, up in enumerate(ups):
                place = -1 if last_first else 0
                skip = skips.pop(place) if pops else skips[-1 - i if last_first else i]
                x = (join or JOINS[variant["join"]])(up(x), skip)
            return x

        return way_up

    return make


WRONG: dict[str, list[tuple[Any, str]]] = {
    "02.predict-halvings": [
        (_guess(lambda side, n, all_: (side / n, all_)), "divided once"),
        (_guess(lambda side, n, all_: (side // 2 ** (n + 1), all_)), "one halving more"),
        (_guess(lambda side, n, all_: (side // 2 ** (n - 1), all_)), "one halving less"),
        (_guess(lambda side, n, all_: (side // 2**n, all_ + 1)), "counts the sizes"),
        (_guess(lambda side, n, all_: (side // 2**n, all_ - n)), "begin with the photo"),
        (_guess(lambda side, n, all_: side // 2**n), "2 numbers"),
        (_guess(lambda side, n, all_: (all_, side // 2**n)), "another order"),
    ],
    "02.output-size": [
        (_sizes(gaps=False), "without gaps"),
        (_sizes(turned=True), "counted"),
        (_sizes(down=lambda n, w, s, p: (n + p - w) // s), "first window"),
        (_sizes(down=lambda n, w, s, p: math.ceil((n + p - w) / s) + 1), "hangs over"),
        (_sizes(down=lambda n, w, s, p: (n + p - w) / s + 1), "fraction"),
        (_sizes(up=lambda n, w, s, p: (n + p - w) // s + 1), "`transposed`"),
        (_sizes(up=lambda n, w, s, p: s * n + w - p), "fewer gaps"),
        (_sizes(up=lambda n, w, s, p: s * (n - 1) + w + p), "not added"),
        (_sizes(up=lambda n, w, s, p: s * (n - 1) - p), "own width"),
        (_sizes(down=lambda *_: None), "`return`"),
        (lambda variant: lambda n, k, s, p: n, "TypeError"),
    ],
    "02.down-block": [
        (_other_border, "see how it is padded"),
        (_block(slope=0.2), "chapter's"),
        (_block(slope=0.01), "PyTorch's own"),
        (_block(slope=0.0), "nothing leaks"),
        (_block(slope=1.0), "is missing"),
        (_block(norm_first=False), "after the leaky ReLU"),
        (_block(norm=lambda x, a, b: F.instance_norm(x, weight=a, bias=b)), "alone"),
        (_block(norm=lambda x, a, b: x * a[:, None, None] + b[:, None, None]), "is missing"),
        (_block(norm=lambda x, a, b: F.batch_norm(x, None, None, a, training=True)), "shift"),
        (_block(norm=lambda x, a, b: F.batch_norm(x, None, None, None, b, training=True)), "scale"),
        (_block(stride=2), "shape"),
    ],
    "02.way-up": [
        (_way_up(lambda own, skip: torch.cat([own, skip], 1)), "Expected the last joined map"),
        (_way_up(lambda own, skip: own - skip), "Expected the last joined map"),
        (_way_up(torch.minimum), "Expected the last joined map"),
        (_way_up(turned=True), "raised"),
        (_way_up(lambda own, skip: None), "`return`"),
        (_way_up(lambda own, skip: own.numpy()), "numpy array"),
    ],
}

ALSO_RIGHT: dict[str, list[Any]] = {
    "02.predict-halvings": [_guess(lambda side, n, all_: [side / 2**n, float(all_)])],
    "02.output-size": [_sizes(), _by_torch],
    "02.down-block": [_block(), _by_modules],
    "02.way-up": [_way_up(), _way_up(pops=True)],
}
