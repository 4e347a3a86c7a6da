"""Contrast of a tone curve: an S between black and white, and its inverse."""

import numpy as np

from exposure_lab.images.array import Array

MOST_CONTRAST = 0.9
"""With 1 the S would be flat at black and white, and many values would become one."""

NEWTON_STEPS = 12
"""At `MOST_CONTRAST` they bring the inverse to the precision of 32 bits."""


def add_contrast(srgb: Array, contrast: float) -> Array:
    """Bend stored values along an S: darker below the middle, brighter above it.

    Args:
        srgb: values in [0, 1], of any shape.
        contrast: share of the S in its mixture with a straight line, in [0, `MOST_CONTRAST`].

    Returns:
        Values in [0, 1]; black, the middle and white stay.

    Source: the "smoothstep" tone curve of Brooks et al. 2019.
    """
    if not contrast:
        return srgb
    return (srgb * (1 + contrast * (srgb - 1) * (1 - 2 * srgb))).astype(np.float32)


def remove_contrast(srgb: Array, contrast: float) -> Array:
    """Straighten values in [0, 1] that `add_contrast` bent, by Newton's method."""
    if not contrast:
        return srgb
    value = wanted = srgb.astype(np.float64)
    for _ in range(NEWTON_STEPS):
        excess = value * (1 + contrast * (value - 1) * (1 - 2 * value)) - wanted
        value = np.clip(value - excess / (1 - contrast + 6 * contrast * value * (1 - value)), 0, 1)
    return value.astype(np.float32)
