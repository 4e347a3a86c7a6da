"""XMP packets: what is untrue of the corrected photo is patched, in every way of writing it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure_lab.images.metadata.xmp import Packet

RDF = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax'
    '-ns#"><rdf:Description rdf:about="" xmlns:t="http://ns.adobe.com/tiff/1.0/" %s</rdf:RDF>'
    "</x:xmpmeta>"
)


def upright(packet: bytes, swapped: bool = False) -> bytes:
    patched = Packet(packet)
    patched.make_upright(swapped)
    return bytes(patched)


@pytest.mark.parametrize(
    "written",
    [
        't:Orientation="6"/>',
        "t:Orientation = ' 6 '/>",
        "><t:Orientation>6</t:Orientation></rdf:Description>",
        ">\n<t:Orientation \n>\n 6 \n</t:Orientation></rdf:Description>",
        'tiff:Orientation="6"/>',  # a prefix that nobody declared
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_orientation_in_every_way_of_writing_it(written: str, encoding: str) -> None:
    packet = (RDF % written).encode(encoding)
    assert Packet(packet).orientation == 6
    patched = upright(packet)
    assert patched.decode(encoding) == (RDF % written).replace("6", "1")
    assert Packet(patched).orientation == 1


def test_sides_are_swapped() -> None:
    packet = b"<a exif:PixelXDimension='4000'><exif:PixelYDimension>300</exif:PixelYDimension></a>"
    expected = (
        b"<a exif:PixelXDimension='300'><exif:PixelYDimension>4000</exif:PixelYDimension></a>"
    )
    assert upright(packet, swapped=True) == expected
    assert upright(packet) == packet


@pytest.mark.parametrize(
    "packet",
    [
        b"<other:Orientation>6</other:Orientation>",
        b'<a rotation="6" exif:PixelXDimension="6"/>',
        "<dc:title>naïve tiff:Orientation 漢字</dc:title>".encode(),
        b"",
        b"\xff\xfe\0",
        b"\x80\x81\xff not UTF-8",
    ],
)
def test_everything_else_stays(packet: bytes) -> None:
    patched = Packet(packet)
    patched.make_upright(sides_swapped=True)
    patched.drop_followers()
    assert bytes(patched) == packet
    assert not patched.has_gain_map and not patched.has_film


@given(st.binary(max_size=300))
def test_any_bytes_come_back(content: bytes) -> None:
    assert bytes(Packet(content)) == content
    upright(content, swapped=True)


def test_labels_of_gain_maps_and_films_are_dropped() -> None:
    packet = (
        b'<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" '
        b'xmlns:C="http://ns.google.com/photos/1.0/container/" '
        b'xmlns:Item="http://ns.google.com/photos/1.0/container/item/" '
        b'hdrgm:Version="1.0" GCamera:MotionPhoto="1" xmp:Rating="3">'
        b"<hdrgm:GainMapMax><rdf:Seq/></hdrgm:GainMapMax>"
        b'<C:Directory><rdf:Seq><rdf:li><C:Item Item:Semantic="GainMap" Item:Length="9"/></rdf:li>'
        b"</rdf:Seq></C:Directory></rdf:Description>"
    )
    label = Packet(packet)
    assert label.has_gain_map and label.has_film
    label.drop_followers()
    assert bytes(label) == b'<rdf:Description xmp:Rating="3"></rdf:Description>'


@pytest.mark.slow
def test_a_hostile_packet_takes_no_time() -> None:
    """Patterns that are tried at every place must not each read on to the end."""
    floods = (
        b" ",
        b"<hdrgm:Version>",
        b"tiff:Orientation ",
        b" xmlns:a='",
        b'tiff:Orientation="',
        b"<x ",
    )
    for flood in floods:
        packet = Packet(flood * 20_000)
        packet.make_upright(sides_swapped=True)
        packet.drop_followers()
        assert packet.orientation is None
