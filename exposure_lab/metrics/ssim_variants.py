"""Variants of SSIM that published scorers compute, which are rarely as its authors wrote it down.

All take two images (H, W, 3), sRGB in [0, 1], of one size, and give one number, at most 1. The
plain form, with the paper's window, is `metrics.ssim`.
"""

import numpy as np
from skimage.measure import block_reduce
from skimage.metrics import structural_similarity

from exposure_lab.images.array import BT601, Array
from exposure_lab.metrics.image_pair import check_window_fits
from exposure_lab.metrics.pixel import SSIM_RADIUS, ssim, ssim_map

UNIFORM_SIDE = 7
"""px. Side of scikit-image's window, in which all pixels count the same."""

POOLED_SIDE = 256
"""px. piq brings the short side near this by whole factors before it compares."""


def ssim_uniform(image: Array, target: Array) -> float:
    """SSIM by scikit-image's defaults: a window of 7 x 7 equal weights, the sample covariance.

    Mean over red, green and blue.

    Raises:
        ImageError: two sizes, or a side is shorter than the window.
    """
    check_window_fits(image, target, UNIFORM_SIDE)
    return float(structural_similarity(image, target, channel_axis=2, data_range=1.0))


def ssim_grey(image: Array, target: Array) -> float:
    """SSIM by scikit-image's defaults of grey 8-bit pictures, as OpenCV converts colour ones.

    It does not see wrong colours of the right brightness.

    Raises:
        ImageError: two sizes, or a side is shorter than the window.
    """
    check_window_fits(image, target, UNIFORM_SIDE)
    greys = [np.rint(pixels.astype(np.float64) @ BT601 * 255) / 255 for pixels in (image, target)]
    return float(structural_similarity(*greys, data_range=1.0))


def ssim_clamped(image: Array, target: Array) -> float:
    """SSIM with the paper's window; a place where the structure is inverted counts as 0.

    As in the package IQA_pytorch; mean over red, green and blue.

    Raises:
        ImageError: two sizes, or a side is shorter than the window.
    """
    # The other factor is positive, so a place is below 0 exactly where the structure is.
    return float(np.maximum(ssim_map(image, target), 0).mean(dtype=np.float64))


def ssim_pooled(image: Array, target: Array) -> float:
    """SSIM with the paper's window after pooling: each block of pixels becomes its mean.

    The block's side is the short side over 256, rounded; what is left over at the far edges is cut
    off. As in the package piq, whose default this is; shrinking hides fine faults.

    Raises:
        ImageError: two sizes, or a side is shorter than the window.
    """
    check_window_fits(image, target, 2 * SSIM_RADIUS + 1)
    height, width = image.shape[:2]
    side = max(1, round(min(height, width) / POOLED_SIDE))
    whole = np.s_[: height // side * side, : width // side * side]
    pooled = [block_reduce(pixels[whole], (side, side, 1), np.mean) for pixels in (image, target)]
    return ssim(*(np.clip(pixels, 0, 1) for pixels in pooled))
