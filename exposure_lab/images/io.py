"""Reading an image from a file, and writing one to a file."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from exposure_lab.errors import ImageError
from exposure_lab.files.atomic import atomic_path
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.icc import to_srgb, usable_profile
from exposure_lab.images.pillow import as_uint8
from exposure_lab.images.stored import Stored, load

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp")
"""Suffixes of files that are read and written, in lower case; `photo_file` reads more."""


def read_image(path: Path | str) -> Array:
    """Read an image file as it is meant to be seen.

    The orientation is applied: EXIF's, or XMP's where EXIF has none. A colour profile is converted
    to sRGB, grey becomes three equal channels, CMYK is converted, transparency is dropped (the
    colours under it stay).

    Returns:
        (H, W, 3), sRGB in [0, 1].

    Raises:
        ImageError: missing, truncated, not an image, or of HDR or floating-point values that do
            not fit into [0, 1].
    """
    stored = load(Path(path))
    if stored.picture is not None:
        return from_uint8(as_uint8(stored.picture))
    return _samples_in_srgb(stored)


def read_uint8(path: Path | str) -> NDArray[np.uint8]:
    """Read an image file as 8-bit values, (H, W, 3), sRGB, 0..255; more bits are rounded.

    Raises:
        ImageError: as `read_image`.
    """
    stored = load(Path(path))
    if stored.picture is not None:
        return as_uint8(stored.picture)
    return to_uint8(_samples_in_srgb(stored))


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


def _samples_in_srgb(stored: Stored) -> Array:
    """Convert the samples of a picture to (H, W, 3), sRGB in [0, 1], without transparency."""
    assert stored.samples is not None
    channels = 1 if stored.samples.shape[2] < 3 else 3
    values = stored.samples[..., :channels].astype(np.float32)
    values /= np.float32(np.iinfo(stored.samples.dtype).max)
    return to_srgb(values, usable_profile(stored.profile, channels))
