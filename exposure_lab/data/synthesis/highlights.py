"""Light above white that a finished photo has lost, invented again so that a camera can lose it."""

# H height, W width

from typing import NamedTuple

import numpy as np

from exposure_lab.data.synthesis.camera import named_rng
from exposure_lab.images.array import Array

BEGIN = (0.5, 0.9)
"""Stored values of the brightest channel, in [0, 1], between which raised highlights begin."""


class Highlights(NamedTuple):
    """Highlights of one photo's scene: how far above the stored values its light goes.

    In a photo all that was brighter than white is white. Rendered darker, its sky turns grey as a
    wall does, where a camera would have found the sky again; a network that learned from such
    pairs takes any white for the sign of a bright photo. With raised highlights a dark rendering
    keeps its bright sky, and the target clips it.
    """

    stops: float
    """Stops by which white is raised."""
    begin: float
    """Stored value, in [0, 1], from which on light is raised, at first by little."""

    def extend(self, light: Array, srgb: Array) -> Array:
        """Raise the highlights of a photo's light.

        Args:
            light: (H, W, 3), linear, of the photo.
            srgb: (H, W, 3), the photo, sRGB in [0, 1].

        Returns:
            (H, W, 3), linear; what is darker than `begin` stays.
        """
        place = np.clip((srgb.max(axis=2, keepdims=True) - self.begin) / (1 - self.begin), 0, 1)
        smooth = place * place * (3 - 2 * place)
        raised: Array = light * np.exp2(np.float32(self.stops) * smooth)
        return raised


def draw_highlights(most: float, scene: str, seed: int) -> Highlights:
    """Draw the highlights of a photo, a pure function of the seed and the photo's name.

    Args:
        most: stops by which white is raised at most.
    """
    draw = named_rng(f"{scene} highlights", seed)
    return Highlights(float(draw.uniform(0, most)), float(draw.uniform(*BEGIN)))
