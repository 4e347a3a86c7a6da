"""Segments of a JPEG beside its pixels: taken from a file as they are, and put into a new one."""

# Source: JFIF 1.02; EXIF 3.0, 4.7; XMP specification, part 3, section 1.1.3 (JPEG and extended
# XMP); CIPA DC-007 (MPF); ISO/IEC 19566-5 (JUMBF).

import hashlib
import re
import struct
from collections.abc import Iterable
from typing import Any

from exposure_lab.images.metadata.exif_block import PREFIX
from exposure_lab.images.metadata.losses import CREDENTIALS, GAIN_MAP, SECOND_PICTURE

LONGEST = 65_533
"""Bytes that one segment holds."""

XMP = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
PHOTOSHOP = b"Photoshop 3.0\0"
PROFILE = b"ICC_PROFILE\0"
PICTURES = b"MPF\0"
GAIN_MAP_LABEL = b"urn:iso:std:iso:ts:21496"
GAIN_MAP_MARKS = (b"hdrgm", b"hdrgainmap", b"ts:21496")

MARKERS = {f"APP{number}": 0xE0 + number for number in range(16)} | {"COM": 0xFE}

REFERENCE = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" '
    b'xmpNote:HasExtendedXMP="%s"/></rdf:RDF></x:xmpmeta>'
)


def carried_segments(found: Iterable[tuple[str, bytes]]) -> tuple[dict[str, Any], frozenset[str]]:
    """Sort the segments of a JPEG into metadata that is carried and what is lost.

    Args:
        found: names and contents in the file's order, as Pillow's ``applist`` has them.

    Returns:
        ``exif``, ``xmp``, ``extended_xmp`` and ``segments`` (all others that stay), and the names
        of what can't stay, see `losses`.
    """
    carried: dict[str, Any] = {"exif": b"", "xmp": b"", "segments": []}
    losses, extended = set(), {}
    for name, content in found:
        if name == "APP1" and content.startswith(PREFIX):
            carried["exif"] += content[len(PREFIX) :]  # a long block goes on in the next one
        elif name == "APP1" and content.startswith(XMP):
            carried["xmp"] = carried["xmp"] or content[len(XMP) :]
        elif name == "APP1" and content.startswith(EXTENDED) and len(content) > 75:
            start = len(EXTENDED)
            (place,) = struct.unpack(">L", content[start + 36 : start + 40])
            extended[content[start : start + 32], place] = content[start + 40 :]
        elif name == "APP2" and content.startswith(GAIN_MAP_LABEL):
            losses.add(GAIN_MAP)
        elif name == "APP2" and content.startswith(PICTURES):
            losses.add(SECOND_PICTURE)
        elif name == "APP11":  # signatures, and layers that a decoder would lay over the pixels
            losses.add(CREDENTIALS)
        elif not _is_made_anew(name, content):
            carried["segments"].append((name, content))
    carried["extended_xmp"] = _joined(extended, carried["xmp"])
    return {key: value for key, value in carried.items() if value}, frozenset(losses)


def profile_segments(profile: bytes) -> list[tuple[str, bytes]]:
    """Split a colour profile into segments. Source: ICC.1:2022, annex B.4."""
    room = LONGEST - len(PROFILE) - 2
    parts = [profile[place : place + room] for place in range(0, len(profile), room)]
    return [
        ("APP2", PROFILE + bytes([number, len(parts)]) + part)
        for number, part in enumerate(parts, 1)
        if len(parts) < 256
    ]


def xmp_segments(packet: bytes, extended: bytes = b"") -> list[tuple[str, bytes]]:
    """Make segments of an XMP packet; one that is too long goes into extended XMP."""
    if len(packet) > LONGEST - len(XMP):
        inner = re.search(rb"<(\w+:xmpmeta|rdf:RDF)[\s>].*</\1\s*>", packet, re.DOTALL)
        extended = inner[0] if inner else packet
        packet = REFERENCE % _digest(extended)
    elif extended:
        reference = rb"(HasExtendedXMP(?:\s*=\s*[\"']|\s*>)\s*)[0-9A-Fa-f]{32}"
        packet = re.sub(reference, rb"\g<1>" + _digest(extended), packet)
    segments = [("APP1", XMP + packet)] if packet else []
    room = LONGEST - len(EXTENDED) - 40
    for place in range(0, len(extended), room):
        head = EXTENDED + _digest(extended) + struct.pack(">LL", len(extended), place)
        segments.append(("APP1", head + extended[place : place + room]))
    return segments


def photoshop_resources(segments: Iterable[tuple[str, bytes]]) -> bytes:
    """Join what captions and keywords (IPTC) lie in, as a TIFF holds it in one tag."""
    return b"".join(
        content.removeprefix(PHOTOSHOP)
        for name, content in segments
        if name == "APP13" and content.startswith(PHOTOSHOP)
    )


def photoshop_segments(resources: bytes) -> list[tuple[str, bytes]]:
    """Split a TIFF's captions and keywords into segments, the reverse of `photoshop_resources`."""
    room = LONGEST - len(PHOTOSHOP)
    return [
        ("APP13", PHOTOSHOP + resources[place : place + room])
        for place in range(0, len(resources), room)
    ]


def encoded(segments: Iterable[tuple[str, bytes]]) -> bytes:
    """Encode segments as a JPEG holds them, in their order."""
    return b"".join(
        struct.pack(">BBH", 0xFF, MARKERS[name], len(content) + 2) + content
        for name, content in segments
    )


def _is_made_anew(name: str, content: bytes) -> bool:
    """Whether the encoder writes such a segment itself: density, colour transform, profile."""
    return (
        (name == "APP0" and content[:4] in (b"JFIF", b"JFXX"))
        or (name == "APP2" and content.startswith(PROFILE))
        or (name == "APP14" and content.startswith(b"Adobe"))
    )


def _joined(parts: dict[tuple[bytes, int], bytes], packet: bytes) -> bytes:
    """The extended XMP that the packet names, whole; parts of any other are none of its."""
    whole = b""
    for (name, place), content in sorted(parts.items()):
        if name in packet and place == len(whole):
            whole += content
    return whole


def _digest(extended: bytes) -> bytes:
    return hashlib.md5(extended, usedforsecurity=False).hexdigest().upper().encode()
