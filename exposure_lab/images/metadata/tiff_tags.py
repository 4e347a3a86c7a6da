"""Tags of a TIFF file or an EXIF block, read as raw bytes, whatever their types.

Values are never interpreted here, so that one of an unforeseen type stops nothing. Nothing raises:
what points outside the file, or in a circle, is passed over.
"""

# Source: TIFF 6.0, section 2; BigTIFF (libtiff.org); EXIF 3.0, section 4.6.2.

import struct
from collections.abc import Iterator
from fractions import Fraction
from mmap import mmap
from typing import NamedTuple

Data = bytes | bytearray | mmap
"""A whole file, or an EXIF block without its ``Exif\\0\\0``."""

SIZES = {
    **{kind: 1 for kind in (1, 2, 6, 7, 129)},
    **{kind: 2 for kind in (3, 8)},
    **{kind: 4 for kind in (4, 9, 11, 13)},
    **{kind: 8 for kind in (5, 10, 12, 16, 17, 18)},
}
"""Bytes of one value of each TIFF type."""

NUMBERS = {1: "B", 3: "H", 4: "L", 6: "b", 8: "h", 9: "l", 13: "L", 16: "Q", 17: "q", 18: "Q"}
"""Types of whole numbers, as `struct` names them."""

SHORT, LONG, UNDEFINED, RATIONAL, LONG8 = 3, 4, 7, 5, 16
EXIF_PART, GPS_PART, INTEROPERABILITY_PART = 0x8769, 0x8825, 0xA005


class Tag(NamedTuple):
    """One entry of a directory, its value as raw bytes in the byte order of the file."""

    number: int
    kind: int
    amount: int
    value: bytes
    place: int = 0
    """Where the value lies in the file."""
    entry: int = 0
    """Where the entry itself lies."""


class Directory(NamedTuple):
    """One directory: its tags in their order, and where its link to the next directory lies."""

    tags: list[Tag]
    link: int = 0
    """0 where the directory is cut off before its link."""

    def find(self, number: int) -> Tag | None:
        """Find the first tag of a number."""
        return next((tag for tag in self.tags if tag.number == number), None)


class TagReader:
    """Reads directories from a file's bytes; ``valid`` says whether it is a TIFF at all."""

    def __init__(self, data: Data) -> None:
        self.data = data
        head = bytes(data[:16])
        self.order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        magic = struct.unpack(f"{self.order}H", head[2:4])[0] if self.order and head[3:] else 0
        self.big = magic == 43
        self.valid = magic in (42, 43)
        width = 8 if self.big else 4
        self.first = self._number(width, width) if self.valid else 0

    def directory(self, place: int) -> Directory:
        """Read the directory at a place; one without tags where there is none."""
        head, size, inline = (8, 20, 8) if self.big else (2, 12, 4)
        if not self.valid or place < 8 or place + head > len(self.data):
            return Directory([])
        count = self._number(place, head)
        end = place + head + count * size
        tags = list(self._tags(place + head, min(count, 65_535), size, inline))
        return Directory(tags, end if end + inline <= len(self.data) else 0)

    def part(self, parent: Directory, number: int) -> Directory:
        """Read the directory that a tag of another one points to."""
        tag = parent.find(number)
        place = self.number(tag) if tag else None
        return self.directory(place) if place else Directory([])

    def number(self, tag: Tag) -> int | None:
        """Read a value that is a single whole number, of whatever type; None for any other."""
        if tag.amount != 1:
            return None
        if tag.kind in NUMBERS:
            return int(struct.unpack(f"{self.order}{NUMBERS[tag.kind]}", tag.value)[0])
        if tag.kind in (5, 10):
            letters = "LL" if tag.kind == RATIONAL else "ll"
            above, below = struct.unpack(f"{self.order}{letters}", tag.value)
            ratio = Fraction(above, below) if below else Fraction(1, 2)
            return int(ratio) if ratio.denominator == 1 else None
        return None

    def _tags(self, place: int, count: int, size: int, inline: int) -> Iterator[Tag]:
        for entry in range(place, place + count * size, size):
            raw = bytes(self.data[entry : entry + size])
            if len(raw) < size:
                return
            number, kind, amount = struct.unpack(
                f"{self.order}HH{'Q' if self.big else 'L'}", raw[:-inline]
            )
            length = SIZES.get(kind, 0) * amount
            where = entry + size - inline
            if length > inline:
                where = self._number(where, inline)
            value = bytes(self.data[where : where + length])
            if length and len(value) == length:
                yield Tag(number, kind, amount, value, where, entry)

    def _number(self, place: int, width: int) -> int:
        raw = bytes(self.data[place : place + width])
        return int.from_bytes(raw, "little" if self.order == "<" else "big")
