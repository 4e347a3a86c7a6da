"""Corrections that learn nothing do what their names say."""

import numpy as np
import pytest

from exposure_lab.baselines import (
    BASELINES,
    TARGET_MEAN,
    auto_exposure,
    auto_gamma,
    identity,
    white_point,
)
from exposure_lab.data.synthesis import apply_ev
from exposure_lab.image import Array, check_image, from_uint8, srgb_to_linear, to_uint8
from exposure_lab.metrics import psnr

EVS = (-1.5, -1.0, 0.0, 1.0, 1.5)


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("ev", EVS)
def test_result_is_an_image_of_the_same_size(photo: Array, name: str, ev: float) -> None:
    exposed = apply_ev(photo, ev)
    before = exposed.copy()
    corrected = BASELINES[name](exposed)
    check_image(corrected)
    assert corrected.shape == photo.shape
    assert corrected.dtype == np.float32
    assert np.array_equal(exposed, before)  # the photo itself is not touched


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_flat_pictures_pass(name: str, grey: float) -> None:
    corrected = BASELINES[name](np.full((3, 5, 3), grey, np.float32))
    check_image(corrected)
    assert np.ptp(corrected) == 0


def test_one_pixel_passes() -> None:
    for correct in BASELINES.values():
        check_image(correct(np.full((1, 1, 3), 0.3, np.float32)))


def test_identity_does_nothing(noise: Array) -> None:
    assert np.array_equal(identity(noise), noise)


@pytest.mark.parametrize("ev", EVS)
def test_means_reach_the_target(photo: Array, ev: float) -> None:
    exposed = apply_ev(photo, ev)
    for correct in (auto_gamma, auto_exposure):
        assert float(correct(exposed).mean()) == pytest.approx(TARGET_MEAN, abs=1e-3)


@pytest.mark.parametrize("correct", [auto_gamma, auto_exposure])
def test_large_photo_reaches_the_target_by_a_sample(correct) -> None:
    large = np.random.default_rng(0).random((600, 500, 3), dtype=np.float32) ** 2
    assert float(correct(large).mean()) == pytest.approx(TARGET_MEAN, abs=0.01)


def test_auto_gamma_is_a_power(photo: Array) -> None:
    inside = (photo > 0.05) & (photo < 0.95)
    powers = np.log(auto_gamma(photo)[inside]) / np.log(photo[inside])
    assert powers.std() < 1e-3


def test_auto_exposure_is_one_change_of_exposure_and_clips(photo: Array) -> None:
    dark = apply_ev(photo, -1.5)
    corrected = auto_exposure(dark)
    inside = (corrected > 0.05) & (corrected < 0.99)
    gains = srgb_to_linear(corrected)[inside] / srgb_to_linear(dark)[inside]
    assert gains.std() / gains.mean() < 1e-3
    bright = np.zeros((10, 10, 3), np.float32)
    bright[:3] = 0.8  # the mean asks for more than white has
    assert float(auto_exposure(bright).max()) == pytest.approx(1)


def test_auto_exposure_stops_at_six_stops() -> None:
    night = np.full((4, 4, 3), 0.001, np.float32)
    gain = srgb_to_linear(auto_exposure(night)) / srgb_to_linear(night)
    assert np.allclose(gain, 2**6, rtol=1e-3)


def test_exposure_does_not_change_where_auto_exposure_ends(photo: Array) -> None:
    ends = [auto_exposure(apply_ev(photo, ev)) for ev in (-1.5, -1.0)]
    assert np.allclose(*ends, atol=1e-3)


@pytest.mark.parametrize("ev", [-0.5, -1.0, -2.0])
def test_white_point_recovers_a_dark_lossless_rendering(noise: Array, ev: float) -> None:
    # 4 of its 1,280 pixels are white, more than 0.1 %: they tell where the exposure went.
    photo = 0.8 * noise
    photo[0, :4] = 1
    dark = apply_ev(photo, ev)
    assert np.allclose(white_point(dark), photo, atol=1e-4)
    stored = from_uint8(to_uint8(dark))
    assert psnr(white_point(stored), photo) > 40


def test_white_point_gives_way_where_highlights_clip(photo: Array) -> None:
    bright = apply_ev(photo, 1.5)
    assert np.array_equal(white_point(bright), auto_exposure(bright))
