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
from PIL import Image

from exposure_lab.errors import ImageError
from exposure_lab.files.atomic import atomic_path
from exposure_lab.images.array import Array
from exposure_lab.images.icc import usable_profile
from exposure_lab.images.io import SUFFIXES
from exposure_lab.images.jpeg_file import QUALITY, write_jpeg
from exposure_lab.images.metadata import losses
from exposure_lab.images.metadata.exif_block import PREFIX
from exposure_lab.images.metadata.exif_limits import without_moved_note
from exposure_lab.images.pillow import HEIC_SUFFIXES, as_uint8, explain_decode_errors
from exposure_lab.images.pixel_array import pixel_array
from exposure_lab.images.png_file import write_png
from exposure_lab.images.raw import RAW_SUFFIXES, read_raw
from exposure_lab.images.stored import load
from exposure_lab.images.tiff_writer import write_tiff

PHOTO_SUFFIXES = (*SUFFIXES, *HEIC_SUFFIXES, *RAW_SUFFIXES)
"""Suffixes of files that `read_photo` takes, in lower case."""

DEEP = (".png", ".tif", ".tiff")
"""Suffixes of files that hold 16 bits a channel."""

TRANSPARENT = (*DEEP, ".webp")
"""Suffixes of files that hold transparency."""


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
    """Metadata that is kept: ``exif`` (a block without the prefix of a JPEG), ``xmp``, ``dpi``;
    ``segments``, ``density``, ``subsampling`` and ``extended_xmp`` of a JPEG, ``photoshop``
    (captions and keywords) of a JPEG or TIFF, ``chunks`` of a PNG, ``big`` and ``maker_note_at``
    of a TIFF."""
    losses: frozenset[str] = frozenset()
    """Names of what the file held and no output can keep; see `metadata.losses`."""


def read_photo(path: Path | str) -> PhotoFile:
    """Read a photo with everything that its corrected version should keep.

    Grey stays grey; palettes become colour; printing colours (CMYK) become sRGB. The orientation is
    applied: EXIF's, or XMP's where EXIF has none. A profile that is broken, or not of the pixels'
    kind, is dropped. RAW files are developed to 16 bits.

    Raises:
        ImageError: missing, truncated, an animation, not a picture at all, HDR, or floating-point
            values that do not fit into [0, 1].
    """
    path = Path(path)
    if path.suffix.lower() in RAW_SUFFIXES:
        return PhotoFile(np.round(read_raw(path) * 65535).astype(np.uint16))
    stored = load(path)
    extras = dict(stored.carried.extras)
    profile = stored.profile
    if stored.picture is None:
        assert stored.samples is not None
        samples = stored.samples
    else:
        with explain_decode_errors(path):
            samples = _samples(stored.picture)
        if stored.picture.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
            profile = None  # it was of other colours
        if "subsampling" in stored.picture.info:
            extras["subsampling"] = stored.picture.info["subsampling"]
    channels = 1 if samples.shape[2] < 3 else 3
    alpha = samples[..., channels] if samples.shape[2] > channels else None
    profile = usable_profile(profile, channels)
    return PhotoFile(samples[..., :channels], alpha, profile, extras, stored.carried.losses)


def write_photo(path: Path | str, photo: PhotoFile, *, overwrite: bool = True) -> frozenset[str]:
    """Write a photo, whole or not at all; the suffix decides the format.

    Depth is kept in PNG and TIFF, transparency in these and in WebP.

    Args:
        path: where it goes.
        photo: from `read_photo`.
        overwrite: replace a file that is there, or has appeared there in the meantime.

    Returns:
        Names of what the photo held and the file could not, see `metadata.losses`.

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
    if photo.alpha is not None and suffix in TRANSPARENT:
        samples = np.concatenate([samples, photo.alpha[..., None]], axis=2)
    if samples.dtype == np.uint16 and suffix not in DEEP:
        samples = from_unit_range(to_unit_range(samples), np.dtype(np.uint8))
    with atomic_path(path, replace=overwrite) as temporary, _name_in_error(path):
        return photo.losses | _write(temporary, samples, suffix, photo)


def _write(path: Path, samples: NDArray[Any], suffix: str, photo: PhotoFile) -> frozenset[str]:
    extras, lost = dict(photo.extras), losses.not_held(suffix, photo.extras)
    if "exif" in extras:
        extras["exif"] = extras["exif"].removeprefix(PREFIX)
    if suffix in (".tif", ".tiff"):
        write_tiff(path, samples, photo.profile, extras)
        return lost
    if extras.get("maker_note_at"):
        extras["exif"], note = without_moved_note(extras["exif"])
        lost |= note
    if suffix in (".jpg", ".jpeg"):
        return lost | write_jpeg(path, samples, photo.profile, extras)
    if suffix == ".png":
        write_png(path, samples, photo.profile, extras)
        return lost
    options: dict[str, Any] = {key: extras[key] for key in ("dpi", "exif", "xmp") if key in extras}
    if photo.profile is not None:
        options["icc_profile"] = photo.profile
    picture = Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples)
    picture.save(path, quality=QUALITY, **options)
    return lost


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


def to_unit_range(pixels: NDArray[Any]) -> Array:
    """Convert 0..255 or 0..65535 to float32 in [0, 1]."""
    return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)


def from_unit_range(values: Array, kind: np.dtype[Any]) -> NDArray[Any]:
    """Round [0, 1] to the nearest integers of uint8 or uint16."""
    shifted: NDArray[Any] = values * np.float32(np.iinfo(kind).max) + np.float32(0.5)
    return np.asarray(shifted.astype(kind))


def _samples(picture: Image.Image) -> NDArray[Any]:
    """Pixels (H, W, 1 to 4): grey or colour, with transparency behind it where there is some."""
    transparent = picture.has_transparency_data
    if picture.mode in ("1", "L", "LA", "La"):
        grey = np.asarray(picture.convert("LA" if transparent else "L"))
        return grey.reshape(*grey.shape[:2], -1)
    if picture.mode == "RGB" and not transparent:
        return pixel_array(picture)
    if picture.mode == "P" and not transparent:
        return np.asarray(picture.convert("RGB"))
    return np.asarray(picture.convert("RGBA")) if transparent else as_uint8(picture)
