"""Directories of a TIFF file or an EXIF block, laid out anew from tags as raw bytes.

The camera's own note stays at the place in the file where it lay: addresses in it count from the
file's beginning.
"""

# Source: TIFF 6.0, sections 2 and 8; EXIF 3.0, 4.6; BigTIFF (libtiff.org).

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from exposure_lab.images.metadata.tiff_tags import (
    EXIF_PART,
    GPS_PART,
    INTEROPERABILITY_PART,
    LONG,
    LONG8,
    Tag,
    TagReader,
)

MAKER_NOTE = 0x927C
BIG_KINDS = (16, 17, 18)
"""Types of BigTIFF, which an EXIF block can't hold."""

POINTERS = (EXIF_PART, GPS_PART, INTEROPERABILITY_PART)
PICTURE_DATA = (
    *range(254, 260),  # from the kind of picture to its compression
    *(262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 284, 288, 289, 290, 291),
    *(292, 293, 317, 320, 321, 322, 323, 324, 325, 326, 327, 328, 330, 332, 333, 334, 336, 338),
    *(339, 340, 341, 342, 343, 344, 345, 346, 347, 351, 400, 401, 402, 403, 404, 405, 433, 434),
    *(435, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 559),
    *(32953, 32954, 32955, 32956, 32995, 32996, 32997, 32998, 33421, 33422, 34675, 34732, 37439),
    *(37724, 50255),  # Photoshop's layers, which show the photo as it was
    52545,  # a signature of the pixels as they were
    *range(50706, 51181),  # how a RAW file is developed
)
"""TIFF tags of how pixels lie in the file and what they mean; the others describe the photo."""


@dataclass(frozen=True)
class Description:
    """The tags that describe a photo, each directory by itself."""

    order: str
    """``<`` or ``>``: the byte order of the values."""
    first: list[Tag] = field(default_factory=list)
    details: list[Tag] = field(default_factory=list)
    place: list[Tag] = field(default_factory=list)
    """Where the photo was taken (GPS)."""
    interoperability: list[Tag] = field(default_factory=list)

    @property
    def maker_note(self) -> Tag | None:
        """The camera's own note."""
        return next((tag for tag in self.details if tag.number == MAKER_NOTE), None)

    @property
    def all(self) -> list[Tag]:
        """The tags of all four directories."""
        return [*self.first, *self.details, *self.place, *self.interoperability]

    def only(self, stays: Callable[[Tag], bool]) -> "Description":
        """Keep the tags for which a function says so."""
        return Description(
            self.order,
            list(filter(stays, self.first)),
            list(filter(stays, self.details)),
            list(filter(stays, self.place)),
            list(filter(stays, self.interoperability)),
        )

    def with_note_at(self, place: int) -> "Description":
        """Say where the maker note must lie; 0 is anywhere."""
        return replace(
            self,
            details=[
                tag._replace(place=place) if tag.number == MAKER_NOTE else tag
                for tag in self.details
            ],
        )


def describe(reader: TagReader) -> Description:
    """Collect the tags of a TIFF file or an EXIF block that describe the photo."""
    first = reader.directory(reader.first)
    details = reader.part(first, EXIF_PART)
    place = reader.part(first, GPS_PART)
    interoperability = reader.part(details, INTEROPERABILITY_PART)

    def own(tags: Iterable[Tag], left_out: Iterable[int] = ()) -> list[Tag]:
        return [tag for tag in tags if tag.number not in (*POINTERS, *left_out)]

    return Description(
        reader.order,
        own(first.tags, PICTURE_DATA),
        own(details.tags, (274,)),
        own(place.tags),
        own(interoperability.tags),
    )


class Layout:
    """A file of directories that grows from its beginning and leaves a reserved span alone."""

    def __init__(self, order: str, big: bool, reserved: Tag | None = None) -> None:
        self.order, self.big = order, big
        self.pieces: list[tuple[int, bytes]] = []
        self._end = 16 if big else 8
        self._reserved = (0, 0)
        inline = 8 if big else 4
        if reserved and reserved.place >= self._end and len(reserved.value) > inline:
            self._reserved = (reserved.place, reserved.place + len(reserved.value))
            self.pieces.append((reserved.place, reserved.value))

    def room(self, size: int) -> int:
        """Find an even place for some bytes, behind all others and beside the reserved span."""
        start, end = self._reserved
        place = self._end + self._end % 2
        if place < end and place + size > start:
            place = end + end % 2
        self._end = place + size
        return place

    def add(self, tags: Iterable[Tag]) -> int:
        """Add a directory with its values; returns its place."""
        entry, inline = (20, 8) if self.big else (12, 4)
        known: dict[int, Tag] = {}
        for tag in tags:
            known.setdefault(tag.number, tag)
        table = self._pack("Q" if self.big else "H", len(known))
        for number in sorted(known):
            tag = known[number]
            table += self._pack("HH", number, tag.kind)
            table += self._pack("Q" if self.big else "L", tag.amount)
            if len(tag.value) <= inline:
                table += tag.value.ljust(inline, b"\0")
            else:
                table += self._pack("Q" if self.big else "L", self._place_value(tag))
        assert len(table) == (8 if self.big else 2) + entry * len(known)
        place = self.room(len(table) + inline)
        self.pieces.append((place, table + bytes(inline)))
        return place

    def add_description(self, description: Description, more: Iterable[Tag] = ()) -> int:
        """Add the directories of a description, ``more`` tags in the first; returns its place."""
        details, first = list(description.details), [*more, *description.first]
        for number, tags, parent in (
            (INTEROPERABILITY_PART, description.interoperability, details),
            (EXIF_PART, details, first),
            (GPS_PART, description.place, first),
        ):
            if tags:
                parent.append(self.pointer(number, [self.add(tags)]))
        return self.add(first)

    def pointer(self, number: int, places: list[int]) -> Tag:
        """Make a tag of places in the file."""
        kind, letter = (LONG8, "Q") if self.big else (LONG, "L")
        return Tag(number, kind, len(places), self._pack(f"{len(places)}{letter}", *places))

    def numbers(self, number: int, letter: str, *values: int) -> Tag:
        """Make a tag of whole numbers, SHORT (``H``) or LONG (``L``)."""
        kind = {"H": 3, "L": LONG}[letter]
        return Tag(number, kind, len(values), self._pack(f"{len(values)}{letter}", *values))

    def head(self, first: int) -> bytes:
        """Make the bytes that a TIFF begins with."""
        mark = b"II" if self.order == "<" else b"MM"
        if self.big:
            return mark + self._pack("HHHQ", 43, 8, 0, first)
        return mark + self._pack("HL", 42, first)

    def _place_value(self, tag: Tag) -> int:
        if tag.number == MAKER_NOTE and tag.place == self._reserved[0] != 0:
            return tag.place
        place = self.room(len(tag.value))
        self.pieces.append((place, tag.value))
        return place

    def _pack(self, letters: str, *values: int) -> bytes:
        return struct.pack(f"{self.order}{letters}", *values)


def build_block(description: Description) -> bytes:
    """Build an EXIF block of the tags of a description, its maker note at its place in the file."""
    layout = Layout(description.order, False, description.maker_note)
    first = layout.add_description(description.only(lambda tag: tag.kind not in BIG_KINDS))
    pieces = [(0, layout.head(first)), *layout.pieces]
    block = bytearray(max(place + len(content) for place, content in pieces))
    for place, content in pieces:
        block[place : place + len(content)] = content
    return bytes(block)
