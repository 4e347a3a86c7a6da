"""Reading and writing a photo with all that its file holds: depth, colours and metadata stay.

`images.io` converts every picture to sRGB in [0, 1] and forgets what it was. Here it is kept, so
that a corrected photo goes back into a file of the same kind.
"""

# H height, W width; C channels: 1 for grey, 3 for colour

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from exposure_lab.errors import ImageError
from exposure_lab.files.atomic import atomic_path
from exposure_lab.images.array import BT601, Array
from exposure_lab.images.icc import colours_from_srgb, colours_to_srgb, usable_profile
from exposure_lab.images.io import SUFFIXES
from exposure_lab.images.pillow import (
    HEIC_SUFFIXES,
    as_uint8,
    explain_decode_errors,
    load_picture,
    upright,
)
from exposure_lab.images.raw import RAW_SUFFIXES, read_raw
from exposure_lab.images.sixteen_bit import (
    DESCRIBING,
    ORIENTATION,
    PARTS,
    SIXTEEN_BIT_SUFFIXES,
    encode_png,
    encode_tiff,
    has_16_bit,
    read_16_bit,
)

PHOTO_SUFFIXES = (*SUFFIXES, *HEIC_SUFFIXES, *RAW_SUFFIXES)
"""Suffixes of files that `read_photo` takes, in lower case."""

QUALITY = 95
"""Quality of a JPEG or WebP, 1 to 100."""


@dataclass(frozen=True)
class PhotoFile:
    """A photo as its file holds it, upright: pixels, transparency, colour profile and metadata."""

    pixels: NDArray[Any]
    """(H, W, C), uint8 or uint16, in the colours of `profile`."""
    alpha: NDArray[Any] | None = None
    """(H, W), of the same type; None where everything is opaque."""
    profile: bytes | None = None
    """ICC profile of the pixels; None is sRGB."""
    extras: dict[str, Any] = field(default_factory=dict)
    """Metadata that is kept, as Pillow names it: ``exif``, ``xmp``, ``dpi``, ``subsampling``."""


def read_photo(path: Path | str) -> PhotoFile:
    """Read a photo with everything that its corrected version should keep.

    Grey stays grey; palettes become colour; printing colours (CMYK) become sRGB. The EXIF
    orientation is applied. A profile that is broken, or not of the pixels' kind, is dropped. RAW
    files are developed to 16 bits.

    Raises:
        ImageError: missing, truncated, an animation, or not a picture at all.
    """
    path = Path(path)
    if path.suffix.lower() in RAW_SUFFIXES:
        return PhotoFile(np.round(read_raw(path) * 65535).astype(np.uint16))
    with explain_decode_errors(path):
        stored = load_picture(path)
        samples = (
            read_16_bit(path, stored) if has_16_bit(path, stored) else _samples(upright(stored))
        )
        channels = 1 if samples.shape[2] < 3 else 3
        alpha = samples[..., channels] if samples.shape[2] > channels else None
        converted = stored.mode in ("CMYK", "YCbCr", "LAB", "HSV")
        profile = None if converted else usable_profile(stored.info.get("icc_profile"), channels)
        return PhotoFile(samples[..., :channels], alpha, profile, _extras(stored))


def write_photo(path: Path | str, photo: PhotoFile, *, overwrite: bool = True) -> None:
    """Write a photo, whole or not at all; the suffix decides the format.

    Depth is kept in PNG and TIFF, transparency in these and in WebP.

    Args:
        path: where it goes.
        photo: from `read_photo`.
        overwrite: replace a file that is there, or has appeared there in the meantime.

    Raises:
        ImageError: the suffix names no format that can be written.
        FilesError: no space, no permission, or a file is there and is not to be replaced.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ImageError(
            f"Expected a file name that ends in {', '.join(SUFFIXES)}, but got {path.name!r}."
        )
    samples = photo.pixels
    if photo.alpha is not None and suffix in (*SIXTEEN_BIT_SUFFIXES, ".webp"):
        samples = np.concatenate([samples, photo.alpha[..., None]], axis=2)
    with atomic_path(path, replace=overwrite) as temporary, _name_in_error(path):
        if samples.dtype == np.uint16 and suffix in SIXTEEN_BIT_SUFFIXES:
            encode = encode_png if suffix == ".png" else encode_tiff
            temporary.write_bytes(encode(samples, photo.profile, photo.extras.get("exif")))
        else:
            _save(temporary, samples, suffix, photo)


@contextmanager
def _name_in_error(path: Path) -> Iterator[None]:
    """Name the photo that an encoder refuses; `atomic_path` names what the disk refuses."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise ImageError(
            f"Expected a photo that can be written as {path}, but its encoder refuses ({error}): "
            "choose another format with --out."
        ) from error


