"""Decoding check of a picture file. Imports little: a second process starts in an instant."""

from pathlib import Path
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from exposure_lab.errors import ImageError
from exposure_lab.images.formats import (
    SpecialFileError,
    UnusableImageError,
    is_tiff,
    open_image,
    refuse_special_file,
)
from exposure_lab.images.metadata.carried import read_carried
from exposure_lab.images.metadata.exif_block import TURNED
from exposure_lab.images.pillow import turns_when_decoded


class Decoded(NamedTuple):
    """Result of `decode`: the size of a picture, or what is wrong with it."""

    path: Path
    size: tuple[int, int] | None = None
    """Width and height as the picture is seen, or None if it does not decode."""
    problem: str = ""
    """Clause to be read after the path."""


def decode(path: Path) -> Decoded:
    """Decode every pixel of a picture to check it; the pixels are dropped. Never raises."""
    try:
        refuse_special_file(path)
        if path.stat().st_size == 0:
            return Decoded(path, problem="is empty")
        is_upright = False
        size, unusable = _size_of_deep_tiff(path) if is_tiff(path) else None, ""
        if size is None:
            with open_image(path) as picture:
                is_upright = turns_when_decoded(picture)
                picture.load()
                size = picture.size
                carried = read_carried(path, None if picture.format == "TIFF" else picture)
                unusable = _unusable_because(path, picture)
        else:
            carried = read_carried(path, None)
    except UnidentifiedImageError:
        return Decoded(path, problem="is not an image file that this program can read")
    except FileNotFoundError:
        return Decoded(path, problem="is a link to nothing")
    except IsADirectoryError:
        return Decoded(path, problem="is a folder")
    except SpecialFileError as error:
        return Decoded(path, problem=str(error.strerror))
    except PermissionError:
        return Decoded(path, problem="may not be read by you")
    except UnusableImageError as error:
        return Decoded(path, problem=error.problem)
    except Exception as error:  # a decoder fed with rubbish raises whatever it likes
        return Decoded(path, problem=f"does not decode ({error})")
    if unusable:
        return Decoded(path, problem=unusable)
    swapped = carried.orientation in TURNED and not is_upright
    return Decoded(path, size[::-1] if swapped else size)


def _size_of_deep_tiff(path: Path) -> tuple[int, int] | None:
    """Width and height, as stored, of a TIFF that Pillow does not read in full."""
    from exposure_lab.images.deep_tiff import read_deep_tiff

    pixels = read_deep_tiff(path)
    return None if pixels is None else (pixels.shape[1], pixels.shape[0])


def _unusable_because(path: Path, picture: Image.Image) -> str:
    """Why a picture that decodes cannot be used: an animation, NaN, HDR; empty where it can."""
    from exposure_lab.images.stored import load

    is_plain = getattr(picture, "n_frames", 1) == 1 and picture.mode != "F"
    if is_plain and picture.format != "PNG":
        return ""
    try:
        load(path)  # a preview or a depth map may follow the photo, a film may not
    except UnusableImageError as error:
        return error.problem
    except ImageError:
        return f"holds {getattr(picture, 'n_frames', 1)} pictures"
    return ""
