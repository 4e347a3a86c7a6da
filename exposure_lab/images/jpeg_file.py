"""Writing of JPEG files with all that was carried: EXIF, XMP, captions, comments, profile."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from exposure_lab.images.metadata.exif_block import PREFIX
from exposure_lab.images.metadata.exif_limits import block_for_jpeg
from exposure_lab.images.metadata.jpeg_segments import (
    encoded,
    photoshop_segments,
    profile_segments,
    xmp_segments,
)

QUALITY = 95
"""Quality of a JPEG or WebP, 1 to 100."""


def write_jpeg(
    path: Path, samples: NDArray[np.uint8], profile: bytes | None, extras: dict[str, Any]
) -> frozenset[str]:
    """Write a JPEG; returns the names of what 64 KB could not hold, see `losses`.

    Args:
        path: where it goes.
        samples: (H, W, 1 or 3).
        profile: ICC profile.
        extras: see `photo_file.PhotoFile.extras`.
    """
    block, lost = block_for_jpeg(extras.get("exif", b""))
    segments = [("APP1", PREFIX + block)] if block else []
    segments += xmp_segments(extras.get("xmp", b""), extras.get("extended_xmp", b""))
    others = extras.get("segments", [])
    if not any(name == "APP13" for name, _ in others):
        segments += photoshop_segments(extras.get("photoshop", b""))
    segments += [*profile_segments(profile or b""), *others]
    Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples).save(
        path,
        "JPEG",
        quality=QUALITY,
        subsampling=extras.get("subsampling", 0),
        extra=encoded(segments),
        dpi=tuple(round(value) for value in extras.get("dpi", (0, 0))),
    )
    if "density" in extras:
        _set_density(path, *extras["density"])
    return lost


def _set_density(path: Path, unit: int, x: int, y: int) -> None:
    """Write the resolution as the photo had it, in its own unit. Source: JFIF 1.02, page 5."""
    with path.open("r+b") as file:
        if file.read(11)[6:] == b"JFIF\0":
            file.seek(13)
            file.write(struct.pack(">BHH", unit, x, y))
