"""What Pillow reads, as pixels: upright, in sRGB, whatever the mode and the profile.

`image` has the functions to call; these are its eyes.
"""

import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from exposure_lab.errors import ImageError

HEIC_SUFFIXES = (".heic", ".heif")
"""What is read as well where pillow-heif is installed."""


def open_picture(path: Path) -> Image.Image:
    """Decode a whole picture and turn it upright; mode and profile stay.

    Raises:
        ImageError: missing, truncated, or not a picture at all.
    """
    if path.suffix.lower() in HEIC_SUFFIXES:
        _learn_heic(path)
    try:
        with warnings.catch_warnings():
            # Pillow only warns at pictures above 89 MP; those still fit into memory.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                picture.load()
                return ImageOps.exif_transpose(picture)
    except FileNotFoundError as error:
        raise ImageError(f"Expected a picture at {path}, but there is no such file.") from error
    except IsADirectoryError as error:
        raise ImageError(f"Expected a picture at {path}, but it is a folder.") from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"Expected a picture in {path}, but its content is none that can be read: replace it."
        ) from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ImageError(
            f"Expected a whole picture in {path}, but it does not decode ({error}): replace it."
        ) from error


def _learn_heic(path: Path) -> None:
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise ImageError(
            f"Expected pillow-heif for {path.name}, but it is not installed: run "
            "`pip install pillow-heif`."
        ) from error
    register_heif_opener()


def as_pixels(picture: Image.Image) -> NDArray[np.float32]:
    """Any mode of Pillow to (H, W, 3), sRGB in [0, 1]."""
    if is_deep(picture):
        scale = np.float32(1 if picture.mode == "F" else 65535)
        grey = np.asarray(picture).astype(np.float32) / scale
        return np.repeat(np.clip(grey, 0, 1)[..., None], 3, axis=2)
    return as_uint8(picture).astype(np.float32) / np.float32(255)


def as_uint8(picture: Image.Image) -> NDArray[np.uint8]:
    """Any mode of 8 bits to (H, W, 3), sRGB, 0..255."""
    return np.asarray(_in_srgb(picture).convert("RGB"))


def is_deep(picture: Image.Image) -> bool:
    """Whether it is 16-bit or floating-point grey."""
    return picture.mode.startswith("I") or picture.mode == "F"


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Convert through the embedded profile; a broken profile is as good as none."""
    embedded = picture.info.get("icc_profile")
    if not embedded or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        converted = ImageCms.profileToProfile(
            picture.convert("RGB") if picture.mode == "RGBA" else picture,
            source,
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return converted if converted is not None else picture
