"""A predicted bilateral grid, and its slicing by table lookup, which needs no torch.

`networks.grid_slicing` does the same with torch, which can be differentiated and runs on a GPU.
"""

# H, W height and width of the photo, h of its rows that are sliced; the grid has D cells of
# brightness, Y down and X across

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.images.array import Array

FLATTEST = 0.05
"""Smallest slope of a tone curve, as a share of the uncorrected one, beyond full strength."""


class BilateralGrid(NamedTuple):
    """A bilateral grid of affine colour maps that a network predicted for one photo."""

    cells: Array
    """(12, D, Y, X): the three rows of the 3x4 matrix that tells what is added to a colour in
    [0, 1]; see `BilateralGridNet.grid`."""
    weights: Array
    """(3,): weights of red, green and blue in a pixel's brightness; their sum is 1."""
    knots: Array
    """(D,): brightness at the centre of each cell, from 0 to 1."""

    def beyond_full(self, strength: float) -> "BilateralGrid":
        """Strengthen the correction; each part of a tone curve goes as far as it can and rises.

        Args:
            strength: from 1 up; 2 is twice the correction.
        """
        matrices = self.cells.reshape(3, 4, *self.cells.shape[1:]).astype(np.float32)
        matrices *= np.float32(strength)
        curve = matrices[:, 3]  # (3, D, Y, X): what is added to a grey
        widths = np.diff(self.knots)[:, None, None]
        rise = np.maximum(widths + np.diff(curve, axis=1), FLATTEST * widths)
        curve[:, 1:] = curve[:, :1] + np.cumsum(rise - widths, axis=1)
        return self._replace(cells=matrices.reshape(self.cells.shape))


def mean_change(grid: BilateralGrid, small: Array) -> float:
    """Compute by how much a correction changes a picture: on average, on the [0, 1] scale.

    Args:
        grid: the correction.
        small: (h, w, 3), sRGB in [0, 1], such as the small copy that the network saw.
    """
    places = (np.arange(len(small)) + 0.5) / len(small)
    return float(np.abs(GridTable(grid, small.shape[1]).change(small, places)).mean())


class GridTable:
    """Table of a bilateral grid for photos of one width, in which each pixel looks up its map.

    Between two cells a map is linear in place and brightness, so a pixel needs one row of the
    table: the maps at the four corners of its column of cells, all other axes being mixed before.

    Args:
        grid: from a network.
        width: W.
    """

    def __init__(self, grid: BilateralGrid, width: int) -> None:
        self.grid = grid
        matrices = grid.cells.reshape(3, 4, *grid.cells.shape[1:])
        known = matrices[:, [0, 1, 3]]  # adds nothing to a grey: the third column follows
        if known.shape[-1] == 1:
            known = known.repeat(2, axis=-1)
        self._known = np.ascontiguousarray(known.transpose(3, 4, 2, 0, 1))  # (Y, X, D, 3, 3)
        across = _cells((np.arange(width) + 0.5) / width, grid.cells.shape[3])
        self._column = np.minimum(across.astype(np.intp), known.shape[-1] - 2)  # (W,)
        self._beside = (across - self._column).astype(np.float32)
        self._low = grid.knots[:-1].astype(np.float32)
        self._width = grid.knots[1:].astype(np.float32) - self._low

    def change(self, image: Array, rows: NDArray[np.float64]) -> Array:
        """Compute what the grid adds to each pixel of some rows of a photo.

        Args:
            image: (h, W, 3), sRGB in [0, 1].
            rows: (h,), place of each row's centre in the photo, from 0 (top) to 1.

        Returns:
            (h, W, 3), on the [0, 1] scale; not clipped.
        """
        table = self._table(rows)
        _, columns, cells = table.shape[:3]
        red, green, blue = image[..., 0], image[..., 1], image[..., 2]
        to_red, to_green, _ = self.grid.weights
        differences = red - blue, green - blue
        # So written, rounding takes no grey, and above all no white, out of its cell.
        brightness = blue + to_red * differences[0] + to_green * differences[1]
        cell = self._cell(brightness)
        upper = (brightness - self._low[cell]) / self._width[cell]
        index = (np.arange(len(rows))[:, None] * columns + self._column) * cells + cell
        maps = np.take(table.reshape(-1, 3, 12), index.ravel(), axis=0)
        weights = self._weights(upper, differences)
        changed: Array = np.einsum("pcf,pf->pc", maps, weights)
        return changed.reshape(image.shape)

    def _weights(self, upper: Array, differences: tuple[Array, Array]) -> Array:
        """Weight of each number of a map in what it adds to a pixel, (h * W, 12)."""
        weights = np.empty((3, 4, *upper.shape), np.float32)  # a plane each: quicker to compute
        corners = weights[2]
        np.subtract(1, upper, out=corners[0])
        corners[2] = upper
        np.multiply(corners[::2], self._beside, out=corners[1::2])
        for column, difference in enumerate(differences):
            np.multiply(corners, difference, out=weights[column])
        return np.ascontiguousarray(weights.reshape(12, -1).T)

    def _cell(self, brightness: Array) -> NDArray[np.intp]:
        """Index of each pixel's lower cell of brightness, (h, W)."""
        cell = np.zeros(brightness.shape, np.uint8)
        for knot in self._low[1:]:
            cell += brightness >= knot
        return cell.astype(np.intp)

    def _table(self, rows: NDArray[np.float64]) -> Array:
        """Maps between which pixels mix, (h, X - 1, D - 1, 3, 3, 4), for each channel of a result.

        Of the last axis, the first and the third are the maps at the cell's lower and upper
        brightness, and behind each stands by how much its neighbour to the right differs.
        """
        down = _cells(rows, len(self._known))
        above = np.minimum(down.astype(np.intp), max(len(self._known) - 2, 0))
        below = np.minimum(above + 1, len(self._known) - 1)
        share = (down - above).astype(np.float32)[:, None, None, None, None]
        slabs = (1 - share) * self._known[above] + share * self._known[below]  # (h, X, D, 3, 3)
        beside = np.diff(slabs, axis=1)
        lower, upper = np.s_[:, :, :-1], np.s_[:, :, 1:]
        left = slabs[:, :-1]
        return np.stack([left[lower], beside[lower], left[upper], beside[upper]], axis=-1)


def _cells(places: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """Convert places in a photo, from 0 to 1, to places in the grid, from 0 to cells - 1."""
    return np.clip(places * cells - 0.5, 0, cells - 1)
