"""Image quality metrics of a picture against its target: PSNR, SSIM, L1, CIEDE2000 and others.

All take two images (H, W, 3), sRGB in [0, 1], and give one number. A mean over images is a mean of
these numbers, never one number over all the pixels of a set.
"""

import math

import numpy as np
from numpy.typing import NDArray

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array
from exposure_lab.images.srgb import srgb_to_linear
from exposure_lab.metrics.image_pair import check_pair, check_window_fits

Lab = NDArray[np.floating]
"""CIE L*a*b* of a picture, (H, W, 3)."""

PSNR_CAP = 60.0
"""dB. Identical pictures have no finite PSNR; they count as this, and tables say so."""

BT709 = np.array([0.2126, 0.7152, 0.0722])
"""Weights of red, green and blue light in luminance, for sRGB's primaries. Source: ITU-R BT.709."""

DARKEST = 1e-4
"""Mean luminance, white being 1. A darker picture counts as this when stops are taken."""

SSIM_RADIUS = 5
"""px. Half the side of the 11 x 11 Gaussian window; a smaller picture has no SSIM."""


def psnr(image: Array, target: Array) -> float:
    """Peak signal-to-noise ratio (PSNR), dB: higher is closer, at most `PSNR_CAP`.

    ``-10 log10(mean squared difference)``, the peak being 1.
    """
    check_pair(image, target)
    error = float(np.mean((image.astype(np.float64) - target) ** 2))
    return min(PSNR_CAP, -10 * math.log10(error)) if error > 0 else PSNR_CAP


def ssim(image: Array, target: Array) -> float:
    """Structural similarity (SSIM), at most 1: mean of `ssim_map`.

    Raises:
        ImageError: two sizes, or a side is shorter than the window.
    """
    return float(ssim_map(image, target).mean(dtype=np.float64))


def ssim_map(image: Array, target: Array) -> Array:
    """Map of the structural similarity at each place with a whole window around it, by channel.

    Gaussian window of 11 x 11 px with sigma 1.5 and the population covariance, as in the paper.

    Returns:
        (H - 10, W - 10, 3), from -1 to 1.

    Raises:
        ImageError: two sizes, or a side is shorter than the window.

    Source: Wang, Bovik, Sheikh and Simoncelli 2004, section III.
    """
    check_window_fits(image, target, 2 * SSIM_RADIUS + 1)
    # Here, since it takes longer to import than all else of a picture's PSNR does.
    from skimage.metrics import structural_similarity

    _, full_map = structural_similarity(
        image,
        target,
        channel_axis=2,
        data_range=1.0,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    inside = slice(SSIM_RADIUS, -SSIM_RADIUS)
    inner_map: Array = full_map[inside, inside]
    return inner_map


def l1(image: Array, target: Array) -> float:
    """Mean absolute difference, in [0, 1]: lower is closer."""
    check_pair(image, target)
    return float(np.mean(np.abs(image.astype(np.float64) - target)))


def delta_e(image: Array, target: Array) -> float:
    """Mean CIEDE2000 colour difference: about 1 is just visible, lower is closer.

    Source: Sharma, Wu and Dalal 2005; D65 white.
    """
    check_pair(image, target)
    return delta_e_of(to_lab(image), to_lab(target))


def delta_e_of(lab: Lab, target_lab: Lab) -> float:
    """Mean CIEDE2000 colour difference of two pictures that are in CIE L*a*b* already."""
    from skimage.color import deltaE_ciede2000

    return float(np.mean(deltaE_ciede2000(target_lab, lab)))


def chroma_error(image: Array, target: Array) -> float:
    """Mean distance of the colours in CIE a* and b*, lightness left out: lower is closer.

    Blur or noise in the lightness alone has none. Put the brightness right first: a photo that is
    exposed otherwise has other a* and b* as well.

    Source: CIE 1976 L*a*b*, D65 white; the distance is that of CIE76 without L*.
    """
    check_pair(image, target)
    difference = to_lab(image)[..., 1:] - to_lab(target)[..., 1:]
    return float(np.hypot(difference[..., 0], difference[..., 1]).mean())


def to_lab(image: Array) -> Lab:
    """Convert an image (H, W, 3), sRGB in [0, 1], to CIE L*a*b* with D65 white."""
    from skimage.color import rgb2lab

    lab: Lab = rgb2lab(image)
    return lab


def sharpness(image: Array, target: Array) -> float:
    """Ratio of a picture's edges to the target's: 1 is as sharp as the target.

    Edges are the mean length of the gradient, taken from one pixel to the next, over all pixels and
    channels. It knows no place: noise and a pattern of artefacts count as edges too, so read it
    beside the picture and a distance.

    Raises:
        ImageError: two sizes, or a target of one flat colour, which has no edges.
    """
    check_pair(image, target)
    edges = edge_length(target)
    if edges == 0:
        raise ImageError(
            "Expected a target with edges to compare with, but it is one flat colour: leave "
            "sharpness out for it."
        )
    return edge_length(image) / edges


def luminance_error(image: Array, target: Array) -> float:
    """Difference of exposure from the target, stops: positive where the picture is brighter.

    ``log2`` of the ratio of the two mean luminances, taken in linear light. It sees the exposure
    and nothing else: two quite different pictures can have an error of 0.

    Source: ITU-R BT.709 for the luminance.
    """
    check_pair(image, target)
    return math.log2(mean_luminance(image) / mean_luminance(target))


def mean_luminance(image: Array) -> float:
    """Mean luminance of an image (H, W, 3), sRGB in [0, 1]: linear light, `DARKEST` at least."""
    return max(float((srgb_to_linear(image) @ BT709).mean()), DARKEST)


def edge_length(image: Array) -> float:
    """Sum of the lengths of the gradient of an image (H, W, 3), from one pixel to the next."""
    pixels = image.astype(np.float64)
    # Neighbours, not every other pixel as numpy.gradient takes: a checkerboard has edges.
    down, right = np.diff(pixels, axis=0)[:, :-1], np.diff(pixels, axis=1)[:-1]
    return float(np.hypot(down, right).sum())
