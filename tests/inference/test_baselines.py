"""Corrections that learn nothing do what their names say."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import convolve2d
from skimage.color.adapt_rgb import adapt_rgb, hsv_value
from skimage.exposure import equalize_adapthist, equalize_hist
from typer.testing import CliRunner

from exposure_lab.cli.main import app
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.images.array import Array, check_image, from_uint8, to_uint8
from exposure_lab.images.srgb import srgb_to_linear
from exposure_lab.inference.baselines import (
    BASELINES,
    TARGET_MEAN,
    auto_exposure,
    auto_gamma,
    clahe,
    equalize,
    gain_3x3,
    identity,
    mean_3x3,
    stretch,
    white_point,
)
from exposure_lab.metrics.pixel import psnr

EVS = (-1.5, -1.0, 0.0, 1.0, 1.5)


def test_names_are_those_of_the_command_line() -> None:
    # DESIGN section 4: scripts rely on them.
    names = "identity auto-gamma auto-exposure white-point mean-3x3 gain-3x3 stretch equalize clahe"
    assert list(BASELINES) == names.split()


@pytest.mark.parametrize("command", ["evaluate", "correct"])
def test_help_names_every_baseline(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
    assert all(re.search(rf"\b{name}[,.]", shown) for name in BASELINES)


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("ev", EVS)
def test_result_is_an_image_of_the_same_size(photo: Array, name: str, ev: float) -> None:
    exposed = apply_ev(photo, ev)
    original = exposed.copy()
    corrected = BASELINES[name](exposed)
    check_image(corrected)
    assert corrected.shape == photo.shape
    assert corrected.dtype == np.float32
    assert np.array_equal(exposed, original)  # the photo itself is not touched


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_flat_pictures_pass(name: str, grey: float) -> None:
    corrected = BASELINES[name](np.full((3, 5, 3), grey, np.float32))
    check_image(corrected)
    assert np.ptp(corrected) == 0


@pytest.mark.parametrize("name", BASELINES)
@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    levels=st.sampled_from([2, 4, 256, 2**20]),
    scale=st.sampled_from([1.0, 0.5, 1e-3, 1e-30]),
    seed=st.integers(0, 2**16),
)
def test_any_size_and_any_values_pass(
    name: str, height: int, width: int, levels: int, scale: float, seed: int
) -> None:
    draw = np.random.default_rng(seed).integers(levels, size=(height, width, 3))
    image = (draw / (levels - 1) * scale).astype(np.float32)
    corrected = BASELINES[name](image)
    check_image(corrected)
    assert (corrected.shape, corrected.dtype) == (image.shape, np.float32)


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


def test_mean_kernel_is_a_convolution_that_repeats_the_edge(noise: Array) -> None:
    mean = mean_3x3(noise)
    for c in range(3):
        padded = np.pad(noise[..., c].astype(np.float64), 1, mode="edge")
        expected = convolve2d(padded, np.full((3, 3), 1 / 9), mode="valid")
        assert np.allclose(mean[..., c], expected, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**16))
def test_mean_kernel_keeps_the_mean(height: int, width: int, seed: int) -> None:
    # With repeated edges each value counts nine times: by hand, chapter 09.
    image = np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)
    assert float(mean_3x3(image).mean()) == pytest.approx(float(image.mean()), abs=1e-6)


def test_mean_kernel_leaves_flat_parts_and_ramps_and_blurs_the_rest(noise: Array) -> None:
    ramp = np.repeat(np.linspace(0, 1, 12, dtype=np.float32)[None, :, None], 5, axis=0)
    ramp = np.repeat(ramp, 3, axis=2)
    assert np.allclose(mean_3x3(ramp)[:, 1:-1], ramp[:, 1:-1], atol=1e-6)
    assert np.allclose(mean_3x3(np.full_like(ramp, 0.3)), 0.3, atol=1e-6)
    # The mean of nine independent values has a ninth of their variance.
    inside = mean_3x3(noise)[1:-1, 1:-1]
    assert float(inside.var() / noise.var()) == pytest.approx(1 / 9, rel=0.25)


@pytest.mark.parametrize("ev", EVS)
def test_gain_kernel_reaches_the_target_and_is_mean_times_gain(photo: Array, ev: float) -> None:
    exposed = apply_ev(photo, ev)
    corrected, mean = gain_3x3(exposed), mean_3x3(exposed)
    assert float(corrected.mean()) == pytest.approx(TARGET_MEAN, abs=1e-3)
    inside = (mean > 0.02) & (corrected < 0.999)
    gains = corrected[inside] / mean[inside]
    assert gains.std() / gains.mean() < 1e-4
    assert (gains.mean() > 1) == (float(exposed.mean()) < TARGET_MEAN)


def test_stretch_spreads_known_values() -> None:
    # 0.2 to 0.6 in steps of a hundredth of the whole: percentiles 1 and 99 are the second value
    # and the last but one.
    values = np.linspace(0.2, 0.6, 101, dtype=np.float32)
    image = np.repeat(values[None, :, None], 3, axis=2)
    spread = stretch(image)[0, :, 0]
    assert spread[:2] == pytest.approx(0, abs=1e-5) and spread[-2:] == pytest.approx(1, abs=1e-5)
    assert spread[50] == pytest.approx(0.5, abs=1e-5)
    assert np.allclose(np.diff(spread[1:-1]), 1 / 98, atol=1e-5)


def test_stretch_keeps_greys_grey_and_leaves_what_fills_the_range(noise: Array) -> None:
    grey = 0.3 + 0.2 * np.repeat(noise[..., :1], 3, axis=2)
    assert np.ptp(stretch(grey), axis=2).max() < 1e-6
    full = noise.copy()
    full[:2], full[2:4] = 0, 1  # more than one per cent of each
    assert np.allclose(stretch(full), full, atol=1e-6)


@pytest.mark.parametrize("ev", EVS)
def test_equalisation_agrees_with_scikit_image(photo: Array, ev: float) -> None:
    exposed = apply_ev(photo, ev)
    by_value = adapt_rgb(hsv_value)(equalize_hist)
    assert np.allclose(equalize(exposed), by_value(exposed), atol=1e-4)
    assert np.allclose(clahe(exposed), equalize_adapthist(exposed, clip_limit=0.01), atol=1e-4)


def test_equalised_values_are_spread_evenly(photo: Array) -> None:
    value = equalize(apply_ev(photo, -1.5)).max(axis=2)
    shares, _ = np.histogram(value, bins=5, range=(0, 1))
    assert np.allclose(shares / value.size, 0.2, atol=0.03)


@pytest.mark.parametrize("correct", [equalize, clahe])
def test_equalisation_keeps_the_ratios_of_the_channels(photo: Array, correct) -> None:
    dark = apply_ev(photo, -1)
    corrected = correct(dark)
    bright = dark.max(axis=2) > 0.1
    before, after = (
        picture[bright] / picture[bright].max(axis=1, keepdims=True)
        for picture in (dark, corrected)
    )
    assert np.allclose(before, after, atol=1e-4)


def test_equalisation_makes_black_grey_and_never_tinted(noise: Array) -> None:
    image = noise.copy()
    image[:8] = 0  # a fifth and more of the photo is black
    for correct in (equalize, clahe):
        black = correct(image)[:8]
        assert np.ptp(black, axis=2).max() == 0


def test_equalisation_hardly_depends_on_the_exposure(photo: Array) -> None:
    ends = [equalize(apply_ev(photo, ev)) for ev in (-1.5, -0.5)]
    assert float(np.abs(ends[0] - ends[1]).mean()) < 0.02


def test_clahe_treats_tiles_by_themselves() -> None:
    # One grey in a dark half and in a bright half: no curve for the whole photo can part them.
    halves = np.zeros((64, 64, 3), np.float32)
    draw = np.random.default_rng(0).random((64, 64, 1), dtype=np.float32)
    halves[:, :32], halves[:, 32:] = 0.2 + 0.2 * draw[:, :32], 0.6 + 0.2 * draw[:, 32:]
    halves[16, 8] = halves[16, 56] = 0.5
    for correct, local in ((equalize, False), (clahe, True)):
        result = correct(halves)
        assert (abs(float(result[16, 8, 0] - result[16, 56, 0])) > 0.1) == local
