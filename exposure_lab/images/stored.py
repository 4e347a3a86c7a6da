"""A picture as its file holds it: whole, at its own depth, upright, with what it carries."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from exposure_lab.images.deep_tiff import from_unit_floats, read_deep_tiff
from exposure_lab.images.formats import is_tiff, open_image
from exposure_lab.images.metadata.carried import Carried, read_carried
from exposure_lab.images.metadata.png_chunks import read_chunks
from exposure_lab.images.metadata.png_colour import png_profile
from exposure_lab.images.pillow import explain_decode_errors, refuse_animation, turns_when_decoded
from exposure_lab.images.png_file import is_deep_png, is_grey_png, read_deep_png

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What shows a picture upright, by its orientation. Source: EXIF 3.0, table 4."""


@dataclass(frozen=True)
class Stored:
    """A decoded picture: either ``picture`` or ``samples`` holds its pixels, upright."""

    carried: Carried
    picture: Image.Image | None = None
    """Of 8 bits a channel, in any of Pillow's modes."""
    samples: NDArray[Any] | None = None
    """(H, W, 1 to 4), uint8 or uint16: grey or colour, then transparency where there is some."""
    profile: bytes | None = None
    """ICC profile as the file has it, or as its other tags amount to; it may be broken."""


def load(path: Path) -> Stored:
    """Decode a whole picture, upright.

    Raises:
        ImageError: missing, truncated, an animation, not an image, or one of unknown colours.
    """
    with explain_decode_errors(path):
        if is_tiff(path) and (samples := read_deep_tiff(path)) is not None:
            carried = read_carried(path, None)
            return Stored(carried, None, _turned(samples, carried.orientation), carried.profile)
        with open_image(path) as picture:
            refuse_animation(picture, path)
            carried = read_carried(path, None if picture.format == "TIFF" else picture)
            profile = picture.info.get("icc_profile")
            if picture.format == "PNG":
                profile = png_profile(read_chunks(path), is_grey_png(path), path)
                if is_deep_png(path):
                    samples = _turned(read_deep_png(path), carried.orientation)
                    return Stored(carried, None, samples, profile)
            is_turned = turns_when_decoded(picture)
            picture.load()
            if is_turned:
                carried = replace(carried, orientation=1)
            return _of_pillow(path, picture, carried, profile)


def _of_pillow(path: Path, picture: Image.Image, carried: Carried, profile: bytes | None) -> Stored:
    """Take the pixels of a picture of 8 bits, or of grey of more."""
    if picture.mode == "F" or picture.mode.startswith("I"):
        values = np.asarray(picture)[..., None]
        deep = (
            from_unit_floats(values, path)
            if picture.mode == "F"
            else np.clip(values, 0, 65_535).astype(np.uint16)
        )
        return Stored(carried, None, _turned(deep, carried.orientation), profile)
    if picture.format in ("JPEG", "MPO"):
        picture.info["subsampling"] = max(0, JpegImagePlugin.get_sampling(picture))
    upright = picture
    if carried.orientation in TURNS:
        upright = picture.transpose(TURNS[carried.orientation])
    if profile is None:
        upright.info.pop("icc_profile", None)
    else:
        upright.info["icc_profile"] = profile
    return Stored(carried, upright, None, profile)


def _turned(samples: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Rotate pixels upright by their EXIF orientation. Source: EXIF 3.0, table 4."""
    if orientation in (5, 6, 7, 8):
        samples = samples.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    return np.ascontiguousarray(samples)
