"""A turned photo is upright once, whoever says that it is turned, in every format and reader."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from exposure_lab.data.verification.decodable import decode
from exposure_lab.images.array import to_uint8
from exposure_lab.images.io import read_image, read_uint8
from exposure_lab.images.photo_file import read_photo, write_photo

PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 4, 3) * 10
UPRIGHT = np.rot90(PIXELS, -1)  # orientation 6: EXIF 2.3, tag 0x0112
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="%d"/></x:xmpmeta>'


def save(path: Path, exif: int | None, xmp: int | None, deep: bool = False) -> Path:
    """A photo whose EXIF and XMP say an orientation, or nothing."""
    options: dict[str, Any] = {}
    block = Image.Exif()
    if exif is not None:
        block[274] = exif
        options["exif"] = block
    if xmp is not None:
        options["xmp"] = XMP % xmp
    if path.suffix == ".png" and xmp is not None:
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", options.pop("xmp").decode())
    if path.suffix == ".tif":
        tags = [] if exif is None else [(274, "H", 1, exif, True)]
        tags += [] if xmp is None else [(700, "B", len(XMP) - 1, XMP % xmp, True)]
        pixels = PIXELS.astype(np.uint16) * 257 if deep else PIXELS
        tifffile.imwrite(path, pixels, photometric="rgb", extratags=tags, metadata=None)
        return path
    lossless = {".webp": {"lossless": True}, ".jpg": {"quality": 100, "subsampling": 0}}
    Image.fromarray(PIXELS).save(path, **options, **lossless.get(path.suffix, {}))
    return path


@pytest.mark.parametrize(
    ("suffix", "deep"), [(".jpg", 0), (".png", 0), (".webp", 0), (".tif", 0), (".tif", 1)]
)
@pytest.mark.parametrize(
    ("exif", "xmp", "turned"),
    [
        (6, None, True),
        (None, 6, True),  # EXIF says nothing, so XMP counts
        (6, 6, True),
        (6, 3, True),  # where they differ, EXIF counts
        (1, 6, False),
        (0, 6, False),
        (None, None, False),
    ],
)
def test_upright_once(
    tmp_path: Path, suffix: str, deep: int, exif: int | None, xmp: int | None, turned: bool
) -> None:
    path = save(tmp_path / f"a{suffix}", exif, xmp, bool(deep))
    expected = UPRIGHT if turned else PIXELS
    photo = read_photo(path)
    write_photo(tmp_path / f"b{suffix}", photo)
    write_photo(tmp_path / f"c{suffix}", read_photo(tmp_path / f"b{suffix}"))
    for name in "abc":
        path = tmp_path / f"{name}{suffix}"
        assert decode(path).size == (expected.shape[1], expected.shape[0])
        for read in (read_uint8(path), to_uint8(read_image(path))):
            assert read.shape == expected.shape
            assert np.abs(read.astype(int) - expected).max() < 40
    for name in "bc":
        content = (tmp_path / f"{name}{suffix}").read_bytes()
        assert b'Orientation="6"' not in content and b'Orientation="3"' not in content
        assert (b'Orientation="1"' in content) == (xmp is not None)
        with Image.open(tmp_path / f"{name}{suffix}") as picture:
            assert picture.getexif().get(274, 1) == 1
