"""The four phases of a transposed convolution, and networks whose phases have equal sums.

A 4x4 kernel with stride 2 gives every output pixel 2x2 of its taps; which ones depends on whether
row and column are even or odd. These are its four phases. On a flat input a phase paints its sum,
so four different sums paint a checkerboard.

Source: Odena et al. 2016 for the pattern; Sugawara et al. 2019 for the condition that the sums be
equal.
"""

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)

PHASES = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Taps at even or odd rows and columns of the kernel."""


def phase_sums(weight: Tensor) -> Tensor:
    """Sum the weights of each phase of a kernel.

    Args:
        weight: (C_in, C_out, K, K) of a transposed convolution with stride 2.

    Returns:
        (4, C_in, C_out), in the order of `PHASES`.
    """
    return torch.stack([weight[..., row::2, column::2].sum((-2, -1)) for row, column in PHASES])


def even_phases(network: Network) -> Network:
    """Copy a network, with equal sums of the four phases of every transposed convolution.

    Each tap of a phase is shifted by the same small amount, and the sum over a whole kernel stays.
    Away from the borders, such a network answers a flat picture with a flat one. It is a probe, no
    cure: a kernel also needs uneven phases to paint fine detail.
    """
    evened = copy.deepcopy(network)
    with torch.no_grad():
        for layer in evened.modules():
            if isinstance(layer, nn.ConvTranspose2d) and layer.stride == (2, 2):
                sums = phase_sums(layer.weight)
                missing = sums.mean(dim=0) - sums  # (4, C_in, C_out)
                for (row, column), shift in zip(PHASES, missing, strict=True):
                    taps = layer.weight[..., row::2, column::2]
                    taps += shift[..., None, None] / (taps.shape[-2] * taps.shape[-1])
    return evened
