"""sRGB transfer curve, between display values and linear light."""

import numpy as np

from exposure_lab.images.array import Array


def srgb_to_linear(srgb: Array) -> Array:
    """Decode the sRGB curve: from display values to linear light, both in [0, 1].

    Source: IEC 61966-2-1.
    """
    toe = srgb / 12.92
    curve = ((np.maximum(srgb, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(srgb <= 0.04045, toe, curve).astype(np.float32)


def linear_to_srgb(linear: Array) -> Array:
    """Encode by the sRGB curve: from linear light to display values, both in [0, 1].

    Source: IEC 61966-2-1.
    """
    toe = linear * 12.92
    curve = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, toe, curve).astype(np.float32)
