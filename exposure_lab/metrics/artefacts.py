"""Measures of artefacts: checkerboards, lost detail, errors at the border and ghosts.

Images are (H, W, 3), sRGB in [0, 1].
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, check_image
from exposure_lab.metrics.image_pair import check_pair

ROUNDING = 1 / 255**2 / 12
"""Variance that 8-bit rounding adds: the power of a flat picture's spectrum, instead of zero."""

NEIGHBOURHOOD = 8
"""Bins from a peak of the spectrum, at most, that are compared with it."""

Map = NDArray[np.float64]


class MirrorMix(NamedTuple):
    """Shares of a picture and of its mirror image in an output."""

    own: float
    ghost: float


def power_spectrum(image: Array) -> Map:
    """Power spectrum: the mean over red, green and blue of the squared Fourier transform.

    Each channel's mean is taken out, and a Hann window lets the picture fade at its borders, which
    would otherwise draw a cross through the spectrum. White noise of variance v has power v in
    every bin.

    Returns:
        (H, W); bin (i, j) is i/H cycles per px down and j/W across, as `numpy.fft.fftfreq` has it,
        so zero is in the corner and the finest pattern, half a cycle per px, in the middle.

    Raises:
        ImageError: not such an array, or a side below 2 px.
    """
    check_image(image)
    height, width = image.shape[:2]
    if min(height, width) < 2:
        raise ImageError(
            f"Expected sides of at least 2 px for a spectrum, but got {image.shape[:2]}."
        )
    window = np.outer(_hann(height), _hann(width))
    faded = (image - image.mean(axis=(0, 1), dtype=np.float64)) * window[..., None]
    power = (np.abs(np.fft.fft2(faded, axes=(0, 1))) ** 2).mean(axis=2)
    return np.asarray(power / (window**2).sum())


def by_frequency(spectrum: Map) -> tuple[Map, Map]:
    """Radial average of a power spectrum: mean power over all directions by frequency.

    Args:
        spectrum: from `power_spectrum`, or a mean of several.

    Returns:
        Frequencies in cycles per px, from one cycle over the short side up to 1/2, and their mean
        power; both of half the short side's length.
    """
    height, width = spectrum.shape
    side = min(height, width)
    distance = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    ring = np.rint(distance * side).astype(int).ravel()
    sums, counts = np.bincount(ring, spectrum.ravel()), np.bincount(ring)
    chosen = np.arange(1, side // 2 + 1)
    return chosen / side, sums[chosen] / counts[chosen]


def checkerboard_energy(image: Array, period: int = 2) -> float:
    """Energy of a grid of this period, over that of the spectrum around it; 1 means no grid.

    The mean power where a pattern that repeats every ``period`` px, and no more often, has its
    peaks, over the mean power around these peaks. For period 2 the peaks are the stripes across,
    the stripes down and the checkerboard itself, each at half a cycle per px. Divide by the same
    number of the target: photos hold fine patterns of their own.

    Args:
        image: (H, W, 3), sRGB in [0, 1]; what exceeds a multiple of the period is cut off.
        period: px, a power of two: what the layer that doubles to 1 / (period / 2) of the final
            size can print.

    Raises:
        ImageError: not such an array, a period that is none, or a side below 6 periods, too short
            to tell a peak from what is around it.

    Source: after Odena, Dumoulin and Olah 2016, who show the pattern; the ratio is ours.
    """
    check_image(image)
    if period < 2 or period & (period - 1):
        raise ImageError(f"Expected a period of 2, 4, 8 ... px, but got {period}.")
    height, width = (side // period * period for side in image.shape[:2])
    spacing = min(height, width) // period
    if spacing < 6:
        raise ImageError(
            f"Expected sides of at least {6 * period} px for a grid of period {period}, but got "
            f"{image.shape[:2]}: take a larger picture or a smaller period."
        )
    power = power_spectrum(image[:height, :width]) + ROUNDING
    offsets = np.arange(-min(NEIGHBOURHOOD, spacing // 2), min(NEIGHBOURHOOD, spacing // 2) + 1)
    far = np.maximum(abs(offsets)[:, None], abs(offsets)[None])
    peaks, around = [], []
    for i in range(period):
        for j in range(period):
            if i % 2 == 0 and j % 2 == 0:
                continue  # it belongs to half the period, or to no grid at all
            rows = (i * height // period + offsets) % height
            columns = (j * width // period + offsets) % width
            block = power[np.ix_(rows, columns)]
            peaks.append(block[far <= 1].mean())  # the window spreads a peak over 3 x 3 bins
            around.append(block[far >= 2].mean())
    return float(np.mean(peaks) / np.mean(around))


def mirror_mix(output: Array, target: Array) -> MirrorMix:
    """Fit an output as a mixture of its target and the target's mirror image.

    The best a and b of ``output = a * target + b * mirrored + c``, by least squares over all pixels
    and channels. A perfect output has 1 and 0; an even mix of both, as unpaired flips ask for, a
    half and a half; one that is grey all over, 0 and 0. A picture that is its own mirror image gets
    two equal shares.

    Args:
        output, target: (H, W, 3), sRGB in [0, 1], of one size.

    Raises:
        ImageError: not such arrays, or two sizes.
    """
    check_pair(output, target)
    mirrored = target[:, ::-1]
    columns = np.stack([target.ravel(), mirrored.ravel(), np.ones(target.size)], axis=1)
    (own, ghost, _), *_ = np.linalg.lstsq(
        columns.astype(np.float64), output.ravel().astype(np.float64), rcond=None
    )
    return MirrorMix(float(own), float(ghost))


def error_by_depth(image: Array, target: Array) -> Map:
    """Mean absolute error by distance from the nearest border.

    Args:
        image, target: (H, W, 3), sRGB in [0, 1], of one size.

    Returns:
        One number per distance, the outermost pixels first; half the short side long.

    Raises:
        ImageError: not such arrays, or two sizes.
    """
    check_pair(image, target)
    height, width = image.shape[:2]
    y, x = np.arange(height), np.arange(width)
    depth = np.minimum.outer(np.minimum(y, y[::-1]), np.minimum(x, x[::-1])).ravel()
    error = np.abs(image.astype(np.float64) - target).mean(axis=2).ravel()
    return np.asarray(np.bincount(depth, error) / np.bincount(depth))


def _hann(size: int) -> Map:
    """Hann window without its second zero, so that its transform is three bins wide."""
    return np.hanning(size + 1)[:-1]
