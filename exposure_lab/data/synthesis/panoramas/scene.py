"""Photos taken in a panorama: a camera turned somewhere, its exposure metered there.

The light of such a scene was clipped nowhere, so a darker exposure shows what a brighter one has
lost, as a camera's does. Eight places are few: they teach what light does, not what the world
looks like.
"""

from dataclasses import dataclass, replace

import numpy as np

from exposure_lab.data.synthesis.camera import CameraResponse, named_rng, render_light
from exposure_lab.data.synthesis.panoramas.panorama import read_panorama
from exposure_lab.data.synthesis.panoramas.perspective import perspective_crop
from exposure_lab.images.array import Array

VIEW_SIZE = (288, 192)
"""Width and height of a view, px: about what a panorama holds in `FIELDS_OF_VIEW`."""

FIELDS_OF_VIEW = (50.0, 90.0)
"""Degrees, across the width: those of lenses from 38 down to 18 mm on a full frame."""

PITCHES = (-20.0, 30.0)
"""Degrees up: most photos look ahead; none of these looks straight down on a tripod."""

KEYS = (0.35, 0.5)
"""Mean of a metered photo's stored values, in [0, 1]: around a mid grey, as meters have it."""

METER_REACH = 24.0
"""Stops, to either side, within which the meter looks: a panorama's own range."""

METER_STEPS = 30
"""Halvings of the meter's range, which end far below what 8 bits can show."""


@dataclass(frozen=True)
class PanoramaScene:
    """Scene of a set that is a view of a panorama, and its camera."""

    place: str
    """One of `panorama.PANORAMAS`."""
    yaw: float
    """Degrees, as for `perspective_crop`; and so are pitch and field of view."""
    pitch: float
    field_of_view: float
    key: float
    """Mean of the well exposed photo's stored values, in [0, 1]."""

    def light(self, response: CameraResponse, size: tuple[int, int] = VIEW_SIZE) -> Array:
        """Scene light of this view, scaled so that at 0 EV the camera makes a well exposed photo.

        Args:
            response: camera response; gain, noise and white balance count for nothing here.
            size: width and height, px.

        Returns:
            (height, width, 3), linear light from 0 up, clipped nowhere.
        """
        view = perspective_crop(
            read_panorama(self.place), self.yaw, self.pitch, self.field_of_view, *size
        )
        return view * np.float32(2.0 ** meter(view, response, self.key))


def meter(light: Array, response: CameraResponse, key: float) -> float:
    """Find the exposure at which a camera's photo has a certain mean of its stored values.

    Args:
        light: (H, W, 3), linear, from 0 up.
        response: camera response; its tone curve counts, its gain, noise and white balance do not.
        key: the mean, in [0, 1].

    Returns:
        Stops, within `METER_REACH`; its upper end where the light is too dim for any key.
    """
    low, high = -METER_REACH, METER_REACH
    for _ in range(METER_STEPS):
        middle = (low + high) / 2
        if float(response.develop(light * np.float32(2.0**middle)).mean()) < key:
            low = middle
        else:
            high = middle
    return high


def render_target(light: Array, response: CameraResponse) -> Array:
    """Render the well exposed photo of a scene, (H, W, 3), sRGB in [0, 1]: no gain, no noise."""
    return render_light(light, 0, replace(response, gain=0.0, noise=0.0))


def draw_panorama_scene(place: str, name: str, seed: int) -> PanoramaScene:
    """Draw a view of a panorama, a pure function of the seed and the scene's name."""
    draw = named_rng(f"{name} view", seed)
    yaw, pitch = draw.uniform(-180, 180), draw.uniform(*PITCHES)
    field_of_view, key = draw.uniform(*FIELDS_OF_VIEW), draw.uniform(*KEYS)
    return PanoramaScene(place, float(yaw), float(pitch), float(field_of_view), float(key))
