"""Decoding check of a picture file. Imports little: a second process starts in an instant."""

from pathlib import Path
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from exposure_lab.errors import ImageError
from exposure_lab.images.formats import SpecialFileError, open_image, refuse_special_file

ORIENTATION, TURNED = 0x0112, (5, 6, 7, 8)
"""The EXIF tag for how the camera was held, and its values that swap width and height."""


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
        with open_image(path) as picture:
            picture.load()
            width, height = picture.size
            turned = picture.getexif().get(ORIENTATION) in TURNED
            unusable = _unusable_because(path, picture)
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
    except Exception as error:  # a decoder fed with rubbish raises whatever it likes
        return Decoded(path, problem=f"does not decode ({error})")
    if unusable:
        return Decoded(path, problem=unusable)
    return Decoded(path, (height, width) if turned else (width, height))


def _unusable_because(path: Path, picture: Image.Image) -> str:
    """Why a picture that decodes cannot be used: an animation, or NaN; empty where it can."""
    frames = getattr(picture, "n_frames", 1)
    if frames > 1:
        from exposure_lab.images.pillow import load_picture

        try:
            load_picture(path)  # a preview or a depth map may follow the photo, a film may not
        except ImageError:
            return f"holds {frames} pictures"
    if picture.mode == "F":
        import numpy as np

        if np.isnan(np.asarray(picture)).any():
            return "holds pixels that are no number (NaN)"
    return ""
