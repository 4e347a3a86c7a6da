"""HEIC, with the extra: upright as it is decoded, and its metadata go into the JPEG."""

from pathlib import Path

import numpy as np
import pytest
from camera_files import FIRMWARE, canon_block
from PIL import Image

from exposure_lab.images.io import read_image
from exposure_lab.images.photo_file import read_photo, write_photo


@pytest.mark.parametrize("orientation", [1, 6, 3])
def test_a_heic_becomes_an_upright_jpeg(tmp_path: Path, orientation: int) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="the extra [heic] is not installed")
    pillow_heif.register_heif_opener()
    stored = np.zeros((40, 60, 3), np.uint8)
    stored[:20, :30] = 255  # white at the top left of what the sensor saw
    xmp = f'<x:xmpmeta><a tiff:Orientation="{orientation}"/></x:xmpmeta>'.encode()
    block = b"Exif\0\0" + canon_block(orientation)
    Image.fromarray(stored).save(tmp_path / "a.heic", exif=block, xmp=xmp, quality=90)
    shown = np.rot90(stored, {1: 0, 6: -1, 3: 2}[orientation])
    photo = read_photo(tmp_path / "a.heic")
    assert photo.pixels.shape == shown.shape
    assert np.abs(photo.pixels.astype(int) - shown).mean() < 20
    assert np.abs(read_image(tmp_path / "a.heic") * 255 - shown).mean() < 20
    write_photo(tmp_path / "a.jpg", photo)
    again = read_photo(tmp_path / "a.jpg")
    assert again.pixels.shape == shown.shape
    with Image.open(tmp_path / "a.jpg") as picture:
        exif = picture.getexif()
        details = exif.get_ifd(0x8769)
        assert exif[274] == 1
        assert (details[0xA002], details[0xA003]) == (shown.shape[1], shown.shape[0])
        assert FIRMWARE.encode() in picture.info["exif"]
        for turned in (b'Orientation="3"', b'Orientation="6"'):
            assert turned not in picture.info["xmp"]
