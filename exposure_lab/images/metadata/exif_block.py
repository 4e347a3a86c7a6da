"""EXIF blocks, kept byte for byte but for what would be untrue of the corrected photo.

Rewriting a block moves the camera's own notes, whose addresses count from the block's beginning:
firmware, lens and owner would come back as nonsense. So entries are patched where they lie.
"""

import struct

from exposure_lab.images.metadata.tiff_tags import EXIF_PART, SHORT, Directory, Tag, TagReader
from exposure_lab.images.metadata.xmp import Packet

ORIENTATION, XMP_TAG = 0x0112, 700
PREFIX = b"Exif\0\0"
TURNED = (5, 6, 7, 8)
"""Orientations that swap width and height. Source: EXIF 3.0, table 4."""

SIDES = ((256, 257), (282, 283), (0xA002, 0xA003))
"""Pairs of tags of the first and the second side: pixels, resolution, pixels once more."""


def orientation_in(reader: TagReader) -> int | None:
    """Read the orientation, 1 to 8, that an EXIF block or a TIFF file states.

    Any whole number counts, whatever its type; None where there is none, and 1 for one that means
    nothing.
    """
    tag = reader.directory(reader.first).find(ORIENTATION)
    if tag is None:
        return None
    number = reader.number(tag)
    return number if number in range(1, 9) else 1


def describes_anything(block: bytes) -> bool:
    """Whether a block, without its prefix, is no rubbish: it has a directory with a tag."""
    reader = TagReader(block)
    return bool(reader.directory(reader.first).tags)


def upright_block(block: bytes, sides_swapped: bool) -> bytes:
    """Make an EXIF block true of a photo that is now stored upright, by patching in place.

    Its orientation becomes 1; the link to its thumbnail, which shows the photo as it was, is cut;
    where width and height were swapped, so are the tags that state them. No other byte
    changes: the place of the subject (SubjectArea, SubjectLocation) still counts in the photo as it
    was stored.

    Args:
        block: with or without the ``Exif\\0\\0`` of a JPEG.
        sides_swapped: whether width and height were swapped.

    Returns:
        A block of the same length, without that prefix.
    """
    patched = bytearray(block.removeprefix(PREFIX))
    reader = TagReader(bytes(patched))
    first = reader.directory(reader.first)
    details = reader.part(first, EXIF_PART)
    if packet := first.find(XMP_TAG):
        _patch_packet(patched, packet)
    for directory in (first, details):
        for tag in directory.tags:
            if tag.number == ORIENTATION:
                _patch(patched, tag.entry + 2, struct.pack(f"{reader.order}HLHH", SHORT, 1, 1, 0))
        if sides_swapped:
            for one, other in SIDES:
                _swap(patched, directory, one, other)
    if first.link:
        _patch(patched, first.link, bytes(4))
    return bytes(patched)


def _patch_packet(block: bytearray, tag: Tag) -> None:
    """Patch XMP inside the block, in a way that changes no length."""
    packet = Packet(tag.value)
    packet.make_upright(sides_swapped=False)
    if len(bytes(packet)) == len(tag.value):
        _patch(block, tag.place, bytes(packet))


def _patch(block: bytearray, place: int, content: bytes) -> None:
    block[place : place + len(content)] = content


def _swap(block: bytearray, directory: Directory, one: int, other: int) -> None:
    """Swap type, count and value of two entries; their addresses are as good in the other one."""
    first, second = directory.find(one), directory.find(other)
    if first is None or second is None:
        return
    spans = [slice(tag.entry + 2, tag.entry + 12) for tag in (first, second)]
    block[spans[0]], block[spans[1]] = block[spans[1]], block[spans[0]]
