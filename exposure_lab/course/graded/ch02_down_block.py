"""Graded form of chapter 02's block: another factor, another border, another leak."""

# B batch, a and b channels in and out; x the map that a block is given

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.draws import normal, pick, uniform
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

if TYPE_CHECKING:
    from torch import Tensor

    Block = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]

INSIDE = "convolution and normalisation"
BORDER = "the border"
BELOW_ZERO = "values below zero"

BORDERS = {
    "reflect": "reflect the border by one",
    "replicate": "pad the border by one with copies of the edge",
    "constant": "pad the border by one with zeros",
    "circular": "pad the border by one with what lies at the opposite edge",
}
"""Name of a padding in torch, and how a text asks for it."""


def _draw(rng: np.random.Generator) -> Variant:
    return {
        "factor": pick(rng, [3, 4, 5]),
        "border": pick(rng, list(BORDERS)),
        "slope_percent": pick(rng, [5, 10, 15, 30]),
    }


def _edits(variant: Variant) -> Mapping[str, str]:
    factor = variant["factor"]
    kernel = factor + 2
    return {
        "reflect the border by one, convolve with stride 2 and no bias": (
            f"{BORDERS[variant['border']]}, convolve with stride {factor} and no bias"
        ),
        "and end with leaky ReLU of slope 0.2.": (
            f"and end with leaky ReLU of slope {variant['slope_percent'] / 100:g}."
        ),
        '"""Halve x (B, a, H, W) by weight (b, a, 4, 4); scale, shift (b,); gives '
        '(B, b, H/2, W/2)."""': (
            f'"""Shrink x (B, a, H, W) by weight (b, a, {kernel}, {kernel}); scale, shift (b,); '
            f'gives (B, b, H/{factor}, W/{factor})."""'
        ),
    }


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    return [
        Case(part, _draw_arguments(variant, rng, part))
        for part in (INSIDE, BORDER, BELOW_ZERO)
        for _ in range(2)
    ]


def _draw_arguments(variant: Variant, rng: np.random.Generator, part: str) -> tuple[Any, ...]:
    """Draw map, weights, scale and shift such that other parts' mistakes make no difference."""
    factor = variant["factor"]
    batch, incoming, outgoing = (int(n) for n in rng.integers(2, 5, 3))
    height, width = (factor * int(n) for n in rng.integers(2, 5, 2))
    x = uniform(rng, -0.5, 1.5, batch, incoming, height, width)
    if part != BORDER:  # two black rows and columns around it: every padding gives the same
        x[..., [0, 1, -2, -1], :] = 0
        x[..., [0, 1, -2, -1]] = 0
    weight = normal(rng, outgoing, incoming, factor + 2, factor + 2)
    scale, shift = uniform(rng, 0.5, 1.5, outgoing), normal(rng, outgoing)
    if part != BELOW_ZERO:  # no normalised value is below minus the root of their number
        shift = shift.abs() + 1.5 * (batch * height * width) ** 0.5 / factor
    return x, weight, scale, shift


def down_block(
    variant: Variant,
    x: "Tensor",
    weight: "Tensor",
    scale: "Tensor",
    shift: "Tensor",
    *,
    border: str | None = None,
    norm: str = "batch",
    slope: float | None = None,
    scaled: bool = True,
    shifted: bool = True,
) -> "Tensor":
    """Compute the block that the variant asks for, or one with a usual mistake."""
    import torch
    from torch.nn import functional as F

    slope = variant["slope_percent"] / 100 if slope is None else slope
    x = F.pad(x, (1, 1, 1, 1), mode=border or variant["border"])
    x = F.conv2d(x, weight, stride=variant["factor"])
    if norm == "last":
        x = F.leaky_relu(x, slope)
    places = {"instance": (2, 3), "layer": (0, 1, 2, 3)}.get(norm, (0, 2, 3))
    if norm != "none":
        variance, mean = torch.var_mean(x, dim=places, keepdim=True, correction=0)
        x = (x - mean) / torch.sqrt(variance + 1e-5)
    x = x * scale[:, None, None] if scaled else x
    x = x + shift[:, None, None] if shifted else x
    return x if norm == "last" else F.leaky_relu(x, slope)


def _reference(variant: Variant) -> "Block":
    return partial(down_block, variant)


_PADDED = {
    "reflect": "the border was reflected: see how it is padded here",
    "replicate": "the border was padded with copies of the edge: see how it is padded here",
    "constant": "the border was padded with zeros: see how it is padded here",
    "circular": "the border was padded from the opposite edge: see how it is padded here",
}

_MISTAKES: dict[str, dict[str, Any]] = {
    "the normalisation came after the leaky ReLU": {"norm": "last"},
    "the normalisation is missing": {"norm": "none"},
    "each picture was normalised alone: take the batch together": {"norm": "instance"},
    "all channels were normalised together: each has its own mean": {"norm": "layer"},
    "the scale is missing": {"scaled": False},
    "the shift is missing": {"shifted": False},
    "negative numbers became zero, so nothing leaks": {"slope": 0.0},
    "the leaky ReLU is missing": {"slope": 1.0},
    "the leak is PyTorch's own, not the one asked for": {"slope": 0.01},
    "the leak is the chapter's, not the one asked for": {"slope": 0.2},
}


def _mistakes(variant: Variant) -> "dict[str, Block]":
    others = [border for border in BORDERS if border != variant["border"]]
    borders = {_PADDED[border]: {"border": border} for border in others}
    return {
        cause: partial(down_block, variant, **how) for cause, how in (_MISTAKES | borders).items()
    }


DOWN_BLOCK = GradedQuestion(
    "02.down-block",
    "down_block",
    "write a block that shrinks a map: convolve, normalise, activate",
    "the shrunk map",
    parts={INSIDE: 2, BORDER: 1, BELOW_ZERO: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    leaves_out=("exposure_lab.networks.blocks",),
)
