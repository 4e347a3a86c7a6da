"""Pixels of what Pillow reads: upright, in sRGB, whatever the mode and the profile.

`io` and `photo_file` have the functions to call; these are their parts.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from exposure_lab.errors import ImageError
from exposure_lab.images.formats import SpecialFileError, open_image
from exposure_lab.images.icc import colours_to_srgb, usable_profile
from exposure_lab.images.sixteen_bit import read_16_bit

HEIC_SUFFIXES = (".heic", ".heif")
"""Suffixes that are read as well, where pillow-heif is installed."""


def upright(picture: Image.Image) -> Image.Image:
    """Rotate a picture as its EXIF orientation says."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # broken metadata: the picture is whole, and nobody knows where up is
        return picture


def load_picture(path: Path) -> Image.Image:
    """Decode a whole picture as it is stored, with its format and metadata.

    Raises:
        ImageError: missing, truncated, an animation, or not an image.
    """
    with explain_decode_errors(path), open_image(path) as picture:
        _refuse_animation(picture, path)
        picture.load()
        _load_exif(picture)
        return picture


@contextmanager
def explain_decode_errors(path: Path) -> Iterator[None]:
    """Turn every error over a photo into an ImageError that names it.

    Raises:
        ImageError: for every error; one that is raised inside passes unchanged.
    """
    try:
        yield
    except ImageError:
        raise
    except FileNotFoundError as error:
        raise ImageError(f"Expected a picture at {path}, but there is no such file.") from error
    except IsADirectoryError as error:
        raise ImageError(f"Expected a picture at {path}, but it is a folder.") from error
    except SpecialFileError as error:
        raise ImageError(f"Expected a picture at {path}, but it {error.strerror}.") from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"Expected a picture in {path}, but it is not an image file that this program can "
            "read: replace it."
        ) from error
    except MemoryError as error:
        raise ImageError(
            f"Expected memory for {path}, but there is not enough: close other programs, run with "
            "fewer --jobs, or shrink the photo first."
        ) from error
    except Exception as error:  # over a damaged file, a decoder raises anything
        reason = str(error) or type(error).__name__
        raise ImageError(
            f"Expected a whole picture in {path}, but it does not decode ({reason}): replace it."
        ) from error


def _load_exif(picture: Image.Image) -> None:
    """Read the parts of an EXIF block that a TIFF looks up in its file, before that is closed."""
    try:
        exif = picture.getexif()
        for part in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            exif.get_ifd(part)
    except Exception:  # no reason to refuse a photo
        picture.getexif().clear()


def _refuse_animation(picture: Image.Image, path: Path) -> None:
    """Refuse a second frame as large as the first: an animation. A smaller one is a preview."""
    frames = getattr(picture, "n_frames", 1)
    if frames == 1 or picture.format == "MPO":  # a phone's photo with its depth map behind it
        return
    size = picture.size
    picture.seek(1)
    second = picture.size
    picture.seek(0)
    if second == size:
        raise ImageError(
            f"Expected a single picture in {path}, but it holds {frames}: save one of them alone."
        )


def as_pixels(picture: Image.Image) -> NDArray[np.float32]:
    """Convert a picture of any mode to (H, W, 3), sRGB in [0, 1]."""
    if is_high_depth_grey(picture):
        scale = np.float32(1 if picture.mode == "F" else 65535)
        grey = np.asarray(picture).astype(np.float32) / scale
        return np.repeat(np.clip(grey, 0, 1)[..., None], 3, axis=2)
    return as_uint8(picture).astype(np.float32) / np.float32(255)


def sixteen_bit_pixels(path: Path, stored: Image.Image) -> NDArray[np.float32]:
    """Read a file of 16 bits a channel, see `sixteen_bit`, as (H, W, 3), sRGB in [0, 1].

    Raises:
        Exception: as `read_16_bit`.
    """
    samples = read_16_bit(path, stored)
    channels = 1 if samples.shape[2] < 3 else 3
    values = samples[..., :channels].astype(np.float32) / np.float32(65535)
    if channels == 1:
        return values.repeat(3, axis=2)
    profile = usable_profile(stored.info.get("icc_profile"), channels)
    return values if profile is None else colours_to_srgb(values, profile)


def as_uint8(picture: Image.Image) -> NDArray[np.uint8]:
    """Convert a picture of any 8-bit mode to (H, W, 3), sRGB, 0..255."""
    return np.asarray(_in_srgb(picture).convert("RGB"))


def is_high_depth_grey(picture: Image.Image) -> bool:
    """Whether a picture is 16-bit or floating-point grey."""
    return picture.mode.startswith("I") or picture.mode == "F"


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Convert a picture to sRGB by its embedded profile, if that is whole."""
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
    except Exception:  # damaged in one of many ways
        return picture
    return converted if converted is not None else picture
