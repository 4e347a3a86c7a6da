"""Camera model that renders a photo at another exposure: tone curve, gain, sensor noise.

A finished photo went through a tone curve, which compresses the brightest light so that it fits
below white. The curve is inverted, the light is scaled, clipped where a sensor would clip, and the
curve is applied again::

    photo -> inverse curve -> light x 2^(ev + gain) [+ noise] -> clip at sensor white -> curve

With headroom 0 the curve is straight, and this is `apply_ev`: the *plain* rendering, which reveals
its exposure. A dark rendering's brightest pixel then says by how many stops it was darkened, and
dividing by it restores the photo, with no need to look at what is in it. So by default each photo
gets a headroom and a gain of its own, which nothing in the picture tells.
"""

import zlib
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from exposure_lab.errors import ConfigError
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear

Curve = Literal["random", "filmic", "plain"]
"""`random`: a headroom and a gain per photo. `filmic`: two stops of headroom for all, no gain.
`plain`: straight."""

FILMIC_HEADROOM = 2.0
RANDOM_HEADROOM = (0.5, 4.0)
RANDOM_GAIN = (-0.5, 0.5)

SHOT_NOISE = 1e-3
"""Variance of the light of a fully lit pixel at strength 1: a small sensor's thousand electrons."""

READ_NOISE = 2e-3
"""Standard deviation without any light, at strength 1."""


@dataclass(frozen=True)
class CameraResponse:
    """Camera that all renderings of one photo share: headroom of the tone curve, gain, noise."""

    headroom: float = 0.0
    """Stops by which the sensor's white lies above 1, where a straight curve would clip."""
    gain: float = 0.0
    """Stops added to every exposure of this photo."""
    noise: float = 0.0
    """Strength of the sensor noise; 0 is none, 1 that of a small sensor."""

    @property
    def sensor_white(self) -> float:
        """Amount of light at which the sensor clips; the curve maps it to display white."""
        return float(2.0**self.headroom)

    def tone_map(self, light: Array) -> Array:
        """Tone-map scene light in [0, sensor_white], clipped above, to display light in [0, 1].

        Source: Reinhard et al. 2002, equation 4.
        """
        white = self.sensor_white
        clipped: Array = np.minimum(light, white)
        return (clipped * (1 + clipped / white**2) / (1 + clipped)).astype(np.float32)

    def inverse_tone_map(self, light: Array) -> Array:
        """Invert `tone_map`: display light in [0, 1] to scene light in [0, sensor_white]."""
        squared = self.sensor_white**2
        rest = 1 - light.astype(np.float64)  # the root of a quadratic loses digits in float32
        return (squared / 2 * (np.sqrt(rest**2 + 4 * light / squared) - rest)).astype(np.float32)


def draw_camera_response(curve: Curve, scene: str, seed: int, noise: float = 0.0) -> CameraResponse:
    """Draw the camera response of one photo, a pure function of the seed and the photo's name.

    Raises:
        ConfigError: unknown curve, or a negative strength of noise.
    """
    if curve not in get_args(Curve):
        raise ConfigError(
            f"Expected a tone curve, one of {', '.join(get_args(Curve))}, but got {curve!r}."
        )
    if not noise >= 0:
        raise ConfigError(f"Expected a strength of noise from 0 up, but got {noise}.")
    if curve == "plain":
        return CameraResponse(noise=noise)
    if curve == "filmic":
        return CameraResponse(FILMIC_HEADROOM, noise=noise)
    draw = _generator(scene, seed)
    headroom, gain = float(draw.uniform(*RANDOM_HEADROOM)), float(draw.uniform(*RANDOM_GAIN))
    return CameraResponse(headroom, gain, noise)


def render(
    srgb: Array, ev: float, response: CameraResponse, scene: str = "", seed: int = 0
) -> Array:
    """Render a photo at another exposure with the camera model.

    Args:
        srgb: (H, W, 3), sRGB in [0, 1].
        ev: stops; +1 doubles the light.
        response: camera response of this photo.
        scene, seed: with `ev` they decide the noise.

    Returns:
        (H, W, 3), sRGB in [0, 1].
    """
    light = response.inverse_tone_map(srgb_to_linear(srgb))
    light = light * np.float32(2.0 ** (ev + response.gain))
    if response.noise:
        light = _add_noise(light, response, _generator(f"{scene} {ev:g}", seed))
    return linear_to_srgb(np.clip(response.tone_map(light), 0, 1))


def render_uint8(
    pixels: NDArray[np.uint8], ev: float, response: CameraResponse, scene: str = "", seed: int = 0
) -> NDArray[np.uint8]:
    """Render 8-bit pixels, as `render`: quickly, by a table of 256 values, where there is no noise.

    Args:
        pixels: (H, W, 3), sRGB, 0..255.
        ev, response, scene, seed: as for `render`.
    """
    if response.noise:
        return to_uint8(render(from_uint8(pixels), ev, response, scene, seed))
    greys = np.arange(256, dtype=np.uint8)[:, None, None].repeat(3, axis=2)
    table = to_uint8(render(from_uint8(greys), ev, response))[:, 0, 0]
    return table[pixels]


def _add_noise(light: Array, response: CameraResponse, draw: np.random.Generator) -> Array:
    """Add sensor noise: shot noise grows with the root of the light, read noise is constant.

    Source: Foi et al. 2008, the Gaussian approximation of their equation 7.
    """
    white = response.sensor_white
    shot, read = response.noise * SHOT_NOISE * white, (response.noise * READ_NOISE * white) ** 2
    deviation = np.sqrt(shot * np.minimum(light, white) + read)
    noisy = light + deviation * draw.standard_normal(light.shape, dtype=np.float32)
    return np.maximum(noisy, 0).astype(np.float32)


def _generator(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode("utf-8", "surrogatepass"))])
