"""Exposure change: what a correction did to a photo, in numbers for a report."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.images.icc import to_srgb
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.images.resize import small_copy
from exposure_lab.images.srgb import srgb_to_linear

SIDE = 256
"""px. The light of a photo is averaged over a square copy of this side."""

FAINTEST = 1e-4
"""Mean light that counts for none: a black photo has been brightened by no number of stops."""


class ExposureChange(NamedTuple):
    """Change of a photo's exposure by a correction."""

    stops: float
    """Base-2 logarithm of the mean linear light afterwards, over that before."""
    clipped_before: float
    """Share of pixels, in [0, 1], with a channel at white."""
    clipped_after: float


def measure_change(original: PhotoFile, corrected: PhotoFile) -> ExposureChange:
    """Measure what a correction did to a photo.

    Args:
        original, corrected: of one size.
    """
    before, after = (max(_mean_light(photo), FAINTEST) for photo in (original, corrected))
    shares = (_clipped_share(photo.pixels) for photo in (original, corrected))
    return ExposureChange(float(np.log2(after / before)), *shares)


def _mean_light(photo: PhotoFile) -> float:
    """Mean of linear red, green and blue, in [0, 1]."""
    small = small_copy(photo.pixels, SIDE, SIDE)
    return float(srgb_to_linear(to_srgb(small, photo.profile)).mean())


def _clipped_share(pixels: NDArray[Any]) -> float:
    return float((pixels.max(axis=2) == np.iinfo(pixels.dtype).max).mean())
