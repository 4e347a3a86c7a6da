"""How a photo is rendered as if it had been exposed otherwise: tone curve, gain, sensor noise.

A finished photo went through a tone curve, which bends the brightest light so that it still fits
below white. The curve is undone, the light is scaled, clipped where a sensor would clip, and bent
again::

    photo -> inverse curve -> light x 2^(ev + gain) [+ noise] -> clip at the sensor's white -> curve

With headroom 0 the curve is straight, and this is `apply_ev`: the *plain* rendering, which gives
itself away. A dark rendering's brightest pixel then says by how many stops it was darkened, and
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
"""Standard deviation that is there without any light, at strength 1."""


@dataclass(frozen=True)
class Look:
    """What all renderings of one photo have in common."""

    headroom: float = 0.0
    """Stops by which the sensor's white lies above 1, where a straight curve would clip."""
    gain: float = 0.0
    """Stops added to every exposure of this photo."""
    noise: float = 0.0
    """Strength of the sensor noise; 0 is none, 1 a small sensor's."""

    @property
    def white(self) -> float:
        """Amount of light at which the sensor clips; the curve maps it to display white."""
        return float(2.0**self.headroom)

    def develop(self, light: Array) -> Array:
        """Scene light in [0, white] to display light in [0, 1]; light above white is clipped.

        Source: Reinhard et al. 2002, equation 4.
        """
        clipped: Array = np.minimum(light, self.white)
        return (clipped * (1 + clipped / self.white**2) / (1 + clipped)).astype(np.float32)

    def undevelop(self, light: Array) -> Array:
        """The inverse of `develop`: display light in [0, 1] to scene light in [0, white]."""
        square = self.white**2
        rest = 1 - light.astype(np.float64)  # the root of a quadratic loses digits in float32
        return (square / 2 * (np.sqrt(rest**2 + 4 * light / square) - rest)).astype(np.float32)


def draw_look(curve: Curve, scene: str, seed: int, noise: float = 0.0) -> Look:
    """The look of one photo: a pure function of the seed and the photo's name.

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
        return Look(noise=noise)
    if curve == "filmic":
        return Look(FILMIC_HEADROOM, noise=noise)
    draw = _generator(scene, seed)
    return Look(float(draw.uniform(*RANDOM_HEADROOM)), float(draw.uniform(*RANDOM_GAIN)), noise)


def render(srgb: Array, ev: float, look: Look, scene: str = "", seed: int = 0) -> Array:
    """Render a photo at another exposure.

    Args:
        srgb: (H, W, 3), sRGB in [0, 1].
        ev: stops; +1 doubles the light.
        look: of this photo.
        scene, seed: with `ev` they decide the noise.

    Returns:
        (H, W, 3), sRGB in [0, 1].
    """
    light = look.undevelop(srgb_to_linear(srgb)) * np.float32(2.0 ** (ev + look.gain))
    if look.noise:
        light = _with_noise(light, look, _generator(f"{scene} {ev:g}", seed))
    return linear_to_srgb(np.clip(look.develop(light), 0, 1))


def render_uint8(
    pixels: NDArray[np.uint8], ev: float, look: Look, scene: str = "", seed: int = 0
) -> NDArray[np.uint8]:
    """The same for 8-bit pixels: by a table of 256 values where there is no noise, which is quick.

    Args:
        pixels: (H, W, 3), sRGB, 0..255.
        ev, look, scene, seed: as for `render`.
    """
    if look.noise:
        return to_uint8(render(from_uint8(pixels), ev, look, scene, seed))
    greys = np.arange(256, dtype=np.uint8)[:, None, None].repeat(3, axis=2)
    table = to_uint8(render(from_uint8(greys), ev, look))[:, 0, 0]
    return table[pixels]


def _with_noise(light: Array, look: Look, draw: np.random.Generator) -> Array:
    """Shot noise grows with the root of the light, read noise is always there.

    Source: Foi et al. 2008, the Gaussian approximation of their equation 7.
    """
    shot, read = look.noise * SHOT_NOISE * look.white, (look.noise * READ_NOISE * look.white) ** 2
    deviation = np.sqrt(shot * np.minimum(light, look.white) + read)
    noisy = light + deviation * draw.standard_normal(light.shape, dtype=np.float32)
    return np.maximum(noisy, 0).astype(np.float32)


def _generator(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