def to_srgb(values: Array, profile: bytes | None) -> Array:
    """Convert a photo's pixels, (H, W, C) in [0, 1], to (H, W, 3), sRGB in [0, 1].

    What sRGB cannot show is clipped. Grey counts as sRGB, whatever its profile.
    """
    if values.shape[2] == 1:
        return values.repeat(3, axis=2)
    return values if profile is None else colours_to_srgb(values, profile)


def from_srgb(values: Array, profile: bytes | None, channels: int) -> Array:
    """Convert (H, W, 3), sRGB in [0, 1], to (H, W, C) in a photo's own colours.

    Source: ITU-R BT.601 for the grey.
    """
    if channels == 1:
        return (values @ BT601.astype(np.float32))[..., None]  # as Pillow weighs them
    return values if profile is None else colours_from_srgb(values, profile)


def to_unit_range(pixels: NDArray[Any]) -> Array:
    """Convert 0..255 or 0..65535 to float32 in [0, 1]."""
    return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)


def from_unit_range(values: Array, kind: np.dtype[Any]) -> NDArray[Any]:
    """Round [0, 1] to the nearest integers of uint8 or uint16."""
    shifted: NDArray[Any] = values * np.float32(np.iinfo(kind).max) + np.float32(0.5)
    return np.asarray(shifted.astype(kind))


def _samples(picture: Image.Image) -> NDArray[Any]:
    """Pixels (H, W, 1 to 4): grey or colour, with transparency behind it where there is some."""
    if picture.mode == "F":
        light = np.clip(np.nan_to_num(np.asarray(picture)), 0, 1)
        return from_unit_range(light[..., None], np.dtype(np.uint16))
    if picture.mode.startswith("I"):
        clipped: NDArray[Any] = np.clip(np.asarray(picture), 0, 65535)
        return clipped[..., None].astype(np.uint16)
    transparent = picture.has_transparency_data
    if picture.mode in ("1", "L", "LA", "La"):
        grey = np.asarray(picture.convert("LA" if transparent else "L"))
        return grey.reshape(*grey.shape[:2], -1)
    if picture.mode == "RGB" and not transparent:
        return np.asarray(picture)
    return np.asarray(picture.convert("RGBA")) if transparent else as_uint8(picture)


def _extras(stored: Image.Image) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    exif = stored.getexif()
    exif.pop(ORIENTATION, None)  # the pixels are upright now
    if stored.format == "TIFF":  # its EXIF tells how the pixels lie in the file, too
        for tag in set(exif) - {*DESCRIBING, *PARTS}:
            del exif[tag]
    if exif:
        try:
            extras["exif"] = exif.tobytes()
        except Exception:  # a value that cannot be written back
            pass
    extras |= {key: stored.info[key] for key in ("xmp", "dpi") if stored.info.get(key)}
    if stored.format in ("JPEG", "MPO"):
        extras["subsampling"] = max(0, JpegImagePlugin.get_sampling(stored))
    return extras


def _save(path: Path, samples: NDArray[Any], suffix: str, photo: PhotoFile) -> None:
    """Write 8 bits a channel by Pillow."""
    names = ("exif", "dpi")
    options: dict[str, Any] = {key: photo.extras[key] for key in names if key in photo.extras}
    if photo.profile is not None:
        options["icc_profile"] = photo.profile
    if suffix in (".jpg", ".jpeg", ".webp"):
        options |= {"quality": QUALITY, "xmp": photo.extras.get("xmp", b"")}
    if suffix in (".jpg", ".jpeg"):
        options["subsampling"] = photo.extras.get("subsampling", 0)
    if samples.dtype == np.uint16:
        samples = from_unit_range(to_unit_range(samples), np.dtype(np.uint8))
    Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples).save(path, **options)
