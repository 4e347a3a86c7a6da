"""Rendering at another exposure: curves that invert, noise that grows, and what gives EV away."""

from functools import partial
from pathlib import Path
from typing import get_args

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
    render_light,
    render_uint8,
)
from exposure_lab.data.synthesis.contrast import MOST_CONTRAST, add_contrast, remove_contrast
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.data.synthesis.panoramas.panorama import PANORAMAS
from exposure_lab.data.synthesis.panoramas.scene import draw_panorama_scene, render_target
from exposure_lab.data.synthesis.variation import Variation
from exposure_lab.errors import ConfigError
from exposure_lab.images.array import Array, ImageFunction, from_uint8, to_uint8
from exposure_lab.images.io import read_image
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear
from exposure_lab.inference.baselines import BASELINES
from exposure_lab.metrics.pixel import psnr

BSDS = Path(__file__).parents[4] / "shared" / "data" / "bsds500"
IMAGES = arrays.arrays(np.float32, (2, 3, 3), elements=st.floats(0, 1, width=32))
RESPONSES = st.builds(
    CameraResponse, st.floats(0, 4), st.floats(-1, 1), contrast=st.floats(0, MOST_CONTRAST)
)
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
    assert np.allclose(response.develop(response.scene_light(image)), image, atol=2e-5)


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
    for varied in (None, CameraResponse(1.5, contrast=0.2, white_balance=(1.1, 1.0, 0.8))):
        rendered = render(from_uint8(pixels), ev, response, varied=varied)
        assert np.array_equal(render_uint8(pixels, ev, response, varied=varied), to_uint8(rendered))


def test_contrast_by_hand() -> None:
    # Half of the S 3 x^2 - 2 x^3, half of a line: 0.25 is (0.15625 + 0.25) / 2 = 0.203125, and
    # 0.75 is (0.84375 + 0.75) / 2 = 0.796875. Black, the middle and white stay.
    bent = add_contrast(np.float32([0, 0.25, 0.5, 0.75, 1]), 0.5)
    assert bent == pytest.approx([0, 0.203125, 0.5, 0.796875, 1])


@given(arrays.arrays(np.float32, 8, elements=st.floats(0, 1, width=32)), st.floats(0, 0.9))
def test_contrast_and_its_inverse(values: Array, contrast: float) -> None:
    assert np.allclose(remove_contrast(add_contrast(values, contrast), contrast), values, atol=2e-6)
    assert (np.diff(add_contrast(np.sort(values), contrast)) >= -1e-7).all()


def test_white_balance_scales_light_and_leaves_white_white() -> None:
    response = CameraResponse(white_balance=(2.0, 1.0, 0.5))
    # sRGB 0.5 is light 0.21404: red 0.42808 is shown as 0.68584 and blue 0.10702 as 0.36078.
    grey = np.full((1, 1, 3), 0.5, np.float32)
    cast = render(grey, 0, CameraResponse(), varied=response)
    assert cast[0, 0] == pytest.approx([0.68584, 0.5, 0.36078], abs=1e-4)
    white = render(grey * 2, 1, CameraResponse(), varied=response)
    assert white == pytest.approx(np.ones((1, 1, 3)), abs=1e-6)


def test_another_camera_retakes_the_photo() -> None:
    photo = sample_photo("coffee")[::8, ::8]
    taken, other = CameraResponse(1.0, contrast=0.5), CameraResponse(3.0)
    assert np.allclose(render(photo, 0, taken), photo, atol=2e-5)
    retaken = render(photo, 0, taken, varied=other)
    assert np.allclose(retaken, render_light(taken.scene_light(photo), 0, other))
    assert not np.allclose(retaken, photo, atol=0.05)


def test_a_look_belongs_to_a_scene() -> None:
    assert draw_camera_response("random", "a", 1) == draw_camera_response("random", "a", 1)
    responses = [draw_camera_response("random", scene, seed) for scene in "abc" for seed in (1, 2)]
    assert len(set(responses)) == 6
    assert all(
        0.5 <= response.headroom <= 4 and abs(response.gain) <= 0.5 for response in responses
    )
    cameras = [draw_camera_response("camera", scene, seed) for scene in "abc" for seed in (1, 2)]
    assert len(set(cameras)) == 6
    assert all(0.5 <= one.headroom <= 4 and 0 <= one.contrast <= 0.6 for one in cameras)
    assert all(one.gain == 0 for one in cameras)  # an exposure is then what its name says
    assert draw_camera_response("plain", "a", 1) == CameraResponse()
    assert draw_camera_response("filmic", "a", 1, noise=0.5) == CameraResponse(2.0, 0.0, 0.5)


