"""A predicted bilateral grid, and its slicing by products of small matrices, which needs no torch.

`networks.grid_slicing` does the same with torch, which can be differentiated and runs on a GPU.
"""

# H, W height and width of the photo, h of its rows that are sliced; the grid has D cells of
# brightness, Y down and X across

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.images.array import Array

FLATTEST = 0.05
"""Smallest slope of a tone curve, as a share of the uncorrected one, beyond full strength."""

WIDEST_SPAN = 512
"""Pixels of a row that are multiplied at once, at most. A product of larger matrices might start
threads of its own."""


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
    planes = np.ascontiguousarray(small.transpose(2, 0, 1))
    return float(np.abs(GridSlicer(grid, small.shape[1]).change(planes, places)).mean())


class GridSlicer:
    """Slicer of a bilateral grid for photos of one width, which corrects strips of rows.

    Between two cells a map is linear in place and brightness. So for the pixels of a row that lie
    between the same two columns of cells, all maps are one product of small matrices: the maps of
    the cells times how near each pixel is to them. What is left is a map times a colour.

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
        self._known = np.ascontiguousarray(known.transpose(3, 4, 0, 1, 2))  # (Y, X, 3, 3, D)
        across = _cells((np.arange(width) + 0.5) / width, grid.cells.shape[3])
        column = np.minimum(across.astype(np.intp), known.shape[-1] - 2)
        self._beside = (across - column).astype(np.float32)  # (W,)
        self._spans = list(_spans(column))
        self._low = grid.knots[:-1, None, None].astype(np.float32)
        widths = np.diff(grid.knots)[:, None, None].astype(np.float32)
        # By a few roundings too steep, so that each ramp has reached 1 where the next one begins.
        self._steepness = np.float32(1 + 1e-6) / widths

    def change(self, image: Array, rows: NDArray[np.float64]) -> Array:
        """Compute what the grid adds to each pixel of some rows of a photo.

        Args:
            image: (3, h, W), sRGB in [0, 1].
            rows: (h,), place of each row's centre in the photo, from 0 (top) to 1.

        Returns:
            (3, h, W), on the [0, 1] scale; not clipped.
        """
        table = self._table(rows)
        red, green, blue = image
        to_red, to_green, _ = self.grid.weights
        differences = red - blue, green - blue
        # So written, rounding takes no grey, and above all no white, out of its cell.
        brightness = blue + to_red * differences[0] + to_green * differences[1]
        changed = np.empty(image.shape, np.float32)
        for column, here in self._spans:
            near = self._nearness(brightness[:, here], self._beside[here])
            maps = np.empty((9, *near.shape[1:]), np.float32)
            np.matmul(table[:, column], near.transpose(1, 0, 2), out=maps.transpose(1, 0, 2))
            by_red, by_green, change = maps.reshape(3, 3, *near.shape[1:]).transpose(1, 0, 2, 3)
            by_red *= differences[0][:, here]
            by_green *= differences[1][:, here]
            change += by_red
            np.add(change, by_green, out=changed[:, :, here])
        return changed

    def _nearness(self, brightness: Array, beside: Array) -> Array:
        """How near pixels (h, w) are to each cell of brightness, from 0 to 1, (2 D, h, w).

        At most two of D numbers are above zero, and their sum is 1. The second half is the first
        one times the place (w,) between two columns of cells.
        """
        near = np.empty((2, len(self._low) + 1, *brightness.shape), np.float32)
        near[0, 0] = 1
        ramps = near[0, 1:]
        np.subtract(brightness, self._low, out=ramps)
        ramps *= self._steepness
        np.clip(ramps, 0, 1, out=ramps)
        for cell, next_one in pairwise(near[0]):  # a ramp less the next one is a hat
            cell -= next_one
        np.multiply(near[0], beside, out=near[1])
        return near.reshape(-1, *brightness.shape)

    def _table(self, rows: NDArray[np.float64]) -> Array:
        """Maps of each row by what `_nearness` gives, (h, X - 1, 9, 2 D).

        The first half is the map at the left one of two columns of cells, and the second by how
        much the right one differs.
        """
        down = _cells(rows, len(self._known))
        above = np.minimum(down.astype(np.intp), max(len(self._known) - 2, 0))
        below = np.minimum(above + 1, len(self._known) - 1)
        share = (down - above).astype(np.float32)[:, None, None, None, None]
        slabs = (1 - share) * self._known[above] + share * self._known[below]  # (h, X, 3, 3, D)
        pairs = np.concatenate([slabs[:, :-1], np.diff(slabs, axis=1)], axis=-1)
        return pairs.reshape(*pairs.shape[:2], 9, -1)


def _spans(column: NDArray[np.intp]) -> Iterator[tuple[int, slice]]:
    """Split a row where its column of cells changes, and after `WIDEST_SPAN` pixels."""
    ends = [*(np.flatnonzero(np.diff(column)) + 1), len(column)]
    begin = 0
    for end in ends:
        for first in range(begin, end, WIDEST_SPAN):
            yield int(column[first]), slice(first, min(first + WIDEST_SPAN, end))
        begin = end


def _cells(places: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """Convert places in a photo, from 0 to 1, to places in the grid, from 0 to cells - 1."""
    return np.clip(places * cells - 0.5, 0, cells - 1)
