"""PNG files: pixels of 16 bits, which Pillow reduces to 8, and writing with what was carried."""

# Source: PNG specification (third edition), 11.3.2.3 (iCCP), 11.3.4.3 (pHYs), 11.3.4.5 (eXIf).

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from exposure_lab.images.metadata.png_chunks import comment_chunk, insert, xmp_chunk

INCH = 0.0254
"""Metres."""


def is_deep_png(path: Path) -> bool:
    """Whether a PNG holds 16 bits a channel."""
    with path.open("rb") as file:
        return file.read(26)[24:25] == bytes([16])


def is_grey_png(path: Path) -> bool:
    """Whether a PNG holds no colours. Source: PNG specification, table 12."""
    with path.open("rb") as file:
        return file.read(26)[25:26] in (b"\0", b"\4")


def read_deep_png(path: Path) -> NDArray[np.uint16]:
    """Read a PNG of 16 bits a channel as (H, W, 1 to 4), as it is stored.

    Raises:
        Exception: whatever a decoder raises over damaged bytes; `pillow` turns it into a sentence.
    """
    import imagecodecs

    decoded = imagecodecs.png_decode(path.read_bytes())
    samples: NDArray[np.uint16] = decoded.reshape(*decoded.shape[:2], -1)
    return samples


def write_png(
    path: Path, samples: NDArray[Any], profile: bytes | None, extras: dict[str, Any]
) -> None:
    """Write a PNG with its colour profile, EXIF, XMP, text, comment and resolution.

    Args:
        path: where it goes.
        samples: (H, W, 1 to 4), uint8 or uint16: grey or colour, then transparency.
        profile: ICC profile.
        extras: see `photo_file.PhotoFile.extras`.
    """
    chunks = list(extras.get("chunks", []))
    if profile is not None:
        chunks.insert(0, (b"iCCP", b"ICC Profile\0\0" + zlib.compress(profile)))
    if "dpi" in extras and not any(name == b"pHYs" for name, _ in chunks):
        dots = [round(value / INCH) for value in extras["dpi"]]
        if all(0 <= number < 2**31 for number in dots):
            chunks.append((b"pHYs", struct.pack(">LLB", *dots, 1)))
    if "exif" in extras:
        chunks.append((b"eXIf", extras["exif"]))
    if "xmp" in extras:
        chunks.append(xmp_chunk(extras["xmp"]))
    segments = extras.get("segments", [])
    chunks += [comment_chunk(content) for name, content in segments if name == "COM"]
    with path.open("wb") as file:
        file.writelines(insert(_encoded(samples), chunks))


def _encoded(samples: NDArray[Any]) -> bytes:
    pixels = samples[..., 0] if samples.shape[2] == 1 else samples
    if samples.dtype == np.uint16:
        import imagecodecs

        return bytes(imagecodecs.png_encode(pixels))
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()
