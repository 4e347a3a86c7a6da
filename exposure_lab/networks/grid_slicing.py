"""Slicing a bilateral grid: every pixel takes the affine map at its own place and brightness."""

# B batch, C numbers in a cell of the grid; H height and W width of the picture, h of its rows that
# are sliced; the grid has D cells of brightness, Y down and X across

import torch
from torch import Tensor
from torch.nn import functional as F


def slice_grid(grid: Tensor, depth: Tensor, rows: Tensor | None = None) -> Tensor:
    """Interpolate a bilateral grid at each pixel of some rows of a picture, linearly in all axes.

    A cell's place is its centre, as a pixel's is; beyond the outermost centres the grid is
    constant. The rows of the grid are mixed first, once for each row of the picture: what is left
    is one flat slab of brightness by width, for which a sampler of flat pictures is enough. It is
    several times as fast as one in three dimensions.

    Args:
        grid: (B, C, D, Y, X), float.
        depth: (B, h, W), from 0 (the first cell of brightness) to D - 1 (the last).
        rows: (h,), where these rows lie in the picture; see `row_places`. All of it, where not
            given.

    Returns:
        (B, C, h, W): what the grid holds for each pixel.

    Source: Chen, Paris and Durand 2007 (the bilateral grid); Gharbi et al. 2017, section 3.3
    (slicing by a learned guide).
    """
    B, C, D, _, X = grid.shape
    h, W = depth.shape[1:]
    if rows is None:
        rows = row_places(h, grid)
    down = _mixing(rows, grid)  # (h, Y)
    slabs = torch.einsum("hy,bcdyx->bhcdx", down, grid).reshape(B * h, C, D, X)
    columns = row_places(W, grid)
    across = _cells(columns, X) * (2 / max(X - 1, 1)) - 1  # the sampler counts from -1 to 1
    upwards = depth / (D - 1) * 2 - 1  # exactly 1 in the last cell
    places = torch.stack([across.expand_as(upwards), upwards], dim=-1).reshape(B * h, 1, W, 2)
    sampled = F.grid_sample(slabs, places, padding_mode="border", align_corners=True)
    return sampled.reshape(B, h, C, W).transpose(1, 2)


def row_places(height: int, like: Tensor, top: int = 0, stop: int | None = None) -> Tensor:
    """Place of each row of a picture, or of some: of its centre, from 0 (top) to 1 (bottom).

    Args:
        height: H, of the whole picture.
        like: a grid; the result is of its type, and lies where it does.
        top, stop: first of the rows, and the one behind the last.

    Returns:
        (h,).
    """
    stop = height if stop is None else stop
    rows = torch.arange(top, stop, device=like.device, dtype=like.dtype)
    return (rows + 0.5) / height


def slice_change(grid: Tensor, image: Tensor, depth: Tensor, rows: Tensor | None = None) -> Tensor:
    """Compute what a grid of colour maps adds to each pixel of a picture, or of some of its rows.

    Args:
        grid: (B, 12, D, Y, X): matrices that add nothing to a grey but for their last column.
        image: (B, 3, h, W), sRGB in [0, 1].
        depth, rows: see `slice_grid`.

    Returns:
        (B, 3, h, W), on the [0, 1] scale; not clipped.
    """
    # Such a matrix is known by two of its first three columns: a quarter less to slice, and a grey
    # is left alone to the bit.
    matrices = grid.unflatten(1, (3, 4))
    known = torch.stack([matrices[:, :, j] for j in (0, 1, 3)], dim=2).flatten(1, 2)
    maps: Tensor = slice_grid(known, depth, rows).unflatten(1, (3, 3))
    red, green, blue = image.unsqueeze(1).unbind(2)  # each (B, 1, h, W)
    return maps[:, :, 0] * (red - blue) + maps[:, :, 1] * (green - blue) + maps[:, :, 2]


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


def _mixing(rows: Tensor, grid: Tensor) -> Tensor:
    """How much of each of the grid's rows belongs to each row of the picture, (h, Y)."""
    own = torch.arange(grid.shape[3], device=grid.device, dtype=grid.dtype)
    place = _cells(rows, grid.shape[3])
    return (1 - (place[:, None] - own).abs()).clamp(min=0)


def _cells(places: Tensor, cells: int) -> Tensor:
    """Convert places in a picture, from 0 to 1, to places in the grid, from 0 to cells - 1."""
    return (places * cells - 0.5).clamp(0, cells - 1)
