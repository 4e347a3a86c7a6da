"""How large a picture may be: said in megapixels and gigabytes, and raised where somebody asks."""

import struct
import threading
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from PIL import Image
from raw_files import write_dng

from exposure_lab.errors import ImageError
from exposure_lab.images import pixel_array as module
from exposure_lab.images.formats import open_image
from exposure_lab.images.io import read_uint8
from exposure_lab.images.limits import largest_picture
from exposure_lab.images.photo_file import read_photo
from exposure_lab.images.raw import read_raw


def claim(path: Path, width: int, height: int) -> Path:
    """A PNG whose header states a size; little is behind it. Source: PNG specification, 11.2."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(9))), (b"IEND", b"")]
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in chunks
        )
    )
    return path


@pytest.fixture
def _plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a terabyte of memory."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1e12))


@pytest.mark.usefixtures("_plenty")
@pytest.mark.parametrize("read", [read_photo, read_uint8])
def test_too_many_megapixels_are_told_with_the_option_that_takes_them(read, tmp_path: Path) -> None:
    path = claim(tmp_path / "large.png", 30_000, 20_000)
    with pytest.raises(ImageError) as caught:
        read(path)
    sentence = str(caught.value)
    assert sentence.startswith(
        f"Expected at most 300 megapixels in {path}, but it states 30000 x 20000, which is 600: "
    )
    assert "--max-megapixels" in sentence
    assert not any(word in sentence.lower() for word in ("attack", "bomb", "dos"))
    with largest_picture(600), open_image(path) as picture:
        assert picture.size == (30_000, 20_000)
    with largest_picture(599), pytest.raises(ImageError, match="at most 599 megapixels"):
        read(path)


@pytest.mark.usefixtures("_plenty")
@pytest.mark.parametrize("read", [read_photo, read_raw])
def test_raw_counts_against_the_limit_before_it_is_developed(read, tmp_path: Path) -> None:
    path = tmp_path / "sensor.dng"
    write_dng(path, np.full((100, 150), 0.5))
    with largest_picture(0.0149), pytest.raises(ImageError) as caught:
        read(path)
    assert str(caught.value).startswith(
        f"Expected at most 0.0149 megapixels in {path}, but it states 150 x 100, which is "
    )
    with largest_picture(0.015):
        read(path)


@pytest.mark.usefixtures("_plenty")
def test_a_phone_of_200_megapixels_is_read_by_default(tmp_path: Path) -> None:
    with open_image(claim(tmp_path / "phone.png", 16_320, 12_240)) as picture:
        assert picture.size == (16_320, 12_240)


def test_no_more_is_read_than_there_is_memory_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1.5e9))
    expected = (
        r"Expected 1\.8 GB of free memory for the 200 megapixels of .*phone\.png, but there are "
        r"1\.5 GB: close other programs"
    )
    with pytest.raises(ImageError, match=expected):
        read_photo(claim(tmp_path / "phone.png", 16_320, 12_240))


def test_pillow_has_its_own_limit_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where two threads read at once, of which the first ends first."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1234)
    path = claim(tmp_path / "photo.png", 100, 100)
    opened, left = threading.Event(), threading.Event()

    def read() -> None:
        with open_image(path):
            opened.set()
            left.wait(60)

    thread = threading.Thread(target=read)
    with open_image(path):
        thread.start()
        assert opened.wait(60)
    assert Image.MAX_IMAGE_PIXELS is None
    left.set()
    thread.join()
    assert Image.MAX_IMAGE_PIXELS == 1234


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1", "CMYK", "F"])
@pytest.mark.parametrize("band", [1, 100, 2999, 3000, 10**6])
def test_pixels_in_bands_are_the_same(
    mode: str, band: int, monkeypatch: pytest.MonkeyPatch, noise: np.ndarray
) -> None:
    picture = Image.fromarray((noise * 255).astype(np.uint8)).resize((60, 50)).convert(mode)
    monkeypatch.setattr(module, "BAND", band)
    pixels = module.pixel_array(picture)
    assert pixels.dtype == np.asarray(picture).dtype
    assert np.array_equal(pixels, np.asarray(picture))
