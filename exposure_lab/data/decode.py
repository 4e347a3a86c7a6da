"""Whether a file holds a whole picture. Imports no torch: a second process starts in an instant."""

import warnings
from pathlib import Path
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

ORIENTATION, TURNED = 0x0112, (5, 6, 7, 8)
"""The EXIF tag for how the camera was held, and its values that swap width and height."""


class Decoded(NamedTuple):
    """What `decode` found."""

    path: Path
    size: tuple[int, int] | None = None
    """Width and height as the picture is seen, or None if it does not decode."""
    problem: str = ""
    """What is wrong, to be read after the path."""


def decode(path: Path) -> Decoded:
    """Decode every pixel of a picture, and forget them. Never raises."""
    try:
        if path.stat().st_size == 0:
            return Decoded(path, problem="is empty")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a damaged EXIF block, of 100 MP: not our question
            with Image.open(path) as picture:
                picture.load()
                width, height = picture.size
                turned = picture.getexif().get(ORIENTATION) in TURNED
    except UnidentifiedImageError:
        return Decoded(path, problem="is no picture that can be read")
    except FileNotFoundError:
        return Decoded(path, problem="is a link to nothing")
    except IsADirectoryError:
        return Decoded(path, problem="is a folder")
    except PermissionError:
        return Decoded(path, problem="may not be read by you")
    except Exception as error:  # a decoder fed with rubbish raises whatever it likes
        return Decoded(path, problem=f"does not decode ({error})")
    return Decoded(path, (height, width) if turned else (width, height))
