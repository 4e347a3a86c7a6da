"""Reading pictures as they are meant to be seen, and the sRGB curve."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pictures import linear_profile, write_png16
from PIL import Image
from skimage.color import rgb2xyz

from exposure_lab.errors import FilesError, ImageError
from exposure_lab.image import (
    Array,
    center_square,
    check_image,
    from_uint8,
    linear_to_srgb,
    read_exif,
    read_image,
    resize,
    shrink,
    srgb_to_linear,
    to_pixels,
    to_tensor,
    to_uint8,
    write_image,
)

UNIT = st.floats(0, 1, width=32)
IMAGES = arrays.arrays(np.float32, (2, 3, 3), elements=UNIT)

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


@given(IMAGES)
def test_linear_light_and_back(srgb: Array) -> None:
    assert np.allclose(linear_to_srgb(srgb_to_linear(srgb)), srgb, atol=2e-6)
    assert np.allclose(srgb_to_linear(linear_to_srgb(srgb)), srgb, atol=2e-6)


@given(UNIT, UNIT)
def test_curve_rises(a: float, b: float) -> None:
    low, high = sorted((np.float32(a), np.float32(b)))
    assert srgb_to_linear(low) <= srgb_to_linear(high)
    assert linear_to_srgb(low) <= linear_to_srgb(high)


def test_curve_agrees_with_scikit_image() -> None:
    grey = np.linspace(0, 1, 4096, dtype=np.float32)
    luminance = rgb2xyz(np.repeat(grey[:, None], 3, axis=1).astype(np.float64))[:, 1]
    assert np.allclose(srgb_to_linear(grey), luminance, atol=1e-6)  # the Y row sums to 1


@pytest.mark.parametrize(
    ("srgb", "linear"),  # worked out by hand from IEC 61966-2-1
    [(0, 0), (0.02, 0.02 / 12.92), (0.04045, 0.0031308), (0.5, 0.2140411), (1, 1)],
)
def test_curve_at_known_places(srgb: float, linear: float) -> None:
    assert float(srgb_to_linear(np.float32(srgb))) == pytest.approx(linear, abs=1e-7)
    assert float(linear_to_srgb(np.float32(linear))) == pytest.approx(srgb, abs=1e-6)


def test_curve_keeps_float32() -> None:
    assert srgb_to_linear(np.ones((1, 1, 3), np.float32)).dtype == np.float32
    assert linear_to_srgb(np.ones((1, 1, 3), np.float32)).dtype == np.float32


def test_every_byte_survives() -> None:
    levels = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert np.array_equal(to_uint8(from_uint8(levels)), levels)


@given(IMAGES)
def test_rounding_to_bytes(pixels: Array) -> None:
    assert np.abs(from_uint8(to_uint8(pixels)) - pixels).max() <= 0.5 / 255 + 1e-6


@given(IMAGES)
def test_tensor_round_trip(pixels: Array) -> None:
    tensor = to_tensor(pixels)
    assert tuple(tensor.shape) == (3, 2, 3)
    assert -1 <= tensor.min() <= tensor.max() <= 1
    assert np.allclose(to_pixels(tensor), pixels, atol=1e-6)


@pytest.mark.parametrize(
    ("pixels", "sentence"),
    [
        (np.zeros((3, 4, 5), np.float32), "channels last, but got shape"),
        (np.zeros((4, 5), np.float32), "channels last"),
        (np.zeros((0, 5, 3), np.float32), "channels last"),
        (np.zeros((4, 5, 3), np.uint8), "not uint8: divide by 255"),
        (np.full((4, 5, 3), 255, np.float32), "run from 255 to 255: clip or rescale"),
        (np.full((4, 5, 3), -0.1, np.float32), r"run from -0\.1 to -0\.1"),
        (np.full((4, 5, 3), np.nan, np.float32), "run from nan to nan"),
    ],
)
def test_what_is_no_image_is_refused(pixels: np.ndarray, sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence):
        check_image(pixels)


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
        (b"", "its content is none that can be read: replace it"),
        (b"not a picture at all\n" * 50, "its content is none that can be read: replace it"),
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


def test_kept_metadata_turns_nothing_twice(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Some Camera"
    path = save(tmp_path / "turned.jpg", CORNERS.repeat(8, 0).repeat(8, 1), exif=exif)
    upright = read_image(path)
    write_image(tmp_path / "copy.png", upright, exif=read_exif(path))
    assert np.array_equal(read_image(tmp_path / "copy.png"), upright)
    with Image.open(tmp_path / "copy.png") as copy:
        assert copy.getexif()[0x010F] == "Some Camera"
    assert read_exif(save(tmp_path / "plain.png", CORNERS)) is None


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colour_profile_is_converted(tmp_path: Path, mode: str) -> None:
    path = save(tmp_path / "wide.png", CORNERS, mode, icc_profile=linear_profile())
    # The profile says that the file holds amounts of light, so the curve is still to come.
    assert np.allclose(read_image(path), linear_to_srgb(from_uint8(CORNERS)), atol=1.5 / 255)


def test_broken_colour_profile_is_as_good_as_none(tmp_path: Path) -> None:
    path = save(tmp_path / "odd.png", CORNERS, icc_profile=b"no profile")
    assert np.array_equal(to_uint8(read_image(path)), CORNERS)


@given(st.integers(1, 40), st.integers(1, 40))
def test_resize_keeps_flat_pictures_flat(height: int, width: int) -> None:
    resized = resize(np.full((9, 7, 3), 0.25, np.float32), height, width)
    assert resized.shape == (height, width, 3)
    assert np.allclose(resized, 0.25, atol=1e-6)


def test_resize_stays_in_range() -> None:
    edge = np.zeros((8, 8, 3), np.float32)
    edge[:, 4:] = 1
    check_image(resize(edge, 31, 33))  # bicubic overshoot at the edge is clipped


@pytest.mark.parametrize("shape", [(30, 45), (45, 30), (10, 11), (10, 400)])
def test_shrink_keeps_the_shape_of_the_photo(shape: tuple[int, int]) -> None:
    height, width = shrink(np.zeros((*shape, 3), np.float32), 20).shape[:2]
    assert min(height, width) == 20
    assert height / width == pytest.approx(shape[0] / shape[1], rel=0.05)


def test_center_square_is_the_middle() -> None:
    columns = np.broadcast_to(np.arange(8, dtype=np.float32)[None, :, None], (4, 8, 3))
    assert center_square(columns)[0, :, 0].tolist() == [2, 3, 4, 5]
    assert center_square(columns, 2)[0, :, 0].tolist() == [3, 4]
