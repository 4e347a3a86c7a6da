"""Bilateral guided upsampling: a grid of affine colour maps, fitted and sliced.

What `benchmarks/correct.py` compares the library's guided filter with. Each cell of a coarse grid
over place and brightness holds the 3 x 4 affine map that best turns the small input's colours near
it into the small output's; a photo's pixel takes the map at its own place and brightness.

Source: Chen, Adams, Wadhwa and Hasinoff 2016 (bilateral guided upsampling), in the form that fits
each cell by itself over a window instead of solving for all cells at once; Gharbi et al. 2017.
"""

# h, w of the small copy; Y, X, Z cells of the grid: down, across, brightness

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from exposure_lab.images.array import BT601, Array

CELLS = (64, 64, 8)
RIDGE = 1e-4
"""Of the fit: how much is believed of "nothing changes" where a cell holds few colours."""

SPREAD = (1.0, 1.0, 0.6)
"""Cells over which a fit looks around it: standard deviation of a Gaussian window."""


def upsample_by_grid(image: Array, small_input: Array, small_output: Array) -> Array:
    """Apply the correction of a small copy to the photo.

    Args:
        image: (H, W, 3), sRGB in [0, 1].
        small_input, small_output: (h, w, 3), sRGB in [0, 1]: the copy and its correction.

    Returns:
        (H, W, 3), sRGB in [0, 1].
    """
    return _slice(image, _fit(small_input, small_output))


def _fit(small_input: Array, small_output: Array) -> np.ndarray:
    """(Y, X, Z, 3, 4): the ridge regression of every cell, with its neighbours' colours."""
    h, w = small_input.shape[:2]
    colours = np.concatenate([small_input, np.ones((h, w, 1))], axis=2).reshape(-1, 4)
    goal = small_output.reshape(-1, 3).astype(np.float64)
    places = _places(small_input)
    cell = np.ravel_multi_index([np.rint(place).astype(int).ravel() for place in places], CELLS)

    def gathered(values: np.ndarray) -> np.ndarray:
        sums = np.stack([np.bincount(cell, column, np.prod(CELLS)) for column in values.T], axis=-1)
        grid = sums.reshape(*CELLS, -1)
        return np.stack(
            [gaussian_filter(grid[..., i], SPREAD) for i in range(grid.shape[-1])], axis=-1
        )

    squares = gathered((colours[:, :, None] * colours[:, None]).reshape(-1, 16))
    products = gathered((colours[:, :, None] * goal[:, None]).reshape(-1, 12))
    squares = squares.reshape(*CELLS, 4, 4) + RIDGE * np.eye(4)
    # Towards the overall change of brightness, so that empty cells do something sensible.
    gain = small_output.mean() / max(float(small_input.mean()), 1e-3)
    products = products.reshape(*CELLS, 4, 3) + RIDGE * np.eye(4, 3) * gain
    return np.linalg.solve(squares, products).swapaxes(-1, -2)


def _slice(image: Array, maps: np.ndarray) -> Array:
    places = np.stack(_places(image))
    result = np.zeros(image.shape)
    for i in range(3):
        for j in range(4):
            weight = map_coordinates(maps[..., i, j], places, order=1, mode="nearest")
            result[..., i] += weight * (image[..., j] if j < 3 else 1)
    return np.clip(result, 0, 1).astype(np.float32)


def _places(image: Array) -> list[np.ndarray]:
    """Where each pixel lies in the grid, in cells; pixel centres, whatever the picture's size."""
    height, width = image.shape[:2]
    y = np.clip((np.arange(height) + 0.5) / height * CELLS[0] - 0.5, 0, CELLS[0] - 1)
    x = np.clip((np.arange(width) + 0.5) / width * CELLS[1] - 0.5, 0, CELLS[1] - 1)
    z = np.clip(image @ BT601, 0, 1) * (CELLS[2] - 1)
    return [np.broadcast_to(y[:, None], z.shape), np.broadcast_to(x, z.shape), z]
