"""The sRGB curve, bytes and tensors, sizes, and what is no image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage.color import rgb2xyz

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, check_image, from_uint8, to_pixels, to_tensor, to_uint8
from exposure_lab.images.resize import center_square, resize, shrink
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear

UNIT = st.floats(0, 1, width=32)
IMAGES = arrays.arrays(np.float32, (2, 3, 3), elements=UNIT)


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
