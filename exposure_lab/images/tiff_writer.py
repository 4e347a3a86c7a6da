"""Writing of plain TIFF files, of 8 or 16 bits a channel, with all tags that describe the photo."""

# Source: TIFF 6.0, sections 3 to 8 and 18; BigTIFF (libtiff.org).

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.images.metadata.tiff_layout import (
    Description,
    Layout,
    describe,
)
from exposure_lab.images.metadata.tiff_tags import RATIONAL, UNDEFINED, Tag, TagReader

STRIP = 2**20
"""Bytes of one strip, about."""

LARGEST = 2**32 - 2**24
"""Bytes of pixels that a TIFF holds beside its tags; a BigTIFF holds more."""

X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296


def write_tiff(
    path: Path, samples: NDArray[Any], profile: bytes | None, extras: dict[str, Any]
) -> None:
    """Write a TIFF that is not compressed, its tags as they were.

    Args:
        path: where it goes.
        samples: (H, W, 1 to 4), uint8 or uint16: grey or colour, then transparency.
        profile: ICC profile.
        extras: see `photo_file.PhotoFile.extras`.
    """
    reader = TagReader(extras.get("exif", b"").removeprefix(b"Exif\0\0"))
    description = describe(reader) if reader.valid else Description("<")
    if extras.get("maker_note_at"):
        description = description.with_note_at(extras["maker_note_at"])
    note = description.maker_note
    end = samples.nbytes + (note.place + len(note.value) if note else 0)
    layout = Layout(description.order, bool(extras.get("big")) or end > LARGEST, note)
    width = samples.shape[1] * samples.shape[2] * samples.itemsize
    rows = min(max(1, STRIP // width), len(samples))
    parts = [samples[row : row + rows] for row in range(0, len(samples), rows)]
    places = [layout.room(part.nbytes) for part in parts]
    strips = [
        layout.pointer(273, places),
        layout.numbers(278, "L", rows),
        layout.pointer(279, [part.nbytes for part in parts]),
    ]
    tags = [*_picture(layout, samples), *strips, *_attached(layout, profile, extras, description)]
    first = layout.add_description(description, tags)
    kind = samples.dtype.newbyteorder(description.order)  # type: ignore[arg-type]
    with path.open("wb") as file:
        file.write(layout.head(first))
        for place, part in zip(places, parts, strict=True):
            file.seek(place)
            file.write(np.ascontiguousarray(part, dtype=kind).data)
        for place, content in layout.pieces:
            file.seek(place)
            file.write(content)


def _picture(layout: Layout, samples: NDArray[Any]) -> list[Tag]:
    height, width, channels = samples.shape
    colours = 1 if channels < 3 else 3
    tags = [
        layout.numbers(256, "L", width),
        layout.numbers(257, "L", height),
        layout.numbers(258, "H", *[8 * samples.itemsize] * channels),
        layout.numbers(259, "H", 1),  # not compressed
        layout.numbers(262, "H", 1 if colours == 1 else 2),
        layout.numbers(277, "H", channels),
        layout.numbers(284, "H", 1),  # channels beside each other
    ]
    if channels > colours:
        tags.append(layout.numbers(338, "H", 2))  # colours are not multiplied with it
    return tags


def _attached(
    layout: Layout, profile: bytes | None, extras: dict[str, Any], description: Description
) -> list[Tag]:
    """Tags of what is whole in itself: profile, XMP, captions, another format's resolution."""
    contents = {34675: profile, 700: extras.get("xmp"), 34377: extras.get("photoshop")}
    tags = [
        Tag(number, 1 if number == 700 else UNDEFINED, len(content), content)
        for number, content in contents.items()
        if content
    ]
    if "dpi" in extras and not any(tag.number == X_RESOLUTION for tag in description.first):
        for number, value in zip((X_RESOLUTION, Y_RESOLUTION), extras["dpi"], strict=True):
            ratio = Fraction(float(value)).limit_denominator(10_000)
            packed = struct.pack(f"{layout.order}LL", ratio.numerator, ratio.denominator)
            tags.append(Tag(number, RATIONAL, 1, packed))
        tags.append(layout.numbers(RESOLUTION_UNIT, "H", 2))
    return tags
