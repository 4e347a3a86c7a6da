"""Pictures are read as they are meant to be seen, and written whole."""

import io
from pathlib import Path

import numpy as np
import pytest
from pictures import linear_profile, write_png16
from PIL import Image

from exposure_lab.errors import FilesError, ImageError
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.io import read_image, write_image
from exposure_lab.images.srgb import linear_to_srgb

# Six pixels that tell every turn and mirroring apart, as 0..255.
CORNERS = np.arange(18, dtype=np.uint8).reshape(2, 3, 3) * 10
TURNED = {  # EXIF orientation -> how the stored pixels are to be shown (EXIF 2.3, tag 0x0112)
    1: CORNERS,
    2: CORNERS[:, ::-1],
    3: CORNERS[::-1, ::-1],
    4: CORNERS[::-1],
    5: CORNERS.transpose(1, 0, 2),
    6: np.rot90(CORNERS, -1),
    7: CORNERS[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90(CORNERS, 1),
}


def save(path: Path, pixels: np.ndarray, mode: str | None = None, **options: object) -> Path:
    """Write an array with Pillow, as another program would."""
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(path, **options)
    return path


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".PNG"])
def test_lossless_files_keep_every_byte(tmp_path: Path, noise: Array, suffix: str) -> None:
    write_image(tmp_path / f"photo{suffix}", noise)
    read = read_image(tmp_path / f"photo{suffix}")
    assert read.dtype == np.float32
    assert np.array_equal(to_uint8(read), to_uint8(noise))


@pytest.mark.parametrize("suffix", [".jpg", ".JPG", ".jpeg", ".webp"])
def test_lossy_files_stay_near(tmp_path: Path, photo: Array, suffix: str) -> None:
    write_image(tmp_path / f"photo{suffix}", photo)
    assert np.abs(read_image(tmp_path / f"photo{suffix}") - photo).mean() < 0.02


def test_wrong_suffix_is_refused(tmp_path: Path, noise: Array) -> None:
    with pytest.raises(ImageError, match=r"ends in \.jpg, .* but got 'photo\.txt'"):
        write_image(tmp_path / "photo.txt", noise)
    assert list(tmp_path.iterdir()) == []


def test_full_disk_leaves_no_picture(tiny_disk: Path) -> None:
    with pytest.raises(FilesError, match="the disk is full"):
        write_image(tiny_disk / "photo.bmp", np.zeros((400, 400, 3), np.float32))
    assert list(tiny_disk.iterdir()) == []


def jpeg(pixels: np.ndarray) -> bytes:
    """A JPEG as bytes, to be damaged."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not an image file that this program can read: replace it"),
        (
            b"not a picture at all\n" * 50,
            "not an image file that this program can read: replace it",
        ),
        (jpeg(CORNERS.repeat(40, 0).repeat(40, 1))[:-200], "it does not decode .*truncated"),
        (jpeg(CORNERS)[:20], r"Expected a (whole )?picture in .*broken\.jpg"),
    ],
    ids=["zero bytes", "text", "truncated", "header alone"],
)
def test_broken_file_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "broken.jpg").write_bytes(content)
    with pytest.raises(ImageError, match=sentence) as caught:
        read_image(tmp_path / "broken.jpg")
    assert str(tmp_path / "broken.jpg") in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"none\.jpg, but there is no such file"):
        read_image(tmp_path / "none.jpg")
    with pytest.raises(ImageError, match="but it is a folder"):
        read_image(tmp_path)


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_grey_becomes_three_equal_channels(tmp_path: Path, mode: str) -> None:
    grey = np.array([[0, 255], [255, 0]], np.uint8)
    read = read_image(save(tmp_path / "grey.png", grey, mode))
    assert np.array_equal(read, np.repeat(grey[..., None] / 255, 3, axis=2))


def test_sixteen_bits_grey(tmp_path: Path) -> None:
    grey = np.array([[0, 1000], [40000, 65535]], np.uint16)
    read = read_image(save(tmp_path / "grey.png", grey))
    assert np.allclose(read, np.repeat(grey[..., None] / 65535, 3, axis=2), atol=1e-6)


def test_sixteen_bits_colour(tmp_path: Path) -> None:
    pixels = np.arange(18, dtype=np.uint16).reshape(2, 3, 3) * 3855
    write_png16(tmp_path / "deep.png", pixels)
    assert np.allclose(read_image(tmp_path / "deep.png"), pixels / 65535, atol=1 / 255)


def test_transparency_is_dropped(tmp_path: Path) -> None:
    pixels = np.dstack([CORNERS, np.array([[0, 128, 255]] * 2, np.uint8)])
    read = read_image(save(tmp_path / "clear.png", pixels))
    assert np.array_equal(to_uint8(read), CORNERS)


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_printing_colours_are_converted(tmp_path: Path, suffix: str) -> None:
    inks = Image.new("CMYK", (16, 16), (0, 255, 255, 0))  # magenta and yellow: red
    inks.save(tmp_path / f"print{suffix}")
    assert np.allclose(read_image(tmp_path / f"print{suffix}"), [1, 0, 0], atol=0.02)


def test_one_pixel(tmp_path: Path) -> None:
    read = read_image(save(tmp_path / "dot.png", np.array([[[10, 20, 30]]], np.uint8)))
    assert np.allclose(read, np.array([[[10, 20, 30]]]) / 255)


@pytest.mark.parametrize("orientation", TURNED)
def test_turned_photo_is_shown_upright(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "turned.png", CORNERS, exif=exif)
    assert np.array_equal(to_uint8(read_image(path)), TURNED[orientation])


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colour_profile_is_converted(tmp_path: Path, mode: str) -> None:
    path = save(tmp_path / "wide.png", CORNERS, mode, icc_profile=linear_profile())
    # The profile says that the file holds amounts of light, so the curve is still to come.
    assert np.allclose(read_image(path), linear_to_srgb(from_uint8(CORNERS)), atol=1.5 / 255)


def test_broken_colour_profile_is_as_good_as_none(tmp_path: Path) -> None:
    path = save(tmp_path / "odd.png", CORNERS, icc_profile=b"no profile")
    assert np.array_equal(to_uint8(read_image(path)), CORNERS)
