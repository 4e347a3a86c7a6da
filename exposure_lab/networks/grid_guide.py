"""The guide of a bilateral grid: which of its cells of brightness a pixel belongs to."""

# B batch, H height, W width; the grid has D cells of brightness

from itertools import pairwise

import torch
from torch import Tensor, nn

from exposure_lab.images.array import BT601

THINNEST = 0.2
"""Smallest cell of brightness, as a share of an even one."""


class Guide(nn.Module):
    """Guide of a bilateral grid: a pixel's brightness, and which cell it belongs to.

    Brightness is a mean of red, green and blue with learned weights above zero; the borders between
    cells are learned as well and stay in order. So the guide rises with each channel.

    Args:
        bins: D, cells of brightness.
    """

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.bins = bins
        self.channels = nn.Parameter(torch.tensor(BT601, dtype=torch.float32).log())
        self.cells = nn.Parameter(torch.zeros(bins - 1))

    @property
    def weights(self) -> Tensor:
        """Weights of red, green and blue in a pixel's brightness, (3,); their sum is 1."""
        return self.channels.softmax(0)

    @property
    def widths(self) -> Tensor:
        """Distances between neighbouring knots, (D - 1,); above zero, and their sum is 1."""
        even = 1 / (self.bins - 1)
        return (1 - THINNEST) * self.cells.softmax(0) + THINNEST * even

    def knots(self) -> Tensor:
        """Brightness at the centre of each cell, (D,), from 0 to 1 exactly."""
        inner = self.widths.cumsum(0)[:-1]
        return torch.cat([inner.new_zeros(1), inner, inner.new_ones(1)])

    def forward(self, image: Tensor) -> Tensor:
        """Find each pixel's place among the cells of brightness.

        Args:
            image: (B, 3, H, W), sRGB in [0, 1].

        Returns:
            (B, H, W), from 0 to D - 1; linear in brightness between two knots.
        """
        return find_depth(image, self.weights, self.knots())


def find_depth(image: Tensor, weights: Tensor, knots: Tensor) -> Tensor:
    """Find each pixel's place among the cells of brightness of a guide.

    Args:
        image: (B, 3, H, W), sRGB in [0, 1].
        weights: (3,), see `Guide.weights`.
        knots: (D,), see `Guide.knots`.

    Returns:
        (B, H, W), from 0 to D - 1; linear in brightness between two knots.
    """
    red, green, blue = image.unbind(1)
    to_red, to_green, _ = weights
    # So written, rounding takes no grey, and above all no white, out of its cell.
    brightness = blue + to_red * (red - blue) + to_green * (green - blue)
    depth = torch.zeros_like(brightness)
    for low, high in pairwise(knots):
        depth = depth + ((brightness - low) / (high - low)).clamp(0, 1)
    return depth
