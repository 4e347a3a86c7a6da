"""The panoramas that ship hold light above white, stored finely enough that no picture shows it."""

from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure_lab.data.synthesis.camera import (
    CameraResponse,
    draw_camera_response,
    render_light,
)
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.data.synthesis.panoramas.panorama import (
    BRIGHTEST,
    PANORAMAS,
    decode_light,
    encode_light,
    read_panorama,
)
from exposure_lab.data.synthesis.panoramas.scene import (
    KEYS,
    PanoramaScene,
    draw_panorama_scene,
    meter,
    render_target,
)
from exposure_lab.errors import DataError
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.srgb import srgb_to_linear

WINDOW = PanoramaScene("interior", yaw=-130, pitch=0, field_of_view=75, key=0.45)


@pytest.fixture(scope="module")
def sunlit() -> Array:
    """Scene light of a view into a low sun, metered for a straight tone curve."""
    return PanoramaScene("sunrise", _yaw_of_the_sun(), 0, 60, 0.4).light(CameraResponse())


def _yaw_of_the_sun() -> float:
    light = read_panorama("sunrise").sum(axis=2)
    return (int(light.argmax()) % light.shape[1] + 0.5) / light.shape[1] * 360 - 180


@given(st.floats(0, BRIGHTEST, width=32))
def test_codes_lose_less_than_a_picture_shows(light: float) -> None:
    back = float(decode_light(encode_light(np.float32([light])))[0])
    # 25 stops in 65535 steps: half a step is 2^(25 / 65535 / 2) - 1 = 0.013 % of the light, and
    # of the 2^-9 that it is measured against.
    assert back == pytest.approx(light, rel=2e-4, abs=2e-4 / 512)


def test_codes_end_at_black_and_at_the_brightest() -> None:
    assert encode_light(np.float32([-1, 0, BRIGHTEST, 1e9])).tolist() == [0, 0, 65535, 65535]


@pytest.mark.parametrize("name", PANORAMAS)
def test_panoramas_are_scene_linear(name: str) -> None:
    panorama = read_panorama(name)
    assert panorama.shape == (512, 1024, 3)
    assert panorama.dtype == np.float32
    assert panorama.min() >= 0
    assert np.isfinite(panorama).all()
    # Brighter than the median by far more than the three stops that a photo holds above mid grey.
    assert panorama.max() > 2**5 * np.median(panorama)
    with pytest.raises(ValueError, match="read-only"):
        panorama[0, 0] = 0


def test_they_are_small() -> None:
    folder = resources.files("exposure_lab.data.synthesis.panoramas")
    sizes = [len((folder / f"{name}.jxl").read_bytes()) for name in PANORAMAS]
    assert sum(sizes) < 3e6


def test_unknown_panorama() -> None:
    with pytest.raises(DataError, match=r"one of city, courtyard, .* but got 'moon'"):
        read_panorama("moon")


def test_a_stop_doubles_the_light_where_nothing_clips(sunlit: Array) -> None:
    response = CameraResponse()
    one, two = (srgb_to_linear(render_light(sunlit, ev, response)) for ev in (-1, 0))
    below = two < 0.999
    assert np.allclose(two[below], 2 * one[below], rtol=1e-3, atol=1e-6)


def test_what_is_above_white_comes_back_darker_but_not_from_a_photo(sunlit: Array) -> None:
    # Around the sun the photo at 0 EV is one flat white. The scene exposed 3 stops less has
    # light and shape there; the photo pulled down by 3 stops has one grey.
    photo = to_uint8(render_light(sunlit, 0, CameraResponse()))
    white = (photo == 255).all(axis=2)
    assert white.sum() > 100
    darker = render_light(sunlit, -3, CameraResponse())[white]
    pulled_down = apply_ev(from_uint8(photo), -3)[white]
    assert np.ptp(pulled_down) == 0
    assert darker.std() > 0.05
    # What clipped is at least as bright as the least that clips, which 8 bits round up by half.
    assert (darker >= pulled_down - 0.5 / 255).all()


@pytest.mark.parametrize("curve", ["plain", "camera", "filmic"])
def test_the_meter_reaches_its_key(curve: str) -> None:
    response = draw_camera_response(curve, "a", 1)  # type: ignore[arg-type]
    for name in ("studio", "city"):
        scene = draw_panorama_scene(name, f"{name} 1", 2)
        target = render_target(scene.light(response), response)
        assert float(target.mean()) == pytest.approx(scene.key, abs=1e-3)
        assert KEYS[0] <= scene.key <= KEYS[1]


def test_the_meter_by_hand() -> None:
    # Even light 4 is to be shown as sRGB 0.5, which is light 0.21404: log2(0.21404 / 4) stops.
    assert meter(np.full((2, 2, 3), 4, np.float32), CameraResponse(), 0.5) == pytest.approx(
        np.log2(0.21404 / 4), abs=1e-3
    )


def test_a_target_has_neither_gain_nor_noise_nor_a_cast() -> None:
    plain = CameraResponse(1.0)
    light = WINDOW.light(plain)
    disturbed = CameraResponse(1.0, gain=0.5, noise=1.0)
    assert np.array_equal(render_target(light, plain), render_target(light, disturbed))


def test_views_belong_to_seed_and_name() -> None:
    assert draw_panorama_scene("city", "a", 1) == draw_panorama_scene("city", "a", 1)
    drawn = {draw_panorama_scene("city", name, seed).yaw for name in "ab" for seed in (1, 2)}
    assert len(drawn) == 4
