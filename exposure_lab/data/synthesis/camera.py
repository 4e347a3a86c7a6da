"""Camera model that renders a photo at another exposure: tone curve, gain, sensor noise.

A finished photo went through a tone curve, which compresses the brightest light so that it fits
below white. The curve is inverted, the light is scaled, clipped where a sensor would clip, and the
curve is applied again::

    photo -> inverse curve -> light x 2^(ev + gain) [+ noise] -> clip at sensor white -> curve

With headroom 0 the curve is straight, and this is `apply_ev`: the *plain* rendering, which reveals
its exposure. A dark rendering's brightest pixel then says by how many stops it was darkened, and
dividing by it restores the photo, with no need to look at what is in it. So by default each photo
gets a headroom and a gain of its own, which nothing in the picture tells.

Cameras also darken the shadows and raise the highlights. A contrast above 0 does it, to the stored
values: an S between black and white, whose middle stays.
"""

import zlib
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from exposure_lab.data.synthesis.contrast import add_contrast, remove_contrast
from exposure_lab.errors import ConfigError
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear

Curve = Literal["random", "camera", "filmic", "plain"]
"""`random`: a headroom and a gain per photo. `camera`: a headroom and a contrast per photo.
`filmic`: two stops of headroom for all, no gain. `plain`: straight."""

FILMIC_HEADROOM = 2.0
RANDOM_HEADROOM = (0.5, 4.0)
RANDOM_GAIN = (-0.5, 0.5)
CAMERA_CONTRAST = (0.0, 0.6)

SHOT_NOISE = 1e-3
"""Variance of the light of a fully lit pixel at strength 1: a small sensor's thousand electrons."""

READ_NOISE = 2e-3
"""Standard deviation without any light, at strength 1."""


@dataclass(frozen=True)
class CameraResponse:
    """Response of a camera to light: its tone curve, gain, white balance and noise.

    All renderings of one photo share it, unless they are varied; see `variation`.
    """

    headroom: float = 0.0
    """Stops by which the sensor's white lies above 1, where a straight curve would clip."""
    gain: float = 0.0
    """Stops added to every exposure of this photo."""
    noise: float = 0.0
    """Strength of the sensor noise; 0 is none, 1 that of a small sensor."""
    contrast: float = 0.0
    """Strength of the S in the tone curve, 0 is none; see `add_contrast`."""
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Factors of red, green and blue light in a new exposure; all 1 where colours stay."""

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

    def develop(self, light: Array) -> Array:
        """Develop scene light from 0 up, clipped at the sensor's white, to sRGB in [0, 1]."""
        return add_contrast(linear_to_srgb(np.clip(self.tone_map(light), 0, 1)), self.contrast)

    def scene_light(self, srgb: Array) -> Array:
        """Invert `develop`: sRGB in [0, 1] to scene light in [0, sensor_white]."""
        return self.inverse_tone_map(srgb_to_linear(remove_contrast(srgb, self.contrast)))


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
    draw = named_rng(scene, seed)
    headroom = float(draw.uniform(*RANDOM_HEADROOM))
    if curve == "camera":
        return CameraResponse(headroom, noise=noise, contrast=float(draw.uniform(*CAMERA_CONTRAST)))
    return CameraResponse(headroom, float(draw.uniform(*RANDOM_GAIN)), noise)


def render(
    srgb: Array,
    ev: float,
    response: CameraResponse,
    scene: str = "",
    seed: int = 0,
    varied: CameraResponse | None = None,
) -> Array:
    """Render a photo at another exposure with the camera model.

    Args:
        srgb: (H, W, 3), sRGB in [0, 1].
        ev: stops; +1 doubles the light.
        response: camera response of this photo, which is undone.
        scene, seed: with `ev` they decide the noise.
        varied: camera response of the new exposure, where it is another one.

    Returns:
        (H, W, 3), sRGB in [0, 1].
    """
    return render_light(response.scene_light(srgb), ev, varied or response, scene, seed)


def render_light(
    light: Array, ev: float, response: CameraResponse, scene: str = "", seed: int = 0
) -> Array:
    """Render scene light at an exposure with the camera model.

    Args:
        light: (H, W, 3), linear, from 0 up; the sensor clips what is above its white.
        ev, response, scene, seed: as for `render`.

    Returns:
        (H, W, 3), sRGB in [0, 1].
    """
    light = light * np.float32(2.0 ** (ev + response.gain))
    if response.white_balance != (1.0, 1.0, 1.0):
        light = light * np.array(response.white_balance, np.float32)
    if response.noise:
        light = _add_noise(light, response, named_rng(f"{scene} {ev:g}", seed))
    return response.develop(light)


def render_uint8(
    pixels: NDArray[np.uint8],
    ev: float,
    response: CameraResponse,
    scene: str = "",
    seed: int = 0,
    varied: CameraResponse | None = None,
) -> NDArray[np.uint8]:
    """Render 8-bit pixels, as `render`, and to the bit: quickly, by tables of 256 values.

    Args:
        pixels: (H, W, 3), sRGB, 0..255.
        ev, response, scene, seed, varied: as for `render`.
    """
    varied = varied or response
    light = response.scene_light(from_uint8(np.arange(256, dtype=np.uint8)))
    if varied.noise:
        return to_uint8(render_light(light[pixels], ev, varied, scene, seed))
    greys = light[:, None, None].repeat(3, axis=2)
    tables = to_uint8(render_light(greys, ev, varied))[:, 0]  # (256, 3)
    return tables[pixels, np.arange(3)]


def _add_noise(light: Array, response: CameraResponse, draw: np.random.Generator) -> Array:
    """Add sensor noise: shot noise grows with the root of the light, read noise is constant.

    Source: Foi et al. 2008, the Gaussian approximation of their equation 7.
    """
    white = response.sensor_white
    shot, read = response.noise * SHOT_NOISE * white, (response.noise * READ_NOISE * white) ** 2
    deviation = np.sqrt(shot * np.minimum(light, white) + read)
    noisy = light + deviation * draw.standard_normal(light.shape, dtype=np.float32)
    return np.maximum(noisy, 0).astype(np.float32)


def named_rng(name: str, seed: int) -> np.random.Generator:
    """Start random numbers of its own for something that has a name."""
    return np.random.default_rng([seed, zlib.crc32(name.encode("utf-8", "surrogatepass"))])
