"""Pictures as arrays: reading, writing, and the sRGB curve.

An image is a float32 numpy array (H, W, 3), red green blue, sRGB-encoded, in [0, 1].
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from exposure_lab.deep import is_deep
from exposure_lab.errors import ImageError
from exposure_lab.files import atomic_path
from exposure_lab.pictures import (
    as_pixels,
    as_uint8,
    decoding,
    deep_pixels,
    is_deep_grey,
    load_picture,
    upright,
)

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float32]

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp")
"""What `read_image` reads and `write_image` writes, in lower case; for more see `pictures`."""


def read_image(path: Path | str) -> Array:
    """Read a picture as it is meant to be seen.

    The EXIF orientation is applied, an embedded colour profile is converted to sRGB, grey becomes
    three equal channels, CMYK is converted, transparency is dropped (the colours under it stay).

    Returns:
        (H, W, 3), sRGB in [0, 1].

    Raises:
        ImageError: missing, truncated, or not a picture at all.
    """
    path = Path(path)
    with decoding(path):
        stored = load_picture(path)
        return deep_pixels(path, stored) if is_deep(path, stored) else as_pixels(upright(stored))


def read_uint8(path: Path | str) -> NDArray[np.uint8]:
    """The same as 8-bit values, (H, W, 3), sRGB, 0..255; deeper pictures are rounded.

    Raises:
        ImageError: as `read_image`.
    """
    path = Path(path)
    with decoding(path):
        stored = load_picture(path)
        if is_deep(path, stored):
            return to_uint8(deep_pixels(path, stored))
        picture = upright(stored)
        return to_uint8(as_pixels(picture)) if is_deep_grey(picture) else as_uint8(picture)


def write_image(
    path: Path | str,
    pixels: Array | NDArray[np.uint8],
    *,
    quality: int = 95,
) -> None:
    """Write an 8-bit sRGB picture, whole or not at all; the suffix decides the format.

    Args:
        path: with a suffix that Pillow knows, such as ``.jpg`` or ``.png``.
        pixels: (H, W, 3), sRGB in [0, 1], or already as 8-bit values.
        quality: of a JPEG or WebP, 1 to 100.

    Raises:
        ImageError: the suffix names no format, or the array is not an image.
        FilesError: no space or no permission.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ImageError(
            f"Expected a file name that ends in {', '.join(SUFFIXES)}, but got {path.name!r}."
        )
    options: dict[str, Any] = {"quality": quality} if path.suffix.lower() != ".png" else {}
    if path.suffix.lower() in (".jpg", ".jpeg"):
        options["subsampling"] = 0  # full colour resolution: what is measured is the exposure
    picture = Image.fromarray(pixels if pixels.dtype == np.uint8 else to_uint8(pixels))  # type: ignore[arg-type]
    with atomic_path(path) as temporary:
        picture.save(temporary, **options)


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


def srgb_to_linear(srgb: Array) -> Array:
    """Undo the sRGB curve: from display values to amounts of light, both in [0, 1].

    Source: IEC 61966-2-1.
    """
    toe = srgb / 12.92
    curve = ((np.maximum(srgb, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(srgb <= 0.04045, toe, curve).astype(np.float32)


def linear_to_srgb(linear: Array) -> Array:
    """Apply the sRGB curve: from amounts of light to display values, both in [0, 1].

    Source: IEC 61966-2-1.
    """
    toe = linear * 12.92
    curve = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, toe, curve).astype(np.float32)


def resample(values: Array, height: int, width: int) -> Array:
    """Bring (H, W, C) to (height, width, C) by bicubic interpolation with antialiasing."""
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
    """`resample` for images: bicubic overshoot is clipped to [0, 1]."""
    resized: Array = np.clip(resample(pixels, height, width), 0, 1)
    return resized


def small_copy(pixels: NDArray[Any], height: int, width: int) -> Array:
    """What a network is to see of a photo: resized, and brought to [0, 1].

    Args:
        pixels: (H, W, C), as 0..255, 0..65535 or [0, 1], by its type.
        height, width: of the copy.

    Returns:
        (height, width, C) in [0, 1].
    """
    if pixels.dtype == np.uint8:  # in one piece, which is quicker and takes less memory
        picture = Image.fromarray(pixels if pixels.shape[2] > 1 else pixels[..., 0])
        small = np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))
        return from_uint8(small.reshape(height, width, -1))
    top = np.float32(1 if pixels.dtype == np.float32 else 65535)
    return resize(pixels.astype(np.float32) / top, height, width)


def shrink(pixels: Array, short_side: int) -> Array:
    """Resize so that the short side is ``short_side`` px; smaller pictures grow to it."""
    height, width = pixels.shape[:2]
    scale = short_side / min(height, width)
    return resize(
        pixels, max(short_side, round(height * scale)), max(short_side, round(width * scale))
    )


def center_square(pixels: Array, size: int | None = None) -> Array:
    """Cut the middle square out: the largest, or ``size`` px where given."""
    height, width = pixels.shape[:2]
    size = size or min(height, width)
    top, left = (height - size) // 2, (width - size) // 2
    return pixels[top : top + size, left : left + size]
