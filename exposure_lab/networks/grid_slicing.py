"""Slicing a bilateral grid: every pixel takes the affine map at its own place and brightness."""

# B batch, C numbers in a cell of the grid; H height and W width of the picture, h of its rows that
# are sliced; the grid has D cells of brightness, Y down and X across

import torch
from torch import Tensor
from torch.nn import functional as F


def slice_grid(grid: Tensor, depth: Tensor, top: int = 0, height: int | None = None) -> Tensor:
    """Interpolate a bilateral grid at each pixel of some rows of a picture, linearly in all axes.

    A cell's place is its centre, as a pixel's is; beyond the outermost centres the grid is
    constant. The rows of the grid are mixed first, once for each row of the picture: what is left
    is one flat slab of brightness by width, for which a sampler of flat pictures is enough. It is
    several times as fast as one in three dimensions.

    Args:
        grid: (B, C, D, Y, X), float.
        depth: (B, h, W), from 0 (the first cell of brightness) to D - 1 (the last).
        top: first of the rows.
        height: H, of the whole picture; h where not given.

    Returns:
        (B, C, h, W): what the grid holds for each pixel.

    Source: Chen, Paris and Durand 2007 (the bilateral grid); Gharbi et al. 2017, section 3.3
    (slicing by a learned guide).
    """
    B, C, D, _, X = grid.shape
    h, W = depth.shape[1:]
    down = _mixing(height or h, grid)[top : top + h]  # (h, Y)
    slabs = torch.einsum("hy,bcdyx->bhcdx", down, grid).reshape(B * h, C, D, X)
    across = _places(W, X, grid) * (2 / max(X - 1, 1)) - 1  # the sampler counts from -1 to 1
    upwards = depth / (D - 1) * 2 - 1  # exactly 1 in the last cell
    places = torch.stack([across.expand_as(upwards), upwards], dim=-1).reshape(B * h, 1, W, 2)
    sampled = F.grid_sample(slabs, places, padding_mode="border", align_corners=True)
    return sampled.reshape(B, h, C, W).transpose(1, 2)


def roughness(grid: Tensor) -> Tensor:
    """Roughness of a bilateral grid: the mean square of its second differences, over its axes.

    It is 0 where the maps change evenly over brightness, height and width; a kink between two cells
    would show in a smooth sky as a band.

    Args:
        grid: (B, C, D, Y, X).

    Returns:
        A scalar: the sum over the three axes; one of fewer than three cells adds nothing.

    Source: Eilers and Marx 1996 (penalties on second differences).
    """
    total = grid.new_zeros(())
    for axis in (2, 3, 4):
        if grid.shape[axis] > 2:
            total = total + grid.diff(n=2, dim=axis).square().mean()
    return total


def _mixing(height: int, grid: Tensor) -> Tensor:
    """How much of each of the grid's rows belongs to each row of the picture, (H, Y)."""
    rows = torch.arange(grid.shape[3], device=grid.device, dtype=grid.dtype)
    place = _places(height, grid.shape[3], grid)
    return (1 - (place[:, None] - rows).abs()).clamp(min=0)


def _places(pixels: int, cells: int, grid: Tensor) -> Tensor:
    """Where the centres of pixels lie in the grid, in cells; (pixels,), from 0 to cells - 1."""
    centres = torch.arange(pixels, device=grid.device, dtype=grid.dtype) + 0.5
    return (centres * (cells / pixels) - 0.5).clamp(0, cells - 1)
