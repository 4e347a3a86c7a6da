"""An image as an array, and the same as 8-bit values and as what a network takes.

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


ImageFunction = Callable[[Array], Array]
"""Takes an image, gives one of the same shape, and leaves the one it was given as it is."""


def check_image(pixels: Array) -> None:
    """Refuse what is not an image.

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
    """0..255 to float32 in [0, 1]; the inverse of `to_uint8`."""
    return pixels.astype(np.float32) / np.float32(255)


def to_tensor(pixels: Array) -> "Tensor":
    """What the networks take: (H, W, 3) in [0, 1] to (3, H, W) in [-1, 1], both sRGB."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))) * 2 - 1


def to_pixels(tensor: "Tensor") -> Array:
    """What the networks give: (3, H, W) in [-1, 1] to (H, W, 3) clipped to [0, 1], both sRGB."""
    pixels: Array = (tensor.detach().float().cpu().clamp(-1, 1) + 1).mul(0.5).numpy()
    return np.ascontiguousarray(pixels.transpose(1, 2, 0))
