"""A view of a panorama shows what lies in its direction, without seams, and refuses no camera."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure_lab.data.synthesis.panoramas.perspective import perspective_crop
from exposure_lab.errors import ConfigError, ImageError
from exposure_lab.images.array import Array

ROWS = 128


def known_panorama(rows: int = ROWS) -> Array:
    """Light 2 + x, 2 + y, 2 + z of the unit vector of each direction: right, up, ahead."""
    longitude = ((np.arange(2 * rows) + 0.5) / (2 * rows) - 0.5) * 2 * np.pi
    latitude = (0.5 - (np.arange(rows)[:, None] + 0.5) / rows) * np.pi
    x = np.cos(latitude) * np.sin(longitude)
    z = np.cos(latitude) * np.cos(longitude)
    return (2 + np.stack([x, np.sin(latitude) + 0 * x, z], axis=2)).astype(np.float32)


def rotation(yaw: float, pitch: float) -> np.ndarray:
    """Matrix that turns a camera's right, up and ahead: up by `pitch`, then right by `yaw`."""
    a, b = np.radians(yaw), np.radians(pitch)
    about_right = [[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]]
    about_up = [[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]]
    return np.array(about_up) @ np.array(about_right)


@given(
    yaw=st.floats(-720, 720),
    pitch=st.floats(-90, 90),
    field_of_view=st.floats(10, 150),
    width=st.integers(1, 24),
    height=st.integers(1, 24),
)
def test_each_pixel_shows_its_direction(
    yaw: float, pitch: float, field_of_view: float, width: int, height: int
) -> None:
    view = perspective_crop(known_panorama(), yaw, pitch, field_of_view, width, height)
    focal = width / 2 / np.tan(np.radians(field_of_view) / 2)
    right = np.arange(width) + 0.5 - width / 2
    up = height / 2 - np.arange(height)[:, None] - 0.5
    rays = np.stack(np.broadcast_arrays(right, up, focal), axis=2)
    rays = rays / np.linalg.norm(rays, axis=2, keepdims=True) @ rotation(yaw, pitch).T
    # Bilinear interpolation of a function whose second derivatives are at most 1 over steps of
    # pi / 128 is off by at most (pi / 128)^2 / 8 in each direction: 1.5e-4 in both.
    assert view == pytest.approx(2 + rays, abs=3e-4)


def test_the_middle_of_the_view() -> None:
    # Straight ahead, to the right, behind, to the left, up and down, as light 2 + (x, y, z).
    for yaw, pitch, light in (
        (0, 0, (2, 2, 3)),
        (90, 0, (3, 2, 2)),
        (180, 0, (2, 2, 1)),
        (-90, 0, (1, 2, 2)),
        (45, 90, (2, 3, 2)),
        (10, -90, (2, 1, 2)),
    ):
        view = perspective_crop(known_panorama(), yaw, pitch, 60, 5, 5)
        assert view[2, 2] == pytest.approx(light, abs=1e-3)


def test_no_seam_behind() -> None:
    # Turning the panorama by half and the camera with it gives the same view, seam or not.
    panorama = np.random.default_rng(0).random((32, 64, 3), np.float32)
    turned = np.roll(panorama, 32, axis=1)
    for pitch in (0, 80, -90):
        across_the_seam = perspective_crop(panorama, 180, pitch, 90, 40, 40)
        assert across_the_seam == pytest.approx(
            perspective_crop(turned, 0, pitch, 90, 40, 40), abs=1e-5
        )


@given(st.floats(0, 100, width=32), st.floats(-180, 180), st.floats(-90, 90))
def test_even_light_stays_even_and_nothing_is_made_brighter(
    light: float, yaw: float, pitch: float
) -> None:
    view = perspective_crop(np.full((4, 8, 3), light, np.float32), yaw, pitch, 120, 9, 7)
    assert view == pytest.approx(np.full((7, 9, 3), light), rel=1e-5)


@pytest.mark.parametrize(
    "angles",
    [(0, 0, 0), (0, 0, 180), (0, 0, 200), (0, 0, np.nan), (0, 91, 60), (np.inf, 0, 60)],
)
def test_no_such_camera(angles: tuple[float, float, float]) -> None:
    with pytest.raises(ConfigError, match=r"a field of view above 0 and below 180, but got"):
        perspective_crop(known_panorama(4), *angles, 8, 8)


def test_no_such_size() -> None:
    with pytest.raises(ConfigError, match="at least 1 px, but got 0 by 8"):
        perspective_crop(known_panorama(4), 0, 0, 60, 0, 8)


@pytest.mark.parametrize("shape", [(4, 4, 3), (4, 8), (4, 8, 4), (0, 0, 3)])
def test_no_panorama(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match=r"\(H, W, 3\), twice as wide as high, but got shape"):
        perspective_crop(np.ones(shape, np.float32), 0, 0, 60, 8, 8)


@pytest.mark.parametrize("value", [-0.001, np.nan, np.inf])
def test_no_light(value: float) -> None:
    panorama = known_panorama(4)
    panorama[1, 2, 0] = value
    with pytest.raises(ImageError, match=r"Expected light from 0 up in a panorama, but its values"):
        perspective_crop(panorama, 0, 0, 60, 8, 8)
