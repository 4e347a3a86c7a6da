"""SSIM as published scorers compute it, which is rarely as its authors wrote it down.

All take two images (H, W, 3), sRGB in [0, 1], of one size, and give one number, at most 1. The
plain form, with the paper's window, is `metrics.ssim`.
"""

import numpy as np
from skimage.measure import block_reduce
from skimage.metrics import structural_similarity

from exposure_lab.images.array import Array
from exposure_lab.metrics.pixel import SSIM_RADIUS, check_room, ssim, ssim_map

UNIFORM_SIDE = 7
"""px. Side of scikit-image's window, in which all pixels count the same."""

POOLED_SIDE = 256
"""px. piq brings the short side near this by whole factors before it compares."""

REC_601 = np.array([0.299, 0.587, 0.114])
"""Shares of red, green and blue in OpenCV's grey."""


def ssim_uniform(image: Array, target: Array) -> float:
    """scikit-image's defaults: a window of 7 x 7 equal weights and the sample covariance.

    Mean over red, green and blue.

    Raises:
        ImageError: two sizes, or a side is shorter than the window.
    """
    check_room(image, target, UNIFORM_SIDE)
    return float(structural_similarity(image, target, channel_axis=2, data_range=1.0))


def ssim_grey(image: Array, target: Array) -> float:
    """The same on grey pictures of 8 bit, as OpenCV makes them of colour ones.

    It does not see wrong colours of the right brightness.

    Raises:
        ImageError: two sizes, or a side is shorter than the window.
    """
    check_room(image, target, UNIFORM_SIDE)
    greys = [np.rint(one.astype(np.float64) @ REC_601 * 255) / 255 for one in (image, target)]
    return float(structural_similarity(*greys, data_range=1.0))


def ssim_clamped(image: Array, target: Array) -> float:
    """The paper's window; where the structure is inverted a place counts as 0, never below.

    As in the package IQA_pytorch; mean over red, green and blue.

    Raises:
        ImageError: two sizes, or a side is shorter than the window.
    """
    # The other factor is positive, so a place is below 0 exactly where the structure is.
    return float(np.maximum(ssim_map(image, target), 0).mean(dtype=np.float64))


def ssim_pooled(image: Array, target: Array) -> float:
    """The paper's SSIM of pictures that were shrunk first: each block of pixels to its mean.

    The block's side is the short side over 256, rounded; what is left over at the far edges is cut
    off. As in the package piq, whose default this is; shrinking hides fine faults.

    Raises:
        ImageError: two sizes, or a side is shorter than the window.
    """
    check_room(image, target, 2 * SSIM_RADIUS + 1)
    height, width = image.shape[:2]
    side = max(1, round(min(height, width) / POOLED_SIDE))
    whole = np.s_[: height // side * side, : width // side * side]
    small = [block_reduce(one[whole], (side, side, 1), np.mean) for one in (image, target)]
    return ssim(*(np.clip(one, 0, 1) for one in small))
