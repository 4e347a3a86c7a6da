"""Corrections that learn nothing: what a network has to beat.

Each is an image function: (H, W, 3), sRGB in [0, 1], to the same.
"""

from collections.abc import Callable

import numpy as np

from exposure_lab.image import Array, linear_to_srgb, srgb_to_linear

ImageFunction = Callable[[Array], Array]

TARGET_MEAN = 0.45
"""Mean sRGB value that the automatic corrections aim at: a mid grey."""

BISECTIONS = 20
"""Halvings of a search interval: settles a stop or an exponent to five digits."""

CLIPPED = 0.995
"""Amount of light, in [0, 1], that an 8-bit file stores as 255 or next to it."""

SEARCH_PIXELS = 2**16
"""A mean settles on far fewer pixels than a photo has; searching on a sample keeps it quick."""


def identity(image: Array) -> Array:
    """Do nothing."""
    return image


def auto_gamma(image: Array) -> Array:
    """Raise all values to the power that brings their mean to `TARGET_MEAN`."""
    sample = _sample(image)

    def too_bright(log_gamma: float) -> bool:
        return float(np.mean(sample ** np.float32(2**-log_gamma))) > TARGET_MEAN

    return image ** np.float32(2 ** -_bisect(too_bright, -4, 4))


def auto_exposure(image: Array) -> Array:
    """Scale the light by the factor that brings the mean sRGB value to `TARGET_MEAN`, and clip.

    What an automatic camera does: one change of exposure for the whole photo, at most six stops.
    """
    linear = srgb_to_linear(image)
    sample = _sample(linear)

    def too_bright(ev: float) -> bool:
        return float(np.mean(_expose(sample, ev))) > TARGET_MEAN

    return _expose(linear, _bisect(too_bright, -6, 6))


def white_point(image: Array) -> Array:
    """Scale the light so that its own 99.9th percentile becomes white.

    Where that percentile is white already the highlights are clipped and tell nothing, so
    `auto_exposure` steps in.
    """
    linear = srgb_to_linear(image)
    white = float(np.percentile(linear.max(axis=2), 99.9))
    if white >= CLIPPED:
        return auto_exposure(image)
    return _expose(linear, -np.log2(max(white, 2.0**-6)))


BASELINES: dict[str, ImageFunction] = {
    "identity": identity,
    "auto-gamma": auto_gamma,
    "auto-exposure": auto_exposure,
    "white-point": white_point,
}
"""Name on the command line to image function."""


def _expose(linear: Array, ev: float) -> Array:
    return linear_to_srgb(np.minimum(linear * np.float32(2.0**ev), 1))


def _bisect(too_high: Callable[[float], bool], low: float, high: float) -> float:
    """The place where a rising question turns true; an end of the interval where it does not."""
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if too_high(middle) else (middle, high)
    return (low + high) / 2


def _sample(image: Array) -> Array:
    pixels = image.reshape(-1, 3)
    return pixels[:: max(1, len(pixels) // SEARCH_PIXELS)]
