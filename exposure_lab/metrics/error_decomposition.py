"""Decomposition of a corrected picture's error: exposure, colours, patches, fine detail.

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
"""Largest change of exposure that is tried, stops either way."""

PATCH = 1 / 64
"""Sigma of the blur that parts broad patches from fine detail, as a share of the short side."""


class ErrorParts(NamedTuple):
    """Parts of a mean squared error; they add up to the whole."""

    exposure: float
    """Error that the best single exposure takes away."""
    colours: float
    """Error that the best mixture of the colours takes away after that."""
    patches: float
    """Rest that survives a blur: whole regions in a wrong tone."""
    detail: float
    """Rest that does not: edges, texture, patterns."""


def best_exposure(picture: Array, target: Array) -> Array:
    """Change a picture by the one exposure that brings it nearest to the target, by squared error.

    Returns:
        (H, W, 3), sRGB in [0, 1]; never further from the target than the picture.
    """
    light = srgb_to_linear(picture)

    def at(ev: float) -> Array:
        return linear_to_srgb(np.minimum(light * np.float32(2.0**ev), 1))

    def error(ev: float) -> float:
        return _squared_error(at(ev), target)

    ev = float(minimize_scalar(error, bounds=(-STOPS, STOPS), method="bounded").x)
    return at(ev) if error(ev) < _squared_error(picture, target) else picture


def best_colours(picture: Array, target: Array) -> Array:
    """Mix a picture's colours anew, the same way in every pixel, to be nearest to the target.

    One 3x3 matrix and one offset, by least squares: brightness, contrast, tint and saturation.

    Returns:
        (H, W, 3), sRGB in [0, 1]; never further from the target than the picture.
    """
    pixels = np.column_stack([picture.reshape(-1, 3), np.ones(picture.size // 3)])
    mixture, *_ = np.linalg.lstsq(pixels, target.reshape(-1, 3))  # (4, 3)
    mixed: Array = np.clip((pixels @ mixture).reshape(picture.shape), 0, 1).astype(np.float32)
    return mixed if _squared_error(mixed, target) < _squared_error(picture, target) else picture


def error_parts(picture: Array, target: Array) -> ErrorParts:
    """Decompose the mean squared error of a picture."""
    exposed = best_exposure(picture, target)
    mixed = best_colours(exposed, target)
    whole, after_exposure, rest = (
        _squared_error(image, target) for image in (picture, exposed, mixed)
    )
    sigma = min(target.shape[:2]) * PATCH
    broad = gaussian_filter(mixed.astype(np.float64) - target, (sigma, sigma, 0))
    patches = min(float(np.mean(broad**2)), rest)
    return ErrorParts(whole - after_exposure, after_exposure - rest, patches, rest - patches)


def _squared_error(picture: Array, target: Array) -> float:
    return float(np.mean((picture.astype(np.float64) - target) ** 2))
