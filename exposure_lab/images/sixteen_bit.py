"""PNG and TIFF files of 16 bits a channel, which Pillow reduces to 8.

Pillow opens such a file, and its metadata come from there; only the pixels are read and written
here.
"""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

Samples = NDArray[np.uint16]
"""16-bit pixels, (H, W, 1 to 4): grey or colour, then transparency where there is some."""

SIXTEEN_BIT_SUFFIXES = (".png", ".tif", ".tiff")
"""Suffixes of files that can hold 16 bits a channel."""

PNG = b"\x89PNG\r\n\x1a\n"
ORIENTATION = 0x0112
BITS, PHOTOMETRIC, PLANAR = 258, 262, 284

DESCRIBING = (270, 271, 272, 282, 283, 296, 305, 306, 315, 700, 18246, 33432, 33723)
"""TIFF tags that describe the photo and not its layout: title, camera, date, author."""

PARTS = (0x8769, 0x8825)
"""TIFF tags of the directories of camera settings and of the place."""


def has_16_bit(path: Path, stored: Image.Image) -> bool:
    """Whether a file that Pillow has opened holds 16 bits a channel, of which Pillow gave 8."""
    if stored.format == "PNG":
        with path.open("rb") as file:
            return file.read(26)[24:25] == bytes([16])
    if stored.format == "TIFF" and stored.mode in ("RGB", "RGBA"):
        bits = stored.tag_v2.get(BITS, ())  # type: ignore[attr-defined]
        return set(bits) == {16} and stored.tag_v2.get(PHOTOMETRIC) == 2  # type: ignore[attr-defined]
    return False


def read_16_bit(path: Path, stored: Image.Image) -> Samples:
    """Read the pixels of a file of 16 bits a channel, upright.

    Raises:
        Exception: whatever a decoder raises over damaged bytes; `pillow` turns it into a sentence.
    """
    import imagecodecs
    import tifffile

    if stored.format == "PNG":
        decoded = imagecodecs.png_decode(path.read_bytes())
    else:
        with tifffile.TiffFile(path) as file:
            decoded = file.pages.first.asarray()
            if file.pages.first.planarconfig == 2:  # channel behind channel
                decoded = np.moveaxis(decoded, 0, -1)
    samples = decoded.reshape(*decoded.shape[:2], -1)
    return _undo_orientation(samples, stored.getexif().get(ORIENTATION, 1))


def encode_png(samples: Samples, profile: bytes | None, exif: bytes | None) -> bytes:
    """Encode a PNG of 16 bits a channel, with its colour profile and its EXIF block.

    Source: PNG specification (third edition), 11.3.2.3 (iCCP) and 11.3.4.5 (eXIf).
    """
    import imagecodecs

    encoded = imagecodecs.png_encode(samples[..., 0] if samples.shape[2] == 1 else samples)
    header_end = len(PNG) + 25  # IHDR is 13 bytes in a chunk of 25
    chunks = b""
    if profile is not None:
        chunks += _chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(profile))
    if exif is not None:
        chunks += _chunk(b"eXIf", exif.removeprefix(b"Exif\0\0"))
    return bytes(encoded[:header_end]) + chunks + bytes(encoded[header_end:])


def encode_tiff(samples: Samples, profile: bytes | None, exif: bytes | None) -> bytes:
    """Encode a plain TIFF of 16 bits a channel in one strip, with its profile and EXIF tags.

    Source: TIFF 6.0, sections 3 to 6 and 18.
    """
    height, width, channels = samples.shape
    colours = 1 if channels < 3 else 3
    directory: Any = ImageFileDirectory_v2()
    directory[256], directory[257] = width, height
    directory[BITS] = (16,) * channels
    directory[259] = 1  # not compressed
    directory[PHOTOMETRIC] = 1 if colours == 1 else 2
    directory[273] = 0  # the strip follows the directory; Pillow adds where that ends
    directory[277] = channels
    directory[278], directory[279] = height, samples.nbytes
    directory[PLANAR] = 1
    if channels > colours:
        directory[338] = 2  # transparency that the colours are not multiplied with
    if profile is not None:
        directory[34675] = profile
    if exif is not None:
        _copy_tags(directory, exif)
    stream = io.BytesIO()
    directory.save(stream)
    return stream.getvalue() + samples.astype("<u2").tobytes()


def _copy_tags(directory: Any, exif: bytes) -> None:
    tags = Image.Exif()
    tags.load(exif)
    for tag in DESCRIBING:
        if tag in tags:
            directory[tag] = tags[tag]
    for tag in PARTS:
        if part := tags.get_ifd(tag):
            directory[tag] = dict(part)


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


def _undo_orientation(samples: Samples, orientation: int) -> Samples:
    """Rotate pixels upright by their EXIF orientation. Source: EXIF 2.3, tag 0x0112."""
    if orientation in (5, 6, 7, 8):
        samples = samples.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    return np.ascontiguousarray(samples)
