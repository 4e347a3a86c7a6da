"""Whether a file holds a whole picture. Imports little: a second process starts in an instant."""

from pathlib import Path
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from exposure_lab.errors import ImageError
from exposure_lab.images.formats import SpecialFileError, open_image, refuse_special_file

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
        refuse_special_file(path)
        if path.stat().st_size == 0:
            return Decoded(path, problem="is empty")
        with open_image(path) as picture:
            picture.load()
            width, height = picture.size
            turned = picture.getexif().get(ORIENTATION) in TURNED
            unfit = _unfit(path, picture)
    except UnidentifiedImageError:
        return Decoded(path, problem="is no picture that can be read")
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
    if unfit:
        return Decoded(path, problem=unfit)
    return Decoded(path, (height, width) if turned else (width, height))


def _unfit(path: Path, picture: Image.Image) -> str:
    """Why a picture that decodes is of no use all the same; both are rare, and looked for late."""
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
