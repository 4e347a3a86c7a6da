"""Resizing and centre-cropping of images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from exposure_lab.images.array import Array, from_uint8


def resample(values: Array, height: int, width: int) -> Array:
    """Resample (H, W, C) to (height, width, C), bicubic with antialiasing."""
    if values.shape[:2] == (height, width):
        return values
    channels = [
        Image.fromarray(np.ascontiguousarray(values[..., c])).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        for c in range(values.shape[2])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


def resize(pixels: Array, height: int, width: int) -> Array:
    """Resize an image, bicubic with antialiasing; overshoot is clipped to [0, 1]."""
    resized: Array = np.clip(resample(pixels, height, width), 0, 1)
    return resized


def small_copy(pixels: NDArray[Any], height: int, width: int) -> Array:
    """Downsample a photo for a network, and convert it to [0, 1].

    Args:
        pixels: (H, W, C), as 0..255, 0..65535 or [0, 1], by its type.
        height, width: size of the copy, px.

    Returns:
        (height, width, C) in [0, 1].
    """
    if pixels.dtype == np.uint8:  # all channels at once, which is quicker and takes less memory
        picture = Image.fromarray(pixels if pixels.shape[2] > 1 else pixels[..., 0])
        small = np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))
        return from_uint8(small.reshape(height, width, -1))
    top = np.float32(1 if pixels.dtype == np.float32 else 65535)
    return resize(pixels.astype(np.float32) / top, height, width)


def shrink(pixels: Array, short_side: int) -> Array:
    """Resize an image so that its short side is ``short_side`` px, also where it was shorter."""
    height, width = pixels.shape[:2]
    scale = short_side / min(height, width)
    return resize(
        pixels, max(short_side, round(height * scale)), max(short_side, round(width * scale))
    )


def center_square(pixels: Array, size: int | None = None) -> Array:
    """Crop the central square of an image: the largest, or ``size`` px where given."""
    height, width = pixels.shape[:2]
    size = size or min(height, width)
    top, left = (height - size) // 2, (width - size) // 2
    return pixels[top : top + size, left : left + size]
