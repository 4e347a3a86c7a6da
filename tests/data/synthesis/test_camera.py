"""Rendering at another exposure: curves that invert, noise that grows, and what gives EV away."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS, sample_photo
from exposure_lab.data.synthesis.camera import (
    CameraResponse,
    Curve,
    draw_camera_response,
    render,
    render_uint8,
)
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.errors import ConfigError
from exposure_lab.images.array import Array, ImageFunction, from_uint8, to_uint8
from exposure_lab.images.io import read_image
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear
from exposure_lab.inference.baselines import BASELINES
from exposure_lab.metrics.pixel import psnr

BSDS = Path(__file__).parents[4] / "shared" / "data" / "bsds500"
IMAGES = arrays.arrays(np.float32, (2, 3, 3), elements=st.floats(0, 1, width=32))
RESPONSES = st.builds(CameraResponse, st.floats(0, 4), st.floats(-1, 1))
STOPS = st.floats(-4, 4)


@pytest.mark.slow
@given(IMAGES, STOPS)
def test_a_straight_curve_is_the_plain_rendering(image: Array, ev: float) -> None:
    assert np.allclose(render(image, ev, CameraResponse()), apply_ev(image, ev), atol=2e-6)


@pytest.mark.slow
@given(IMAGES, RESPONSES)
def test_the_curve_and_its_inverse(image: Array, response: CameraResponse) -> None:
    light = response.inverse_tone_map(image)
    assert light.max() <= response.sensor_white * (1 + 1e-5)
    assert np.allclose(response.tone_map(light), image, atol=1e-5)


@pytest.mark.slow
@given(IMAGES, RESPONSES, STOPS, STOPS)
def test_more_light_is_never_darker(
    image: Array, response: CameraResponse, a: float, b: float
) -> None:
    low, high = sorted((a, b))
    assert (render(image, low, response) <= render(image, high, response) + 1e-6).all()


def test_a_value_by_hand() -> None:
    # Headroom 1: white is 2, so tone_map(x) = x (1 + x / 4) / (1 + x). Display light 0.625 is scene
    # light 1: 1 * 1.25 / 2. One stop more is 2, the sensor's white, which displays as white; one
    # stop less is 0.5: 0.5 * 1.125 / 1.5 = 0.375.
    response = CameraResponse(headroom=1)
    grey = linear_to_srgb(np.full((1, 1, 3), 0.625, np.float32))
    assert srgb_to_linear(render(grey, 1, response)) == pytest.approx(np.ones((1, 1, 3)), abs=1e-5)
    darker = srgb_to_linear(render(grey, -1, response))
    assert darker == pytest.approx(np.full((1, 1, 3), 0.375), abs=1e-5)


@pytest.mark.slow
@given(arrays.arrays(np.uint8, (2, 3, 3)), RESPONSES, STOPS)
def test_the_table_gives_the_same_bytes(
    pixels: np.ndarray, response: CameraResponse, ev: float
) -> None:
    assert np.array_equal(
        render_uint8(pixels, ev, response), to_uint8(render(from_uint8(pixels), ev, response))
    )


def test_a_look_belongs_to_a_scene() -> None:
    assert draw_camera_response("random", "a", 1) == draw_camera_response("random", "a", 1)
    responses = [draw_camera_response("random", scene, seed) for scene in "abc" for seed in (1, 2)]
    assert len(set(responses)) == 6
    assert all(
        0.5 <= response.headroom <= 4 and abs(response.gain) <= 0.5 for response in responses
    )
    assert draw_camera_response("plain", "a", 1) == CameraResponse()
    assert draw_camera_response("filmic", "a", 1, noise=0.5) == CameraResponse(2.0, 0.0, 0.5)


def test_wrong_settings() -> None:
    with pytest.raises(ConfigError, match="one of random, filmic, plain, but got 'log'"):
        draw_camera_response("log", "a", 1)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"from 0 up, but got -1"):
        draw_camera_response("plain", "a", 1, noise=-1)


def test_noise_shows_in_the_shadows_once_they_are_lifted() -> None:
    grey = np.full((64, 64, 3), 0.5, np.float32)
    response = CameraResponse(noise=1)
    relative = {}
    for ev in (-3, 0):
        lifted = apply_ev(render(grey, ev, response, "a", 1), -ev)
        relative[ev] = float(lifted.std())
        assert lifted.mean() == pytest.approx(0.5, abs=0.02)
    # Shot noise alone: light 2^-3, noise 2^-1.5, so 2^1.5 = 2.8 times as much after lifting.
    assert 2.5 < relative[-3] / relative[0] < 4


def test_noise_is_the_same_twice_and_differs_between_scenes() -> None:
    grey = np.full((8, 8, 3), 0.3, np.float32)
    response = CameraResponse(noise=1)
    first, again = (render(grey, -1, response, "a", 1) for _ in range(2))
    assert np.array_equal(first, again)
    for scene, seed, ev in (("b", 1, -1), ("a", 2, -1), ("a", 1, -1.5)):
        assert not np.array_equal(first, render(grey, ev, response, scene, seed))


def undo_by_the_maximum(image: Array, response: CameraResponse) -> Array:
    """Take the brightest pixel for white, and expose it back there along a curve."""
    light = response.inverse_tone_map(srgb_to_linear(image))
    return linear_to_srgb(
        response.tone_map(light * np.float32(response.sensor_white / light.max()))
    )


def leaked(photos: list[Array], curve: Curve, ev: float) -> float:
    """Mean PSNR, dB, of the best rule that looks at the brightest pixels and at nothing else.

    The curve is drawn per photo; the rule is chosen once, as a network would learn it.
    """
    darks = [
        from_uint8(to_uint8(render(photo, ev, draw_camera_response(curve, str(i), 0))))
        for i, photo in enumerate(photos)
    ]
    rules: list[ImageFunction] = [BASELINES["white-point"]]
    rules += [partial(undo_by_the_maximum, response=CameraResponse(half / 2)) for half in range(9)]
    return max(
        float(np.mean([psnr(rule(dark), photo) for dark, photo in zip(darks, photos, strict=True)]))
        for rule in rules
    )


@pytest.mark.slow
@pytest.mark.parametrize("ev", [-1.5, -1])
def test_the_default_rendering_does_not_give_the_exposure_away(ev: float) -> None:
    # Six responses of each photo: with one, luck decides how much is told.
    photos = [sample_photo(name)[::6, ::6] for name in SAMPLE_SPLITS for _ in range(6)]
    plain, filmic, default = (leaked(photos, curve, ev) for curve in ("plain", "filmic", "random"))
    assert plain > 40  # its own maximum restores a dark photo
    assert filmic > 40  # one curve for all is learned as easily
    assert default < 34
    assert default < plain - 12


@pytest.mark.slow
@pytest.mark.skipif(not BSDS.is_dir(), reason="the Berkeley photos are not here")
def test_nor_on_a_hundred_real_photos() -> None:
    photos = [read_image(path)[::4, ::4] for path in sorted((BSDS / "val").glob("*.jpg"))]
    assert leaked(photos, "plain", -1.5) > 45
    assert leaked(photos, "random", -1.5) < 32
