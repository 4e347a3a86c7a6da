"""Guided upsampling: apply at full resolution a correction computed on a downsampled copy.

On the small copy each channel of the output is fitted, window by window, as an affine function of
the input: ``a * input + b``. The maps of a and b are smooth, so they can be enlarged; applied to
the photo they keep every detail that the small copy had lost.

`benchmarks/correct.py` compares this fit with two others. Plain enlargement is far worse. A
bilateral grid of affine colour maps comes a little nearer, by less than can be seen with a network,
and takes many times as long; so this one is used.

Source: He, Sun and Tang 2013 (guided filter); He and Sun 2015 (its fast form, used here).
"""

# H, W of the photo; h, w of the small copy; C channels

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from exposure_lab.images.array import Array

RADIUS = 2
"""px of the small copy: a and b are fitted to each window of 5 x 5."""

EPSILON = 1e-5
"""Regularisation of the fit: a variance, on the [0, 1] scale, that a window must exceed before its
slope is trusted."""

VALUES_PER_BAND = 2**18
"""Values that are worked on at a time: they stay in the processor's cache, and a photo of any size
needs no more memory than itself and its result."""

Values = TypeVar("Values", NDArray[np.uint8], NDArray[np.uint16], NDArray[np.float32])


@dataclass(frozen=True)
class AffineMaps:
    """A correction as an affine function for every place of a picture and each channel."""

    slope: Array
    """(h, w, C)."""
    offset: Array
    """(h, w, C), on the [0, 1] scale."""

    def apply(self, pixels: Values) -> Values:
        """Apply the correction to a picture of any size, and keep its depth.

        Args:
            pixels: (H, W, C), as 0..255, 0..65535 or [0, 1], by its type.

        Returns:
            The same shape and type, clipped to the range.
        """
        height, width = pixels.shape[:2]
        is_integer = pixels.dtype != np.float32
        white = float(np.iinfo(pixels.dtype.str).max) if is_integer else 1.0
        slope = _enlarge_width(self.slope, width)
        offset = _enlarge_width(self.offset * np.float32(white), width)
        above, below, share = _linear_weights(len(slope), height)
        result = np.empty_like(pixels)
        rows = max(1, VALUES_PER_BAND // pixels[0].size)
        for first in range(0, height, rows):
            band = slice(first, first + rows)
            weight = share[band, None, None]
            a = _interpolate(slope, above[band], below[band], weight)
            a *= pixels[band]
            a += _interpolate(offset, above[band], below[band], weight)
            if is_integer:
                a += np.float32(0.5)  # to the nearest whole number
            result[band] = np.clip(a, 0, white, out=a)
        return result


def fit_affine(small_input: Array, small_output: Array) -> AffineMaps:
    """Fit an affine function to every window and channel of a small copy, by least squares.

    Args:
        small_input, small_output: (h, w, C) in [0, 1]: the copy and its correction.
    """
    mean_in, mean_out = _window_mean(small_input), _window_mean(small_output)
    covariance = _window_mean(small_input * small_output) - mean_in * mean_out
    variance: Array = np.maximum(_window_mean(small_input * small_input) - mean_in * mean_in, 0)
    slope: Array = covariance / (variance + np.float32(EPSILON))
    offset: Array = mean_out - slope * mean_in
    return AffineMaps(_window_mean(slope), _window_mean(offset))


def upsample_correction(image: Array, small_input: Array, small_output: Array) -> Array:
    """Apply the correction of a small copy to the photo.

    Args:
        image: (H, W, C) in [0, 1].
        small_input, small_output: (h, w, C) in [0, 1]: the copy and its correction.

    Returns:
        (H, W, C) in [0, 1].
    """
    return fit_affine(small_input, small_output).apply(image)


def _window_mean(values: Array) -> Array:
    side = 2 * RADIUS + 1
    from scipy.ndimage import uniform_filter  # here, since a third of the start of `correct` was it

    mean: Array = uniform_filter(values, size=(side, side, 1), mode="nearest")
    return mean


def _enlarge_width(values: Array, width: int) -> Array:
    """Enlarge (h, w, C) to (h, width, C), linear between the centres of the old columns."""
    left, right, share = _linear_weights(values.shape[1], width)
    columns = np.ascontiguousarray(values.transpose(1, 0, 2))
    return np.ascontiguousarray(
        _interpolate(columns, left, right, share[:, None, None]).transpose(1, 0, 2), np.float32
    )


def _linear_weights(old: int, new: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """Two old neighbours of each new place, and the weight of the second."""
    place = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0, old - 1)
    first = np.floor(place).astype(np.intp)
    return first, np.minimum(first + 1, old - 1), (place - first).astype(np.float32)


def _interpolate(
    values: Array, first: NDArray[np.intp], second: NDArray[np.intp], share: Array
) -> NDArray[np.float32]:
    start = values[first]
    start += share * (values[second] - start)
    return start
