"""Bringing a correction found on a small copy of a photo to the photo itself.

On the small copy each channel of the output is fitted, window by window, as a line of the input:
``a * input + b``. The maps of a and b are smooth, so they can be enlarged; applied to the photo
they keep every detail that the small copy had lost.

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
from scipy.ndimage import uniform_filter

from exposure_lab.images.array import Array

RADIUS = 2
"""px of the small copy: a line is fitted to each window of 5 x 5."""

EPSILON = 1e-5
"""How much a window must vary before its slope is trusted: a variance, on the [0, 1] scale."""

BAND = 2**18
"""Values that are worked on at a time: they stay in the processor's cache, and a photo of any size
needs no more memory than itself and its result."""

Values = TypeVar("Values", NDArray[np.uint8], NDArray[np.uint16], NDArray[np.float32])


@dataclass(frozen=True)
class Lines:
    """A correction: for every place of a picture, and each channel, a line."""

    slope: Array
    """(h, w, C)."""
    offset: Array
    """(h, w, C), on the [0, 1] scale."""

    def apply(self, pixels: Values) -> Values:
        """Correct a picture of any size, and keep its depth.

        Args:
            pixels: (H, W, C), as 0..255, 0..65535 or [0, 1], by its type.

        Returns:
            The same shape and type, clipped to the range.
        """
        height, width = pixels.shape[:2]
        whole = pixels.dtype != np.float32
        top = float(np.iinfo(pixels.dtype.str).max) if whole else 1.0
        slope = _wider(self.slope, width)
        offset = _wider(self.offset * np.float32(top), width)
        above, below, share = _between(len(slope), height)
        result = np.empty_like(pixels)
        rows = max(1, BAND // pixels[0].size)
        for first in range(0, height, rows):
            band = slice(first, first + rows)
            weight = share[band, None, None]
            a = _mix(slope, above[band], below[band], weight)
            a *= pixels[band]
            a += _mix(offset, above[band], below[band], weight)
            if whole:
                a += np.float32(0.5)  # to the nearest whole number
            result[band] = np.clip(a, 0, top, out=a)
        return result


def fit_lines(small_input: Array, small_output: Array) -> Lines:
    """Fit a line to every window and channel of a small copy.

    Args:
        small_input, small_output: (h, w, C) in [0, 1]: the copy before and after.
    """
    mean_in, mean_out = _box(small_input), _box(small_output)
    covariance = _box(small_input * small_output) - mean_in * mean_out
    variance: Array = np.maximum(_box(small_input * small_input) - mean_in * mean_in, 0)
    slope: Array = covariance / (variance + np.float32(EPSILON))
    offset: Array = mean_out - slope * mean_in
    return Lines(_box(slope), _box(offset))


def carry(image: Array, small_input: Array, small_output: Array) -> Array:
    """Bring the correction of a small copy to a photo.

    Args:
        image: (H, W, C) in [0, 1].
        small_input, small_output: (h, w, C) in [0, 1]: the copy before and after.

    Returns:
        (H, W, C) in [0, 1].
    """
    return fit_lines(small_input, small_output).apply(image)


def _box(values: Array) -> Array:
    side = 2 * RADIUS + 1
    mean: Array = uniform_filter(values, size=(side, side, 1), mode="nearest")
    return mean


def _wider(values: Array, width: int) -> Array:
    """(h, w, C) to (h, width, C), linear between the centres of the old columns."""
    left, right, share = _between(values.shape[1], width)
    columns = np.ascontiguousarray(values.transpose(1, 0, 2))
    return np.ascontiguousarray(
        _mix(columns, left, right, share[:, None, None]).transpose(1, 0, 2), np.float32
    )


def _between(old: int, new: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """For each of the new places: its two old neighbours, and how near the second one is."""
    place = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0, old - 1)
    first = np.floor(place).astype(np.intp)
    return first, np.minimum(first + 1, old - 1), (place - first).astype(np.float32)


def _mix(
    values: Array, first: NDArray[np.intp], second: NDArray[np.intp], share: Array
) -> NDArray[np.float32]:
    start = values[first]
    start += share * (values[second] - start)
    return start
