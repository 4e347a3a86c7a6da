"""Pixels of a Pillow picture as an array, in a part of the memory that `numpy.asarray` takes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BAND = 2**24
"""Pixels that are copied at a time: `numpy.asarray` holds two more copies of what it is given."""


def pixel_array(picture: Image.Image) -> NDArray[Any]:
    """Copy the pixels of a picture: (H, W), or (H, W, C), as `numpy.asarray` gives them."""
    width, height = picture.size
    rows = max(1, BAND // max(1, width))
    if rows >= height:
        return np.asarray(picture)
    first = np.asarray(picture.crop((0, 0, width, rows)))
    pixels = np.empty((height, *first.shape[1:]), first.dtype)
    pixels[:rows] = first
    for top in range(rows, height, rows):
        bottom = min(height, top + rows)
        pixels[top:bottom] = np.asarray(picture.crop((0, top, width, bottom)))
    return pixels
