"""EXIF blocks for a JPEG, which holds 64 KB of them, and of a TIFF, whose tags lie anywhere."""

from exposure_lab.images.metadata import losses
from exposure_lab.images.metadata.exif_block import PREFIX
from exposure_lab.images.metadata.jpeg_segments import LONGEST
from exposure_lab.images.metadata.tiff_layout import (
    MAKER_NOTE,
    Description,
    build_block,
    describe,
)
from exposure_lab.images.metadata.tiff_tags import TagReader

ROOM = LONGEST - len(PREFIX)


def block_of_tiff(description: Description) -> tuple[bytes, int]:
    """Build an EXIF block of a TIFF's tags, and tell where in the file its maker note must lie.

    Returns:
        The block, and a place in the file, or 0 where the note lies there in the block too.
    """
    note = description.maker_note
    if note is None or note.place + len(note.value) <= ROOM:
        return build_block(description), 0
    return build_block(description.with_note_at(0)), note.place


def without_moved_note(block: bytes) -> tuple[bytes, frozenset[str]]:
    """Leave out a maker note that can't lie where it lay; returns the names of what was lost."""
    description = describe(TagReader(block))
    kept = description.only(lambda tag: tag.number != MAKER_NOTE)
    return build_block(kept), frozenset({losses.MAKER_NOTE})


def block_for_jpeg(block: bytes) -> tuple[bytes, frozenset[str]]:
    """Fit an EXIF block into one segment of a JPEG; returns it and the names of what was lost.

    What is left of a thumbnail goes first, then the maker note, then the largest values.
    """
    if len(block) <= ROOM:
        return block, frozenset()
    description = describe(TagReader(block))
    lost = set()
    if description.maker_note and len(build_block(description)) > ROOM:
        description = description.only(lambda tag: tag.number != MAKER_NOTE)
        lost.add(losses.MAKER_NOTE)
    while description.all and len(build_block(description)) > ROOM:
        largest = max(description.all, key=lambda tag: len(tag.value))
        description = description.only(lambda tag, gone=largest: tag != gone)  # type: ignore[misc]
        lost.add(losses.LARGE_EXIF)
    return build_block(description), frozenset(lost)
