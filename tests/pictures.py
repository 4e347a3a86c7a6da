"""Files that Pillow reads but does not write: a 16-bit RGB PNG, and a colour profile."""

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def write_png16(path: Path, pixels: NDArray[np.uint16]) -> None:
    """Write (H, W, 3) as a PNG with 16 bits a channel. Source: PNG specification, section 11."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def linear_profile() -> bytes:
    """An ICC profile with sRGB's primaries and no curve: stored values are amounts of light.

    Source: ICC.1:2001-04, sections 6.1 (header), 6.2 (tag table) and 6.5 (types).
    """
    # sRGB's primaries and white, adapted to the D50 of the profile connection space.
    colours = {
        b"rXYZ": (0.43607, 0.22249, 0.01392),
        b"gXYZ": (0.38515, 0.71687, 0.09708),
        b"bXYZ": (0.14307, 0.06061, 0.71410),
        b"wtpt": (0.96420, 1.0, 0.82491),
    }
    tags = {name: b"XYZ \0\0\0\0" + _fixed(*value) for name, value in colours.items()}
    tags |= {name: b"curv" + bytes(8) for name in (b"rTRC", b"gTRC", b"bTRC")}  # no points: linear
    tags[b"desc"] = b"desc" + bytes(4) + struct.pack(">I", 7) + b"linear\0" + bytes(79)
    tags[b"cprt"] = b"text" + bytes(4) + b"none\0"
    start = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    header = struct.pack(
        ">I4sI4s4s4s", start + len(data), b"", 0x02100000, b"mntr", b"RGB ", b"XYZ "
    )
    header += struct.pack(">6H", 2022, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += _fixed(0.9642, 1.0, 0.8249)
    return header.ljust(128, b"\0") + table + data


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)
