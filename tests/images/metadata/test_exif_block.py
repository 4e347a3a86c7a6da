"""EXIF blocks change at the patched bytes alone, and damaged ones stop nothing."""

import struct
from dataclasses import replace

import pytest
from camera_files import FIRMWARE, canon_block
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from exposure_lab.images.metadata.exif_block import orientation_in, upright_block
from exposure_lab.images.metadata.exif_limits import block_for_jpeg, block_of_tiff
from exposure_lab.images.metadata.losses import LARGE_EXIF, MAKER_NOTE, loss_sentences
from exposure_lab.images.metadata.tiff_layout import build_block, describe
from exposure_lab.images.metadata.tiff_tags import TagReader


def changed(one: bytes, other: bytes) -> list[int]:
    assert len(one) == len(other)
    return [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]


@pytest.mark.parametrize("order", ["<", ">"])
def test_only_what_is_untrue_is_patched(order: str) -> None:
    block = canon_block(6, order, thumbnail=b"\xff\xd8 as it was \xff\xd9")
    patched = upright_block(b"Exif\0\0" + block, sides_swapped=True)
    exif = Image.Exif()
    exif.load(patched)
    details = exif.get_ifd(0x8769)
    assert (exif[274], details[0xA002], details[0xA003]) == (1, 40, 60)
    assert not exif.get_ifd(1)  # the thumbnail shows the photo on its side
    # By hand: entry 3 of IFD0 holds the orientation, its link follows 8 entries; two entries of
    # the second directory, at 110, hold the sides.
    entry, link, sides = 10 + 2 * 12, 10 + 8 * 12, 110 + 2 + 2 * 12
    assert set(changed(block, patched)) <= {
        *range(entry + 2, entry + 12),
        *range(link, link + 4),
        *range(sides, sides + 24),
    }
    assert upright_block(patched, sides_swapped=False) == patched


@pytest.mark.parametrize(
    ("kind", "packed", "expected"),
    [
        (1, b"\6\0\0\0", 6),  # BYTE
        (3, b"\6\0\0\0", 6),
        (4, b"\6\0\0\0", 6),  # LONG
        (9, b"\xff\xff\xff\xff", 1),  # below zero
        (3, b"\0\0\0\0", 1),
        (3, b"\x63\0\0\0", 1),
        (2, b"6\0\0\0", 1),  # text
    ],
)
def test_orientation_of_any_type(kind: int, packed: bytes, expected: int) -> None:
    block = struct.pack("<2sHLHHHL", b"II", 42, 8, 1, 274, kind, 1) + packed + bytes(4)
    assert orientation_in(TagReader(block)) == expected
    patched = upright_block(block, sides_swapped=False)
    exif = Image.Exif()
    exif.load(patched)
    assert exif[274] == 1


@given(st.binary(max_size=400), st.booleans())
def test_rubbish_stops_nothing(rubbish: bytes, swapped: bool) -> None:
    for head in (b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0"):
        block = head + rubbish
        assert len(upright_block(block, swapped)) == len(block)
        description = describe(TagReader(block))
        block_of_tiff(description)
        block_for_jpeg(block)


@given(st.data())
def test_a_damaged_block_keeps_its_length_and_its_other_bytes(data: st.DataObject) -> None:
    """At most ten bytes an orientation, four of the link and ten a side change."""
    block = bytearray(canon_block(6))
    for _ in range(data.draw(st.integers(0, 8))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    patched = upright_block(bytes(block), sides_swapped=True)
    assert len(patched) == len(block)
    reader = TagReader(bytes(block))
    tags = reader.directory(reader.first).tags
    tags += reader.part(reader.directory(reader.first), 0x8769).tags
    touched = {274, 256, 257, 282, 283, 0xA002, 0xA003, 700}
    allowed = {reader.directory(reader.first).link + i for i in range(4)}
    for tag in tags:
        if tag.number in touched:
            allowed |= {*range(tag.entry + 2, tag.entry + 12)}
            allowed |= {tag.place + i for i in range(len(tag.value)) if tag.number == 700}
    assert set(changed(bytes(block), patched)) <= allowed


def test_a_maker_note_stays_at_its_place() -> None:
    block = canon_block(1)
    rebuilt = build_block(describe(TagReader(block)))
    assert block.index(FIRMWARE.encode()) == rebuilt.index(FIRMWARE.encode())


def test_over_64_kb_the_maker_note_goes_first() -> None:
    small = describe(TagReader(canon_block(1)))

    def with_values(note: int, title: int) -> bytes:
        details = [
            tag._replace(value=tag.value.ljust(note, b"\0"), amount=note)
            if tag.number == 0x927C
            else tag
            for tag in small.details
        ]
        titled = small.first[0]._replace(number=0x010E, value=b"x" * title, amount=title)
        return build_block(replace(small, first=[*small.first, titled], details=details))

    fitted, lost = block_for_jpeg(with_values(3_000, 64_000))
    assert lost == {MAKER_NOTE}
    assert len(fitted) <= 65_527
    exif = Image.Exif()
    exif.load(fitted)
    assert len(exif[0x010E]) == 64_000
    assert 0x927C not in exif.get_ifd(0x8769)
    fitted, lost = block_for_jpeg(with_values(3_000, 90_000))
    assert lost == {MAKER_NOTE, LARGE_EXIF}
    exif = Image.Exif()
    exif.load(fitted)
    assert exif[0x010F] == "Canon"


def test_what_is_left_of_a_thumbnail_goes_before_the_maker_note() -> None:
    block = upright_block(canon_block(1, thumbnail=b"t" * 66_000), sides_swapped=False)
    fitted, lost = block_for_jpeg(block)
    assert not lost
    assert FIRMWARE.encode() in fitted


def test_losses_are_told_with_their_number() -> None:
    sentences = loss_sentences([frozenset({MAKER_NOTE}), frozenset(), frozenset({MAKER_NOTE})])
    assert len(sentences) == 1
    assert sentences[0].startswith("Left out of 2 photos: the maker note, since it could not stay")
    assert loss_sentences([frozenset()]) == []
