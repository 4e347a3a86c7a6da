"""Damaged and odd picture files, made from a photo by a seeded fuzzer."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
from PIL import Image

from exposure_lab.images.array import Array, to_uint8

FORMATS = {".jpg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".webp": "WEBP", ".bmp": "BMP"}

Maker = Callable[["Fuzzer", str], bytes]


class Fuzzer:
    """Makes files; the same ones for the same seed."""

    def __init__(self, photo: Array, seed: int) -> None:
        self.picture = Image.fromarray(to_uint8(photo))
        self.draw = np.random.default_rng(seed)

    def write(self, folder: Path, count: int) -> list[Path]:
        """``count`` files, of every kind in turn, in every format."""
        folder.mkdir(parents=True)
        paths = []
        suffixes = list(FORMATS)
        for i in range(count):
            name, make = list(KINDS.items())[i % len(KINDS)]
            suffix = suffixes[int(self.draw.integers(len(suffixes)))]
            path = folder / f"{i:03d}_{name}{ONLY.get(name, suffix)}"
            path.write_bytes(make(self, path.suffix))
            paths.append(path)
        return paths

    def encoded(self, suffix: str, mode: str = "RGB", **options: object) -> bytes:
        stream = io.BytesIO()
        picture = self.picture.convert(mode)
        picture.save(stream, FORMATS.get(suffix, "GIF"), **options)
        return stream.getvalue()

    def truncated(self, suffix: str) -> bytes:
        whole = self.encoded(suffix)
        return whole[: int(self.draw.integers(1, len(whole)))]

    def flipped(self, suffix: str) -> bytes:
        content = bytearray(self.encoded(suffix))
        for place in self.draw.integers(len(content), size=int(self.draw.integers(1, 40))):
            content[place] ^= int(self.draw.integers(1, 256))
        return bytes(content)

    def flipped_header(self, suffix: str) -> bytes:
        content = bytearray(self.encoded(suffix))
        for place in self.draw.integers(4, 120, size=int(self.draw.integers(1, 8))):
            content[place] ^= int(self.draw.integers(1, 256))
        return bytes(content)

    def absurd_size(self, suffix: str) -> bytes:
        """A header that promises more pixels than any memory holds."""
        content = bytearray(self.encoded(suffix))
        side = int(self.draw.integers(40_000, 65_500))
        if suffix == ".png":
            content[16:24] = struct.pack(">II", side, side)
            content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
        elif suffix == ".bmp":
            content[18:26] = struct.pack("<ii", side, side)
        else:
            start = content.index(b"\xff\xc0")  # JPEG: start of frame
            content[start + 5 : start + 9] = struct.pack(">HH", side, side)
        return bytes(content)

    def bomb(self, suffix: str) -> bytes:
        """Few bytes, honest header, very many pixels."""
        stream = io.BytesIO()
        side = 18_000
        Image.new("1", (side, side)).save(stream, FORMATS[suffix])
        return stream.getvalue()

    def animated(self, suffix: str) -> bytes:
        others = [self.picture.rotate(angle) for angle in (90, 180)]
        return self.encoded(suffix, save_all=True, append_images=others)

    def deep(self, suffix: str) -> bytes:
        return bytes(imagecodecs.png_encode(np.asarray(self.picture).astype(np.uint16) * 257))

    def truncated_deep(self, suffix: str) -> bytes:
        whole = self.deep(suffix)
        return whole[: int(self.draw.integers(30, len(whole)))]

    def broken_exif(self, suffix: str) -> bytes:
        return self.encoded(suffix, exif=b"Exif\0\0II*\0" + self.draw.bytes(60))

    def broken_profile(self, suffix: str) -> bytes:
        return self.encoded(suffix, icc_profile=self.draw.bytes(300))

    def other_name(self, suffix: str) -> bytes:
        """Another format than the name says."""
        return self.encoded(".png" if suffix != ".png" else ".jpg")


KINDS: dict[str, Maker] = {
    "whole": Fuzzer.encoded,
    "truncated": Fuzzer.truncated,
    "flipped": Fuzzer.flipped,
    "flipped-header": Fuzzer.flipped_header,
    "empty": lambda fuzzer, suffix: b"",
    "zeros": lambda fuzzer, suffix: bytes(int(fuzzer.draw.integers(1, 5000))),
    "noise": lambda fuzzer, suffix: fuzzer.draw.bytes(int(fuzzer.draw.integers(1, 5000))),
    "text": lambda fuzzer, suffix: b"not a picture at all\n" * 20,
    "absurd-size": Fuzzer.absurd_size,
    "bomb": Fuzzer.bomb,
    "animated": Fuzzer.animated,
    "alpha": lambda fuzzer, suffix: fuzzer.encoded(suffix, "RGBA"),
    "palette": lambda fuzzer, suffix: fuzzer.encoded(suffix, "P"),
    "grey-alpha": lambda fuzzer, suffix: fuzzer.encoded(suffix, "LA"),
    "cmyk": lambda fuzzer, suffix: fuzzer.encoded(suffix, "CMYK"),
    "one-bit": lambda fuzzer, suffix: fuzzer.encoded(suffix, "1"),
    "grey-16": lambda fuzzer, suffix: fuzzer.encoded(suffix, "I;16"),
    "deep": Fuzzer.deep,
    "truncated-deep": Fuzzer.truncated_deep,
    "float": lambda fuzzer, suffix: fuzzer.encoded(suffix, "F"),
    "broken-exif": Fuzzer.broken_exif,
    "broken-profile": Fuzzer.broken_profile,
    "other-name": Fuzzer.other_name,
    "one-pixel": lambda fuzzer, suffix: Fuzzer(np.full((1, 1, 3), 0.4, np.float32), 0).encoded(
        suffix
    ),
}
"""Kind of file to what makes its bytes."""

ONLY = {
    "absurd-size": ".png",
    "bomb": ".png",
    "animated": ".webp",
    "alpha": ".png",
    "palette": ".png",
    "grey-alpha": ".png",
    "cmyk": ".jpg",
    "one-bit": ".tif",
    "grey-16": ".tif",
    "deep": ".png",
    "truncated-deep": ".png",
    "float": ".tif",
    "broken-exif": ".jpg",
    "broken-profile": ".jpg",
}
"""The format of kinds that not every format can hold."""

CORRECTABLE = (
    "whole alpha palette grey-alpha cmyk one-bit grey-16 deep broken-exif broken-profile "
    "other-name one-pixel"
).split()
"""Kinds that are photos all the same."""

HOPELESS = "empty zeros noise text absurd-size bomb animated float".split()
"""Kinds that nobody can correct."""
