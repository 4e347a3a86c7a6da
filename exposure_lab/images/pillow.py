"""Pixels of what Pillow reads, in sRGB, whatever the mode and the profile; and what went wrong.

`io` and `photo_file` have the functions to call; these are their parts.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from exposure_lab.errors import ImageError
from exposure_lab.images.formats import SpecialFileError
from exposure_lab.images.pixel_array import pixel_array

ORIENTATION = 0x0112
HEIC_SUFFIXES = (".heic", ".heif")
"""Suffixes that are read as well, with the extra `heic`."""


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
        if isinstance(error, OSError) and error.errno is not None:
            raise ImageError(
                f"Expected to read {path}, but the system refuses ({os.strerror(error.errno)}): "
                "look at the file and its disk."
            ) from error
        reason = str(error) or type(error).__name__
        raise ImageError(
            f"Expected a whole picture in {path}, but it does not decode ({reason}): replace it."
        ) from error


def turns_when_decoded(picture: Image.Image) -> bool:
    """Whether Pillow turns a picture upright as it decodes it, which it does to TIFFs alone."""
    try:
        return picture.format == "TIFF" and picture.getexif().get(ORIENTATION) in range(2, 9)
    except Exception:  # broken metadata: it turns nothing
        return False


def refuse_animation(picture: Image.Image, path: Path) -> None:
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
            f"Expected a single picture in {path}, but it holds {frames} pictures: save one "
            "of them alone."
        )


def as_uint8(picture: Image.Image) -> NDArray[np.uint8]:
    """Convert a picture of any 8-bit mode to (H, W, 3), sRGB, 0..255."""
    converted = _in_srgb(picture)
    return pixel_array(converted if converted.mode == "RGB" else converted.convert("RGB"))


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Convert a picture to sRGB by its embedded profile, if that is whole."""
    embedded = picture.info.get("icc_profile")
    flat = {"RGBA": "RGB", "P": "RGB", "PA": "RGB", "LA": "L", "1": "L"}
    if not embedded or picture.mode not in ("RGB", "CMYK", "L", *flat):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        converted = ImageCms.profileToProfile(
            picture.convert(flat.get(picture.mode, picture.mode)),
            source,
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except Exception:  # damaged in one of many ways
        return picture
    return converted if converted is not None else picture
