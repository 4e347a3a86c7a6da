"""Judges of chapter 02's block down and of its way up: other weights, the report's order."""

# x the map that a block is given, w its weights

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from exposure_lab.course.expectations import Wrong, call, expect, first_cause, tensor
from exposure_lab.course.graded.ch02_down_block import down_block

CHAPTER = {"factor": 2, "border": "reflect", "slope_percent": 20}
"""The report's block down, among the variants of `down_block`."""


def judge_down_block(answer: Any) -> None:
    """Judge ``down_block(x, weight, scale, shift)``. Raises Wrong with the likely cause."""
    draw = torch.Generator().manual_seed(2)
    for height, width in ((8, 8), (6, 10)):
        x = 2 * torch.rand(2, 3, height, width, generator=draw) + 0.5  # a mean that is not zero
        w = torch.randn(5, 3, 4, 4, generator=draw)
        w[0] *= 0.05  # a channel that hardly varies shows what is added under the root
        scale, shift = torch.rand(5, generator=draw) + 0.5, torch.randn(5, generator=draw)
        copies = [parameter.clone() for parameter in (x, w, scale, shift)]
        shape = (2, 5, height // 2, width // 2)
        got = tensor(call(answer, *copies), shape, "the halved map")
        expect(
            torch.equal(copies[0], x),
            "Expected the map to stay as it was, but the function changed it in place.",
        )
        mistakes = {
            cause: down_block(CHAPTER, x, w, scale, shift, **options)
            for cause, options in _BLOCK_MISTAKES.items()
        }
        if cause := first_cause(mistakes, got, _same):
            raise Wrong(f"Expected another map: {cause}.")
        expect(
            _same(got, down_block(CHAPTER, x, w, scale, shift)),
            "Expected convolution, normalisation and leaky ReLU in this order, but the numbers "
            "differ: print the map after each step.",
        )


_BLOCK_MISTAKES: dict[str, dict[str, Any]] = {
    "the border was padded with zeros": {"border": "constant"},
    "the border was padded with copies of the edge: reflect it": {"border": "replicate"},
    "negative numbers became zero, so nothing leaks": {"slope": 0.0},
    "the leak is PyTorch's own, not the one asked for": {"slope": 0.01},
    "the leaky ReLU is missing": {"slope": 1.0},
    "the normalisation came after the leaky ReLU": {"norm": "last"},
    "the normalisation is missing": {"norm": "none"},
    "each picture was normalised alone: take the batch together": {"norm": "instance"},
    "all channels were normalised together: each has its own mean": {"norm": "layer"},
    "the scale is missing": {"scaled": False},
    "the shift is missing": {"shifted": False},
}


def judge_way_up(answer: Any) -> None:
    """Judge ``way_up(x, skips, ups)``. Raises Wrong with the likely cause."""
    draw = torch.Generator().manual_seed(2)
    channels = [4, 3, 2]  # of the skips, the finest last
    skips = [torch.randn(2, c, 2**i, 2**i, generator=draw) for i, c in enumerate(channels, 1)]
    x = torch.randn(2, 6, 1, 1, generator=draw)
    incoming = [6, *(2 * c for c in channels)]
    weights = [
        torch.randn(a, b, 4, 4, generator=draw) for a, b in zip(incoming, channels, strict=False)
    ]
    ups = [_upsample(w) for w in weights]
    got = tensor(_call_way_up(answer, x, skips[::-1], ups), (2, 4, 8, 8), "the last map")
    mistakes = {
        "the skip's channels stand before the block's own": _way_up(x, skips, ups, own_first=False),
        "the skips were replaced by copies of the block's own map": _way_up(
            x, skips, ups, copied=True
        ),
        "the last map is joined by nothing": _way_up(x, skips, ups, last=False),
    }
    if cause := first_cause(mistakes, got, _same):
        raise Wrong(f"Expected another map: {cause}.")
    expect(
        _same(got, _way_up(x, skips, ups)),
        "Expected each block's map beside the skip of its size, but the numbers differ: check what "
        "is joined, and when.",
    )


Layer = Callable[[Tensor], Tensor]


def _upsample(w: Tensor) -> Layer:
    return lambda x: F.conv_transpose2d(x, w, stride=2, padding=1)


def _way_up(
    x: Tensor,
    skips: list[Tensor],
    ups: list[Layer],
    *,
    own_first: bool = True,
    copied: bool = False,
    last: bool = True,
) -> Tensor:
    """Join each map with the skip of its size, or as students do by mistake."""
    for i, (up, skip) in enumerate(zip(ups, skips, strict=True)):
        own = up(x)
        both = [own, own if copied or (i + 1 == len(ups) and not last) else skip]
        x = torch.cat(both if own_first else both[::-1], dim=1)
    return x


def _call_way_up(answer: Any, x: Tensor, skips: list[Tensor], ups: list[Layer]) -> Any:
    """Call, and add the likely cause to the messages of torch that students meet here."""
    try:
        return call(answer, x, skips, ups)
    except Wrong as wrong:
        causes = {
            "except in dimension 1": "two maps of different size met: which skip is kept last",
            "except in dimension": "the maps were joined along another axis than the channels",
            "must match the size of tensor": "maps were added up: put them side by side",
            "to have": "a block received another number of channels than it takes: what is joined "
            "stands side by side, along the axis of the channels",
        }
        for part, cause in causes.items():
            if part in str(wrong) and "RuntimeError" in str(wrong):
                raise Wrong(f"Expected a map from every block up, but {cause}.") from None
        raise


def _same(got: Tensor, other: Tensor) -> bool:
    return got.shape == other.shape and bool(torch.allclose(got.float(), other, atol=1e-3))
