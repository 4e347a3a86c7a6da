"""What the error of a corrected picture is made of: exposure, colours, patches, fine detail.

With the target at hand a picture can be brought as near to it as any change of exposure, and then
any new mixture of its colours, can bring it. What that takes away was wrong exposure and wrong
colour. What it leaves, no exposure and no mixture could have corrected. It is a lower bound, since
the best colours also take contrast away where that hides wrong detail.

All take two images (H, W, 3), sRGB in [0, 1], of one size.
"""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.optimize import minimize_scalar

from exposure_lab.images.array import Array
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear

STOPS = 3.0
"""Largest change of exposure that is tried, either way."""

PATCH = 1 / 64
"""Of the short side. The sigma of the blur that parts broad patches from fine detail."""


class ErrorParts(NamedTuple):
    """Parts of a mean squared error; they add up to the whole."""

    exposure: float
    """What the best single exposure takes away."""
    colours: float
    """What the best mixture of the colours takes away after that."""
    patches: float
    """What is left and survives a blur: whole regions in a wrong tone."""
    detail: float
    """What is left and does not: edges, texture, patterns."""


def best_exposure(picture: Array, target: Array) -> Array:
    """The picture at the one exposure that brings it nearest to the target, by squared error.

    Returns:
        (H, W, 3), sRGB in [0, 1]; never further from the target than the picture.
    """
    light = srgb_to_linear(picture)

    def at(ev: float) -> Array:
        return linear_to_srgb(np.minimum(light * np.float32(2.0**ev), 1))

    def error(ev: float) -> float:
        return _squared(at(ev), target)

    ev = float(minimize_scalar(error, bounds=(-STOPS, STOPS), method="bounded").x)
    return at(ev) if error(ev) < _squared(picture, target) else picture


def best_colours(picture: Array, target: Array) -> Array:
    """The picture with its colours mixed anew, the same way in every pixel, nearest to the target.

    One 3x3 matrix and one offset, by least squares: brightness, contrast, tint and saturation.

    Returns:
        (H, W, 3), sRGB in [0, 1]; never further from the target than the picture.
    """
    pixels = np.column_stack([picture.reshape(-1, 3), np.ones(picture.size // 3)])
    mixture, *_ = np.linalg.lstsq(pixels, target.reshape(-1, 3))  # (4, 3)
    mixed: Array = np.clip((pixels @ mixture).reshape(picture.shape), 0, 1).astype(np.float32)
    return mixed if _squared(mixed, target) < _squared(picture, target) else picture


def error_parts(picture: Array, target: Array) -> ErrorParts:
    """Take the mean squared error of a picture apart."""
    exposed = best_exposure(picture, target)
    mixed = best_colours(exposed, target)
    whole, after_exposure, rest = (_squared(one, target) for one in (picture, exposed, mixed))
    sigma = min(target.shape[:2]) * PATCH
    broad = gaussian_filter(mixed.astype(np.float64) - target, (sigma, sigma, 0))
    patches = min(float(np.mean(broad**2)), rest)
    return ErrorParts(whole - after_exposure, after_exposure - rest, patches, rest - patches)


def _squared(picture: Array, target: Array) -> float:
    return float(np.mean((picture.astype(np.float64) - target) ** 2))
