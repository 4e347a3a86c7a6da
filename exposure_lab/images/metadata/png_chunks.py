"""Chunks of a PNG beside its pixels: taken from a file as they are, and put into a new one."""

# Source: PNG specification (third edition), sections 5, 11 and 14.

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_END = len(SIGNATURE) + 25
"""Where IHDR ends, 13 bytes in a chunk of 25."""

COLOUR = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
DESCRIBING = (b"tEXt", b"zTXt", b"iTXt", b"pHYs", b"tIME")
XMP = b"XML:com.adobe.xmp"
RAW_PROFILES = (b"exif", b"APP1", b"xmp")
"""Names of EXIF and XMP that ImageMagick hides in text; they are carried as EXIF and XMP."""

LARGEST = 64 * 2**20
"""Bytes of a chunk, or of a text once it is inflated, beyond which nobody meant to write it."""


def read_chunks(path: Path) -> list[tuple[bytes, bytes]]:
    """Read names and contents of all chunks but those of pixels, up to the first damaged one."""
    chunks = []
    with path.open("rb") as file:
        file.seek(len(SIGNATURE))
        while len(head := file.read(8)) == 8:
            length, name = struct.unpack(">L4s", head)
            if name in (b"IDAT", b"fdAT") or length > LARGEST:
                file.seek(length + 4, 1)
                continue
            content = file.read(length)
            check = file.read(4)
            if name == b"IEND" or check != struct.pack(">L", zlib.crc32(name + content)):
                break
            chunks.append((name, content))
    return chunks


def describing_chunks(chunks: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Choose the chunks that stay as they are: text, resolution, and all that may be copied.

    A lower-case fourth letter says that a chunk may be copied to a changed picture (section 5.4).
    """
    return [
        (name, content)
        for name, content in chunks
        if name in DESCRIBING or (name[3:].islower() and name[:1].islower())
        if name not in (*COLOUR, b"eXIf", b"bKGD", b"hIST", b"tRNS", b"sBIT", b"sPLT")
        if not (name == b"iTXt" and content.startswith(XMP + b"\0"))
        if _raw_profile_name(name, content) not in RAW_PROFILES
    ]


def exif_and_xmp(chunks: list[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    """Find the EXIF block and the XMP packet, in chunks of their own or hidden in text."""
    exif, packet = b"", b""
    for name, content in chunks:
        if name == b"eXIf":
            exif = exif or content
        elif name == b"iTXt" and content.startswith(XMP + b"\0"):
            packet = packet or _international_text(content)
    for kind, profile in _raw_profiles(chunks):
        if kind in (b"exif", b"APP1") and profile.startswith(b"Exif\0\0"):
            exif = exif or profile[6:]
        elif kind == b"xmp":
            packet = packet or profile
    return exif, packet


def xmp_chunk(packet: bytes) -> tuple[bytes, bytes]:
    """Make the chunk of an XMP packet."""
    return b"iTXt", XMP + bytes(5) + packet


def comment_chunk(comment: bytes) -> tuple[bytes, bytes]:
    """Make the chunk of a JPEG's comment: as UTF-8 where it is that, else as Latin-1."""
    text = comment.replace(b"\0", b"")  # some programs end it with one, and a PNG's has none
    if text.isascii():
        return b"tEXt", b"Comment\0" + text
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return b"tEXt", b"Comment\0" + text
    return b"iTXt", b"Comment" + bytes(5) + text


def insert(encoded: bytes, chunks: list[tuple[bytes, bytes]]) -> Iterator[bytes | memoryview]:
    """Insert chunks behind the header of an encoded PNG; yields the new file in parts."""
    yield encoded[:HEADER_END]
    for name, content in chunks:
        check = zlib.crc32(name + content)
        yield struct.pack(">L", len(content)) + name + content + struct.pack(">L", check)
    yield memoryview(encoded)[HEADER_END:]


def inflated(data: bytes) -> bytes:
    """Inflate a compressed text or profile; of a damaged one, or one without end, nothing."""
    machine = zlib.decompressobj()
    try:
        text = machine.decompress(data, LARGEST)
    except zlib.error:
        return b""
    return text if machine.eof else b""


def _international_text(content: bytes) -> bytes:
    _, _, rest = content.partition(b"\0")
    compressed, rest = rest[:1], rest[2:]
    _, _, rest = rest.partition(b"\0")  # its language
    _, _, text = rest.partition(b"\0")  # its keyword in that language
    return inflated(text) if compressed == b"\1" else text


def _raw_profile_name(name: bytes, content: bytes) -> bytes:
    found = name in (b"tEXt", b"zTXt", b"iTXt") and content.startswith(b"Raw profile type ")
    return content[17 : content.find(b"\0")] if found else b""


def _raw_profiles(chunks: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of profiles written as text: a name, a length, and hexadecimal digits."""
    for name, content in chunks:
        if kind := _raw_profile_name(name, content):
            _, _, text = content.partition(b"\0")
            text = inflated(text[1:]) if name == b"zTXt" else text
            digits = b"".join(text.split()[2:])
            try:
                yield kind, bytes.fromhex(digits.decode("ascii"))
            except ValueError:  # damaged: it stays no text, and is no profile
                continue