def test_wrong_settings() -> None:
    with pytest.raises(ConfigError, match="one of random, camera, filmic, plain, but got 'log'"):
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


def best_rule(darks: list[Array], targets: list[Array]) -> float:
    """Mean PSNR, dB, of the best rule that looks at the brightest pixels and at nothing else.

    The rule is chosen once for all pictures, as a network would learn it.
    """
    rules: list[ImageFunction] = [BASELINES["white-point"]]
    rules += [partial(undo_by_the_maximum, response=CameraResponse(half / 2)) for half in range(9)]
    return max(
        float(
            np.mean([psnr(rule(dark), photo) for dark, photo in zip(darks, targets, strict=True)])
        )
        for rule in rules
    )


def leaked(photos: list[Array], curve: Curve, ev: float) -> float:
    """Score of `best_rule` on photos that are rendered darker, each with a curve of its own."""
    responses = [draw_camera_response(curve, str(i), 0) for i in range(len(photos))]
    darks = [
        from_uint8(to_uint8(render(photo, ev, response)))
        for photo, response in zip(photos, responses, strict=True)
    ]
    return best_rule(darks, photos)


def leaked_by_range(photos: list[Array], curve: Curve) -> float:
    """Score of `best_rule` on photos that are rendered at drawn exposures, from -3 to -0.5 EV."""
    variation = Variation((-3, -0.5), 1, tone_jitter=0.5)
    darks = []
    for i, photo in enumerate(photos):
        response = draw_camera_response(curve, str(i), 0)
        (ev,) = variation.exposures(None, str(i), 0)
        varied = variation.vary(response, ev, str(i), 0)
        darks.append(from_uint8(to_uint8(render(photo, ev, response, varied=varied))))
    return best_rule(darks, photos)


def leaked_by_panoramas(curve: Curve, ev: float) -> float:
    """Score of `best_rule` on six views of each panorama."""
    darks, targets = [], []
    for name in [f"{place} {i}" for place in PANORAMAS for i in range(6)]:
        response = draw_camera_response(curve, name, 0)
        light = draw_panorama_scene(name.split()[0], name, 0).light(response, (48, 32))
        darks.append(from_uint8(to_uint8(render_light(light, ev, response))))
        targets.append(render_target(light, response))
    return best_rule(darks, targets)


@pytest.mark.slow
@pytest.mark.parametrize("ev", [-1.5, -1])
def test_the_default_rendering_does_not_give_the_exposure_away(ev: float) -> None:
    # Six responses of each photo: with one, luck decides how much is told.
    photos = [sample_photo(name)[::6, ::6] for name in SAMPLE_SPLITS for _ in range(6)]
    plain, filmic, default, camera = (
        leaked(photos, curve, ev) for curve in ("plain", "filmic", "random", "camera")
    )
    assert plain > 40  # its own maximum restores a dark photo
    assert filmic > 40  # one curve for all is learned as easily
    assert max(default, camera) < 34
    assert max(default, camera) < plain - 12


@pytest.mark.slow
def test_nor_do_exposures_that_are_drawn() -> None:
    photos = [sample_photo(name)[::6, ::6] for name in SAMPLE_SPLITS for _ in range(6)]
    plain, default, camera = (leaked_by_range(photos, c) for c in ("plain", "random", "camera"))
    assert plain > 38
    assert max(default, camera) < plain - 10


@pytest.mark.slow
def test_nor_do_panoramas() -> None:
    # Light above white hides the exposure by itself: the brightest pixel may be a lamp or the sky.
    for curve in get_args(Curve):
        assert leaked_by_panoramas(curve, -1.5) < 28


@pytest.mark.slow
@pytest.mark.skipif(not BSDS.is_dir(), reason="the Berkeley photos are not here")
def test_nor_on_a_hundred_real_photos() -> None:
    photos = [read_image(path)[::4, ::4] for path in sorted((BSDS / "val").glob("*.jpg"))]
    assert leaked(photos, "plain", -1.5) > 45
    assert leaked(photos, "random", -1.5) < 32
    assert leaked(photos, "camera", -1.5) < 30
    assert leaked_by_range(photos, "plain") > 40
    assert leaked_by_range(photos, "camera") < 30
