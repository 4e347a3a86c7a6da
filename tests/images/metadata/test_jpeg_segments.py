"""JPEG segments: what follows a photo goes with its label, what is too long is parted."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from camera_files import FIRMWARE, canon_block
from PIL import Image

from exposure_lab.images.metadata import losses
from exposure_lab.images.metadata.jpeg_segments import encoded, xmp_segments
from exposure_lab.images.photo_file import PhotoFile, read_photo, write_photo

LABEL = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" '
    b'hdrgm:Version="1.0" xmp:Rating="3"/></rdf:RDF></x:xmpmeta>'
)
PIXELS = np.random.default_rng(3).integers(0, 255, (16, 24, 3), dtype=np.uint8)


def jpeg(path: Path, *segments: tuple[str, bytes], tail: bytes = b"") -> Path:
    """A JPEG with segments of our choosing behind its header, and bytes behind its end."""
    stream = io.BytesIO()
    Image.fromarray(PIXELS).save(stream, "JPEG")
    content = stream.getvalue()
    path.write_bytes(content[:20] + encoded(segments) + content[20:] + tail)
    return path


def pictures_index(count: int) -> bytes:
    """An MPF segment that names pictures. Source: CIPA DC-007, 5.2."""
    entries = b"".join(struct.pack("<LLLHH", 0, 100, 0, 0, 0) for _ in range(count))
    table = struct.pack("<HHLL", 0xB000, 7, 4, int.from_bytes(b"0100", "little"))
    table += struct.pack("<HHLL", 0xB001, 4, 1, count)
    table += struct.pack("<HHLL", 0xB002, 7, len(entries), 8 + 2 + 36 + 4)
    return b"MPF\0" + struct.pack("<2sHLH", b"II", 42, 8, 3) + table + bytes(4) + entries


def names(path: Path) -> list[str]:
    with Image.open(path) as picture:
        return [name for name, _ in picture.applist]


@pytest.mark.parametrize(
    ("segments", "tail", "lost"),
    [
        ([("APP1", b"http://ns.adobe.com/xap/1.0/\0" + LABEL)], b"", {losses.GAIN_MAP}),
        ([("APP2", b"urn:iso:std:iso:ts:21496:-1\0")], b"", {losses.GAIN_MAP}),
        ([("APP2", pictures_index(2))], b"...hdrgm:Version...", {losses.GAIN_MAP}),
        ([("APP2", pictures_index(2))], b"\xff\xd8 a preview", {losses.SECOND_PICTURE}),
        ([("APP11", b"JP\0\1 jumb c2pa")], b"", {losses.CREDENTIALS}),
        ([("COM", b"just a comment")], b"", set()),
    ],
)
def test_what_follows_a_photo_goes_with_its_label(
    tmp_path: Path, segments: list[tuple[str, bytes]], tail: bytes, lost: set[str]
) -> None:
    path = jpeg(tmp_path / "a.jpg", *segments, tail=tail)
    photo = read_photo(path)
    assert photo.losses == lost
    assert write_photo(tmp_path / "b.jpg", photo) == lost
    written = (tmp_path / "b.jpg").read_bytes()
    for label in (b"hdrgm", b"MPF\0", b"21496", b"c2pa"):
        assert label not in written
    assert (b'xmp:Rating="3"' in written) == (b"Rating" in path.read_bytes())
    again = read_photo(tmp_path / "b.jpg")
    assert not again.losses


def test_unknown_segments_stay_in_their_order(tmp_path: Path) -> None:
    segments = [
        ("APP12", b"Ducky\0\1\0\4\0\0\0\x3c\0\0"),
        ("COM", b"first"),
        ("APP13", b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\0"),
        ("APP4", b"Somebody's own"),
        ("COM", b"second, in Latin-1: caf\xe9"),
    ]
    write_photo(tmp_path / "b.jpg", read_photo(jpeg(tmp_path / "a.jpg", *segments)))
    with Image.open(tmp_path / "b.jpg") as picture:
        assert [segment for segment in picture.applist if segment in segments] == segments


@pytest.mark.parametrize("size", [1_000, 65_504, 65_505, 200_000])
def test_long_xmp_is_parted_and_comes_back(tmp_path: Path, size: int) -> None:
    head, end = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">', b"</x:xmpmeta>"
    packet = head + b"x" * (size - len(head) - len(end)) + end
    write_photo(tmp_path / "a.jpg", PhotoFile(PIXELS, extras={"xmp": packet}))
    photo = read_photo(tmp_path / "a.jpg")
    assert photo.extras.get("extended_xmp", photo.extras["xmp"]) == packet
    assert ("extended_xmp" in photo.extras) == (size > 65_504)
    write_photo(tmp_path / "b.jpg", photo)
    assert read_photo(tmp_path / "b.jpg").extras["xmp"] == photo.extras["xmp"]
    assert (tmp_path / "a.jpg").read_bytes().count(b"xmp/extension") == (
        tmp_path / "b.jpg"
    ).read_bytes().count(b"xmp/extension")
    assert write_photo(tmp_path / "c.png", photo) == (
        {losses.EXTENDED_XMP} if size > 65_504 else set()
    )


def test_no_segment_is_longer_than_its_format_allows() -> None:
    for name, content in xmp_segments(b"<rdf:RDF>" + b"y" * 300_000 + b"</rdf:RDF>"):
        assert len(content) <= 65_533, name


def test_turned_extended_xmp_is_upright_and_still_belongs_to_its_packet(tmp_path: Path) -> None:
    packet = b'<x:xmpmeta><a tiff:Orientation="6">' + b"x" * 70_000 + b"</a></x:xmpmeta>"
    exif = Image.Exif()
    exif[274] = 6
    extras = {"xmp": packet, "exif": exif.tobytes()}
    write_photo(tmp_path / "a.jpg", PhotoFile(PIXELS, extras=extras))
    photo = read_photo(tmp_path / "a.jpg")
    assert photo.pixels.shape == (24, 16, 3)
    write_photo(tmp_path / "b.jpg", photo)
    again = read_photo(tmp_path / "b.jpg")
    assert again.extras["extended_xmp"] == packet.replace(b'"6"', b'"1"')
    assert again.pixels.shape == (24, 16, 3)


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_resolution_stays_in_its_unit(tmp_path: Path, unit: int) -> None:
    path = jpeg(tmp_path / "a.jpg")
    content = bytearray(path.read_bytes())
    content[13:18] = struct.pack(">BHH", unit, 118, 59)
    path.write_bytes(content)
    write_photo(tmp_path / "b.jpg", read_photo(path))
    assert (tmp_path / "b.jpg").read_bytes()[13:18] == content[13:18]


def test_other_formats_take_what_they_hold(tmp_path: Path) -> None:
    """From JPEG to PNG, TIFF and WebP and back: the maker note stays readable."""
    resources = b"8BIM\x04\x04\0\0\0\0\0\x0c\x1c\2\x78\0\7caption "
    path = jpeg(
        tmp_path / "a.jpg",
        ("APP1", b"Exif\0\0" + canon_block(1)),
        ("APP1", b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>packet</x:xmpmeta>"),
        ("APP13", b"Photoshop 3.0\0" + resources),
    )
    for suffix in (".png", ".tif", ".webp"):
        write_photo(tmp_path / f"b{suffix}", read_photo(path))
        write_photo(tmp_path / "c.jpg", read_photo(tmp_path / f"b{suffix}"))
        with Image.open(tmp_path / "c.jpg") as picture:
            block = picture.info["exif"].removeprefix(b"Exif\0\0")
            assert block.index(FIRMWARE.encode()) == canon_block(1).index(FIRMWARE.encode())
            assert picture.info["xmp"] == b"<x:xmpmeta>packet</x:xmpmeta>"
            assert picture.getexif().get_ifd(0x8825)[2] == (47, 22, 36)
            if suffix == ".tif":
                assert b"caption" in (tmp_path / "c.jpg").read_bytes()
