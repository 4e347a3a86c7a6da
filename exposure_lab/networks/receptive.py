"""The receptive field of a patch logit: by formula, by gradient, and as a map over the picture.

Rows and columns follow the same rules, so the formulas are for one side. Pixels and logits are
counted from 0.
"""

# B batch, H W height and width of the picture, h w of the patch logits

import numpy as np
import torch
from torch import Tensor, nn

from exposure_lab.errors import ConfigError
from exposure_lab.images.array import Array
from exposure_lab.networks.patchgan import KERNEL, PADDING


def strides(layers: int = 3) -> tuple[int, ...]:
    """Strides of the convolutions of a `PatchGAN`, from the picture to the logits."""
    return (2,) * layers + (1, 1)


def receptive_field(layers: int = 3) -> int:
    """Side of the receptive field of a patch logit of a `PatchGAN`, px.

    From the output backwards, a convolution with kernel k and stride s turns a field of r into
    ``s r + (k - s)``: 1, 4, 7, 16, 34, 70 for three layers.

    Source: Araujo, Norris and Sim 2019; Isola et al. 2017 for the 70 px.
    """
    side = 1
    for stride in reversed(strides(layers)):
        side = stride * side + (KERNEL - stride)
    return side


def growth(layers: int = 3) -> list[int]:
    """Side of the receptive field after each convolution, px: 4 to 70 for three layers."""
    sides, side, step = [], 1, 1
    for stride in strides(layers):
        side += (KERNEL - 1) * step  # step: px between neighbours in what this convolution reads
        step *= stride
        sides.append(side)
    return sides


def field(index: int, layers: int = 3) -> tuple[int, int]:
    """First and last pixel of a logit's receptive field, which may lie beyond the picture.

    A convolution's output at i reads from ``s i - p`` to ``s i - p + k - 1``.
    """
    first = last = index
    for stride in reversed(strides(layers)):
        first = stride * first - PADDING
        last = stride * last - PADDING + KERNEL - 1
    return first, last


def seen_pixels(index: int, size: int, layers: int = 3) -> tuple[int, int]:
    """First and last pixel of a logit's receptive field within a side of ``size`` px.

    Beyond the border each convolution reads a mirror image of what lies inside the field already,
    so the field is cut off there and nothing is added.
    """
    first, last = field(index, layers)
    return max(first, 0), min(last, size - 1)


def map_side(size: int, layers: int = 3) -> int:
    """Number of patch logits along a side of ``size`` px: 30 for 256 px and three layers.

    Each block with stride 2 halves, rounding down; each of the last two convolutions takes one off.

    Raises:
        ConfigError: too few pixels for a single logit.
    """
    side = (size >> layers) - 2
    if side < 1:
        raise ConfigError(
            f"Expected a picture of at least {3 * 2**layers} px a side for a PatchGAN with "
            f"{layers} layers, but got {size} px: enlarge it, or take fewer layers."
        )
    return side


def gradient_field(
    network: nn.Module, real_input: Tensor, target: Tensor, row: int, column: int
) -> Tensor:
    """Gradient of one patch logit with respect to each pixel, as absolute values.

    In evaluation mode this is zero outside of `seen_pixels`; in training mode BatchNorm ties every
    logit to every pixel of the batch.

    Args:
        network: a `PatchGAN`, in the mode that is asked about.
        real_input, target: (1, 3, H, W), sRGB in [-1, 1].
        row, column: of the logit.

    Returns:
        (H, W): absolute derivatives of the logit, summed over all channels of both pictures.
    """
    pictures = [picture.detach().requires_grad_() for picture in (real_input, target)]
    logits = network(*pictures)  # (1, 1, h, w)
    gradients = torch.autograd.grad(logits[0, 0, row, column], pictures, allow_unused=True)
    return torch.stack([g[0].abs().sum(0) for g in gradients if g is not None]).sum(0)


def patch_map(logits: Tensor, height: int, width: int, layers: int = 3) -> Array:
    """Map patch logits to the picture as probabilities: each pixel takes the nearest field's.

    The fields' centres lie ``2**layers`` px apart, the first one and a half such steps inside the
    picture, so there is a rim that belongs to the outermost logits.

    Args:
        logits: (h, w), above zero for "real".
        height, width: of the picture, px.
        layers: of the network that gave them.

    Returns:
        (H, W), probability of "real", in [0, 1].
    """
    probability = torch.sigmoid(logits.detach().float()).cpu().numpy()
    step = 2**layers
    rows, columns = (
        np.clip(np.arange(size) // step - 1, 0, count - 1)
        for size, count in zip((height, width), probability.shape, strict=True)
    )
    over_picture: Array = probability[np.ix_(rows, columns)]
    return over_picture
