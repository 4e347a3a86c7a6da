"""The colours of a PNG are what its chunks say, or it is refused in a sentence."""

import io
import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms

from exposure_lab.errors import ImageError
from exposure_lab.images.io import read_image
from exposure_lab.images.metadata.png_chunks import read_chunks
from exposure_lab.images.photo_file import read_photo, write_photo
from exposure_lab.images.srgb import linear_to_srgb

GREY = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)


def png(path: Path, deep: bool, colour: bool, *chunks: tuple[bytes, bytes]) -> Path:
    """A ramp of grey, with chunks behind its header."""
    white, kind = (65535, np.uint16) if deep else (255, np.uint8)
    pixels = np.round(GREY * white).astype(kind)
    encoded = imagecodecs.png_encode(np.dstack([pixels] * 3) if colour else pixels)
    body = b"".join(
        struct.pack(">L", len(content))
        + name
        + content
        + struct.pack(">L", zlib.crc32(name + content))
        for name, content in chunks
    )
    path.write_bytes(encoded[:33] + body + encoded[33:])
    return path


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">L", round(value * 100_000))


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("colour", [False, True])
def test_gamma_counts_at_any_depth(tmp_path: Path, deep: bool, colour: bool) -> None:
    """Amounts of light, gamma 1, look as bright as sRGB's curve says."""
    path = png(tmp_path / "a.png", deep, colour, gamma(1))
    expected = linear_to_srgb(GREY)[..., None]
    tolerance = 2e-3 if deep else 2 / 255
    assert np.abs(read_image(path) - expected).max() < tolerance
    write_photo(tmp_path / "b.png", read_photo(path))
    assert np.abs(read_image(tmp_path / "b.png") - expected).max() < tolerance
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "b.png").read_bytes()
    assert np.array_equal(read_photo(tmp_path / "b.png").pixels, read_photo(path).pixels)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(
    "chunks",
    [
        (gamma(0.45455),),
        ((b"sRGB", b"\0"), gamma(1)),
        ((b"cICP", bytes([1, 13, 0, 1])), gamma(1)),
        ((b"cICP", bytes([2, 2, 0, 1])),),
        ((b"gAMA", bytes(4)),),
    ],
)
def test_what_means_srgb_changes_nothing(
    tmp_path: Path, deep: bool, chunks: tuple[tuple[bytes, bytes], ...]
) -> None:
    plain = read_image(png(tmp_path / "a.png", deep, True))
    path = png(tmp_path / "b.png", deep, True, *chunks)
    assert np.array_equal(read_image(path), plain)
    assert read_photo(path).profile is None


@pytest.mark.parametrize("deep", [False, True])
def test_display_p3_is_converted(tmp_path: Path, deep: bool) -> None:
    path = png(tmp_path / "a.png", deep, True, (b"cICP", bytes([12, 13, 0, 1])))
    photo = read_photo(path)
    assert photo.profile is not None
    red = ImageCms.ImageCmsProfile(io.BytesIO(photo.profile)).profile.red_primary
    # Display P3's red is (0.680, 0.320), adapted from D65 to D50 (ICC.1:2022, annex E).
    assert red is not None
    assert np.allclose(red[1][:2], (0.682, 0.319), atol=0.002)
    assert np.abs(read_image(path) - GREY[..., None]).max() < 2 / 255  # grey stays grey
    write_photo(tmp_path / "b.png", photo)
    assert read_photo(tmp_path / "b.png").profile == photo.profile
    assert b"cICP" not in dict(read_chunks(tmp_path / "b.png"))


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(
    ("chunk", "sentence"),
    [
        ((b"cICP", bytes([9, 16, 0, 1])), r"says HDR in its cICP chunk \(PQ\): convert it to SDR"),
        ((b"cICP", bytes([9, 18, 0, 1])), r"HLG"),
        ((b"cICP", bytes([99, 13, 0, 1])), r"\(99, 13, 0, 1\) in its cICP chunk: save it with"),
        ((b"cICP", bytes([1, 13, 1, 1])), r"\(1, 13, 1, 1\)"),
        (gamma(0.00001), "says a gamma of 1e-05"),
    ],
)
def test_other_colours_are_refused(
    tmp_path: Path, deep: bool, chunk: tuple[bytes, bytes], sentence: str
) -> None:
    path = png(tmp_path / "a.png", deep, True, chunk)
    for read in (read_photo, read_image):
        with pytest.raises(ImageError, match=sentence):
            read(path)


def test_palettes_have_colours_too(tmp_path: Path) -> None:
    stream = io.BytesIO()
    picture = Image.fromarray(np.round(GREY * 255).astype(np.uint8)).convert("RGB").quantize(16)
    picture.save(stream, "PNG")
    encoded = stream.getvalue()
    name, content = gamma(1)
    body = struct.pack(">L", 4) + name + content + struct.pack(">L", zlib.crc32(name + content))
    (tmp_path / "a.png").write_bytes(encoded[:33] + body + encoded[33:])
    shown = np.asarray(picture.convert("RGB"), np.float32) / 255
    assert np.abs(read_image(tmp_path / "a.png") - linear_to_srgb(shown)).max() < 2 / 255
