"""Names of a zip's members, in whatever encoding its author's system wrote them."""

import struct
import zipfile
import zlib

UTF8_NAME = 0x800
UNICODE_PATH = 0x7075
"""Extra field with the name in UTF-8, by Info-ZIP (APPNOTE 4.6.9)."""


def member_name(info: zipfile.ZipInfo) -> str:
    """Name of a member as its author wrote it, whatever the encoding.

    A name without the flag for UTF-8 was read as cp437. macOS writes UTF-8 without the flag, and
    Info-ZIP puts UTF-8 into an extra field.
    """
    name = info.orig_filename
    if info.flag_bits & UTF8_NAME:
        return name
    raw = name.encode("cp437", errors="replace")
    in_extra = _unicode_path(info.extra, raw)
    if in_extra is not None:
        return in_extra
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return name


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """Name in the extra field of Info-ZIP; None where there is none for this name."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        content, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == UNICODE_PATH and content[:1] == b"\x01" and len(content) >= 5:
            (checksum,) = struct.unpack_from("<L", content, 1)
            if checksum == zlib.crc32(raw):
                return content[5:].decode(errors="replace")
    return None
