"""Exposure is changed in linear light, and sets are written the way MSEC is laid out."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from exposure_lab.data.layout import ev_token, parse_ev_token
from exposure_lab.data.synthesis.exposure import EVS, apply_ev, clipped_share, write_pairs
from exposure_lab.errors import DataError, ImageError
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image
from exposure_lab.images.srgb import srgb_to_linear

IMAGES = arrays.arrays(np.float32, (2, 3, 3), elements=st.floats(0, 1, width=32))
STOPS = st.floats(-4, 4).filter(bool)


def pixel(value: float) -> Array:
    """One grey pixel."""
    return np.full((1, 1, 3), value, np.float32)


@given(IMAGES)
def test_ev_0_changes_nothing(image: Array) -> None:
    assert np.array_equal(apply_ev(image, 0), image)


@given(IMAGES)
def test_up_and_down_again_where_nothing_clipped(image: Array) -> None:
    back = apply_ev(apply_ev(image, 1), -1)
    kept = 2 * srgb_to_linear(image) <= 1
    assert np.allclose(back[kept], image[kept], atol=1e-5)
    assert (back <= image + 1e-5).all()  # what clipped comes back darker


@given(IMAGES, STOPS)
def test_down_and_up_again_loses_nothing(image: Array, ev: float) -> None:
    assert np.allclose(apply_ev(apply_ev(image, -abs(ev)), abs(ev)), image, atol=1e-4)


@given(IMAGES, STOPS, STOPS)
def test_more_light_is_never_darker(image: Array, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert (apply_ev(image, low) <= apply_ev(image, high) + 1e-6).all()


@given(IMAGES, STOPS)
def test_order_of_the_pixels_stays(image: Array, ev: float) -> None:
    order = np.argsort(image, axis=None)
    assert (np.diff(apply_ev(image, ev).ravel()[order]) >= -1e-6).all()


@given(IMAGES, STOPS)
def test_result_is_an_image(image: Array, ev: float) -> None:
    exposed = apply_ev(image, ev)
    assert exposed.dtype == np.float32
    assert 0 <= exposed.min() <= exposed.max() <= 1


def test_mid_grey_at_one_stop() -> None:
    # sRGB 0.5 is ((0.5 + 0.055) / 1.055) ** 2.4 = 0.21404 of the light; twice that is 0.42808,
    # which is shown as 1.055 * 0.42808 ** (1 / 2.4) - 0.055 = 0.68584.
    assert float(apply_ev(pixel(0.5), 1)[0, 0, 0]) == pytest.approx(0.68584, abs=1e-5)
    # Half of it is 0.10702: 1.055 * 0.10702 ** (1 / 2.4) - 0.055 = 0.36078.
    assert float(apply_ev(pixel(0.5), -1)[0, 0, 0]) == pytest.approx(0.36078, abs=1e-5)
    assert np.allclose(apply_ev(pixel(0.9), 1.5), 1, atol=1e-6)


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ImageError, match="channels last"):
        apply_ev(np.zeros((3, 4, 4), np.float32), 1)
    with pytest.raises(ImageError, match="clip or rescale"):
        apply_ev(pixel(2), 0)


def test_clipped_share_counts_pixels() -> None:
    image = np.zeros((2, 2, 3), np.float32)
    image[0, 0] = 1
    image[0, 1, 2] = 254.6 / 255  # one channel is enough, and so is what rounds to 255
    image[1, 0] = 254.4 / 255
    assert clipped_share(image) == 0.5


@pytest.mark.parametrize(
    ("ev", "token"), [(-1.5, "N1.5"), (-1, "N1"), (0, "0"), (1, "P1"), (1.5, "P1.5")]
)
def test_tokens_of_msec(ev: float, token: str) -> None:
    assert ev_token(ev) == token
    assert parse_ev_token(token) == ev


@given(st.integers(-4000, 4000).map(lambda n: n / 1000))
def test_token_round_trip(ev: float) -> None:
    assert parse_ev_token(ev_token(ev)) == ev


@pytest.mark.parametrize("token", ["", "N", "1.5", "X1", "Pone", "n1", "N-1", "Pnan", "Pinf", "P"])
def test_other_tokens_are_refused(token: str) -> None:
    with pytest.raises(DataError, match=r"Expected an exposure such as N1\.5, 0 or P1, but got"):
        parse_ev_token(token)


@pytest.mark.parametrize(
    ("split", "targets"),
    [
        ("training", "GT_IMAGES"),
        ("validation", "GT_IMAGES"),
        ("test", "expert_c_testing_set"),
    ],
)
def test_layout_and_names(tmp_path: Path, photo: Array, split: str, targets: str) -> None:
    write_pairs(photo, "a_b", tmp_path, split)
    tokens = ("N1.5", "N1", "0", "P1", "P1.5")
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    folder = "testing" if split == "test" else split
    assert names == {f"{folder}/{targets}/a_b.jpg"} | {
        f"{folder}/INPUT_IMAGES/a_b_{token}.JPG" for token in tokens
    }
    for token, ev in zip(tokens, EVS, strict=True):
        rendered = read_image(tmp_path / folder / "INPUT_IMAGES" / f"a_b_{token}.JPG")
        assert np.abs(rendered - apply_ev(photo, ev)).mean() < 0.01
