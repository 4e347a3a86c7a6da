"""Images as float arrays, as 8-bit arrays and as network tensors, and the conversions between them.

An image is a float32 numpy array (H, W, 3), red green blue, sRGB-encoded, in [0, 1].
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from exposure_lab.errors import ImageError

if TYPE_CHECKING:
    from torch import Tensor


Array = NDArray[np.float32]
"""An image, or one plane of it."""


UInt8CHW = NDArray[np.uint8]
"""A decoded photo: (3, H, W), channels first, sRGB, 0..255."""


ImageFunction = Callable[[Array], Array]
"""A function from an image to another of the same shape, which does not change its argument."""


BT601 = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in the grey of stored values. Source: ITU-R BT.601."""


def check_image(pixels: Array) -> None:
    """Check that an array is an image.

    Raises:
        ImageError: wrong shape, not float, not finite, or values outside [0, 1].
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise ImageError(
            f"Expected an array (H, W, 3), channels last, but got shape {pixels.shape}."
        )
    if not np.issubdtype(pixels.dtype, np.floating):
        raise ImageError(
            f"Expected floating-point values in [0, 1], not {pixels.dtype}: divide by 255."
        )
    low, high = float(np.min(pixels)), float(np.max(pixels))
    if not (low >= 0.0 and high <= 1.0):  # also catches NaN
        raise ImageError(
            f"Expected values in [0, 1], but they run from {low:.4g} to {high:.4g}: "
            "clip or rescale them first."
        )


def to_uint8(pixels: Array) -> NDArray[np.uint8]:
    """Round [0, 1] to 0..255, half up, as an 8-bit file stores it. Raises ImageError."""
    check_image(pixels)
    return (pixels * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def from_uint8(pixels: NDArray[np.uint8]) -> Array:
    """Convert 0..255 to float32 in [0, 1]; the inverse of `to_uint8`."""
    return pixels.astype(np.float32) / np.float32(255)


def to_tensor(pixels: Array) -> "Tensor":
    """Convert an image, (H, W, 3) in [0, 1], to a network's input, (3, H, W) in [-1, 1]."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))) * 2 - 1


def to_pixels(tensor: "Tensor") -> Array:
    """Convert a network's output, (3, H, W) in [-1, 1], to an image, (H, W, 3) in [0, 1]."""
    pixels: Array = (tensor.detach().float().cpu().clamp(-1, 1) + 1).mul(0.5).numpy()
    return np.ascontiguousarray(pixels.transpose(1, 2, 0))
