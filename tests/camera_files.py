"""Photos as cameras and catalogues leave them: EXIF with a maker note, captions, XMP, a profile."""

import shutil
import struct
import subprocess
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from pictures import linear_profile
from PIL import Image

FIRMWARE, OWNER = "Firmware Version 1.1.0", "Somebody With A Name"


def canon_block(orientation: int = 6, order: str = "<", thumbnail: bytes = b"") -> bytes:
    """An EXIF block as Canon's cameras write it: addresses in the maker note count from its start.

    Source: EXIF 2.32, 4.6; the tags of the note as exiftool lists them (Image::ExifTool::Canon).
    """
    values = bytearray()
    texts = {
        "make": b"Canon\0",
        "model": b"Canon EOS Test\0\0",
        "time": struct.pack(f"{order}LL", 1, 250),
    }
    texts["density"] = struct.pack(f"{order}LL", 300, 1)
    texts["place"] = struct.pack(f"{order}6L", 47, 1, 22, 1, 36, 1)
    note_texts = [text.encode().ljust(32, b"\0") for text in ("Test", FIRMWARE, OWNER)]
    # Where everything lies: head, four directories of known sizes, then the values.
    first, details = 8, 8 + 2 + 12 * 8 + 4
    place = details + 2 + 12 * 4 + 4
    small = place + 2 + 12 * 2 + 4
    start = small + 2 + 12 * 3 + 4
    at = {}
    for name, text in texts.items():
        at[name] = start + len(values)
        values += text
    note_at = start + len(values)
    note = struct.pack(f"{order}H", 3)
    for i, (number, text) in enumerate(zip((6, 7, 9), note_texts, strict=True)):
        note += struct.pack(f"{order}HHLL", number, 2, len(text), note_at + 2 + 36 + 4 + 32 * i)
    values += note + bytes(4) + b"".join(note_texts)
    thumb_at = start + len(values)
    values += thumbnail

    def directory(entries: list[tuple[int, int, int, int]], link: int = 0) -> bytes:
        table = struct.pack(f"{order}H", len(entries))
        for number, kind, count, value in entries:
            letter = "HH" if kind == 3 else "L"
            packed = struct.pack(f"{order}{letter}", *([value, 0] if kind == 3 else [value]))
            table += struct.pack(f"{order}HHL", number, kind, count) + packed
        return table + struct.pack(f"{order}L", link)

    head = b"II*\0" if order == "<" else b"MM\0*"
    north = struct.unpack(f"{order}L", b"N\0\0\0")[0]
    return b"".join(
        [
            head + struct.pack(f"{order}L", first),
            directory(
                [
                    (271, 2, 6, at["make"]),
                    (272, 2, 16, at["model"]),
                    (274, 3, 1, orientation),
                    (282, 5, 1, at["density"]),
                    (283, 5, 1, at["density"]),
                    (296, 3, 1, 2),
                    (0x8769, 4, 1, details),
                    (0x8825, 4, 1, place),
                ],
                small if thumbnail else 0,
            ),
            directory(
                [
                    (0x829A, 5, 1, at["time"]),
                    (0x927C, 7, len(note) + 4 + 96, note_at),
                    (0xA002, 3, 1, 60),
                    (0xA003, 4, 1, 40),
                ]
            ),
            directory([(1, 2, 2, north), (2, 5, 3, at["place"])]),
            directory(
                [(0x0103, 3, 1, 6), (0x0201, 4, 1, thumb_at), (0x0202, 4, 1, len(thumbnail))]
            ),
            bytes(values),
        ]
    )


def described_photo(folder: Path, suffix: str, deep: bool, orientation: int = 6) -> Path:
    """A photo of 60 x 40 pixels with everything that exiftool can write into its format."""
    pixels = np.random.default_rng(1).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    carrier, path = folder / "carrier.jpg", folder / f"photo{suffix}"
    block = b"Exif\0\0" + canon_block(orientation)
    Image.fromarray(pixels).save(carrier, exif=block, icc_profile=linear_profile())
    if suffix == ".tif":
        tifffile.imwrite(
            path,
            pixels.astype(np.uint16) * 257 if deep else pixels,
            photometric="rgb",
            metadata=None,
        )
    elif deep:
        path.write_bytes(imagecodecs.png_encode(pixels.astype(np.uint16) * 257))
    else:
        Image.fromarray(pixels).save(path)
    with_icc = ["-icc_profile<=profile.icc"]
    (folder / "profile.icc").write_bytes(linear_profile())
    exiftool(
        *("-tagsFromFile", carrier.name, "-all:all", "-unsafe", *with_icc),
        *(f"-IFD0:Orientation#={orientation}", f"-XMP-tiff:Orientation#={orientation}"),
        *("-IPTC:Caption-Abstract=A long caption", "-IPTC:Keywords=one", "-IPTC:Keywords=two"),
        *("-XMP-dc:Title=A title", "-XMP-xmp:Rating=4", "-Comment=A comment"),
        *("-JFIF:ResolutionUnit#=2", "-JFIF:XResolution=118", "-JFIF:YResolution=118"),
        *("-PNG:Author=Somebody", "-overwrite_original", "-m", path.name),
        cwd=folder,
    )
    carrier.unlink()
    return path


def exiftool(*arguments: str, cwd: Path) -> str:
    """Run exiftool; what it prints."""
    program = shutil.which("exiftool")
    assert program is not None
    run = subprocess.run(
        [program, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
