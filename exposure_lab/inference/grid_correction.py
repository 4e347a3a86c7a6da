"""A bilateral grid applied to a photo of any size, in strips of rows, at the photo's own depth."""

# C channels, H height, W width of the photo; h rows of a strip

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.images.array import Array
from exposure_lab.images.icc import from_srgb, to_srgb
from exposure_lab.inference.bilateral_grid import BilateralGrid, GridSlicer
from exposure_lab.inference.guided_upsampling import Values
from exposure_lab.inference.threads import thread_count

PIXELS_PER_STRIP = 2**17
"""Pixels that a thread works on at a time: many, since between numpy's functions threads wait for
each other, and few enough for a processor's cache. A photo of any size needs little more memory
than itself and its result."""

PIXELS_PER_CONVERSION = 2**20
"""The same where a colour profile is converted, which takes its time to begin."""

ROWS_PER_STRIP = 512
"""Rows of a strip, at most: each has maps of its own, whatever the photo's width."""

DITHER = 0.98
"""Width of the dither, in steps of the photo's values: below 1, so that what is not changed comes
back to the bit."""


@dataclass(frozen=True)
class GridCorrection:
    """A correction as a bilateral grid, for one photo."""

    grid: BilateralGrid
    """From a network that saw a small copy of the photo."""
    profile: bytes | None = None
    """ICC profile of the photo's pixels; None is sRGB."""
    strength: float = 1.0
    """1 is the whole correction, 0 none of it; beyond 1 see `BilateralGrid.beyond_full`."""

    def apply(self, pixels: Values) -> Values:
        """Apply the correction to the photo, and keep its depth and its own colours.

        Whole numbers stand for anything up to half a step away from them. Each is moved by less
        than that, along a fixed pattern that is equal in all channels, before it is corrected: so a
        smooth sky that is brightened shows no bands, grey stays grey, and what is not changed comes
        back to the bit. Black and white are not moved, so that clipped areas stay clean.

        Args:
            pixels: (H, W, C), as 0..255, 0..65535 or [0, 1], by its type.

        Returns:
            The same shape and type, clipped to the range.
        """
        height, width = pixels.shape[:2]
        result = np.empty_like(pixels)
        most = PIXELS_PER_STRIP if self.profile is None else PIXELS_PER_CONVERSION
        rows = max(1, min(most // width, ROWS_PER_STRIP))
        grid = self.grid if self.strength <= 1 else self.grid.beyond_full(self.strength)
        task = partial(self._correct_strip, pixels, result, rows, GridSlicer(grid, width))
        with ThreadPoolExecutor(thread_count()) as pool:
            for _ in pool.map(task, range(0, height, rows)):  # raises what a thread raised
                pass
        return result

    def _correct_strip(
        self,
        pixels: NDArray[Any],
        result: NDArray[Any],
        rows: int,
        slicer: GridSlicer,
        top: int,
    ) -> None:
        """Correct some rows of a photo, from its own array into that of the result."""
        strip = pixels[top : top + rows]
        original = _read(strip, top)
        places = (np.arange(top, top + len(strip)) + 0.5) / len(pixels)
        corrected = self._correct(original, slicer, places)
        _store(corrected, result[top : top + rows])

    def _correct(self, original: Array, slicer: GridSlicer, places: NDArray[np.float64]) -> Array:
        """Correct a strip (C, h, W) in [0, 1], in the photo's own colours.

        What is added there is the difference of two conversions from sRGB: colours that sRGB cannot
        show keep what lies beyond it.
        """
        channels = len(original)
        is_srgb = self.profile is None and channels == 3
        seen = original if is_srgb else _planes(to_srgb(_pixels(original), self.profile))
        corrected = slicer.change(seen, places)
        corrected += seen
        if is_srgb and self.strength >= 1:
            return corrected
        np.clip(corrected, 0, 1, out=corrected)
        if not is_srgb:
            corrected, seen = (
                _planes(from_srgb(_pixels(one), self.profile, channels))
                for one in (corrected, seen)
            )
        return original + np.float32(min(self.strength, 1)) * (corrected - seen)


def _pixels(planes: Array) -> Array:
    """Put (C, h, W) in the order of a photo, (h, W, C)."""
    return np.ascontiguousarray(planes.transpose(1, 2, 0))


def _planes(pixels: NDArray[Any]) -> Array:
    """Put (h, W, C) in the order in which numpy computes soonest, (C, h, W)."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32)


def _read(strip: NDArray[Any], top: int) -> Array:
    """Convert a strip (h, W, C) to (C, h, W) in [0, 1], dithered where its values are whole."""
    values = _planes(strip)
    if strip.dtype == np.float32:
        return values
    white = np.float32(np.iinfo(strip.dtype).max)
    is_inside = (values > 0) & (values < white)
    noise = dither_pattern(*dither_places(strip.shape[0], strip.shape[1], top), np.floor)
    values += is_inside * noise
    values /= white  # not by the reciprocal, by which white would not be 1
    return values


def _store(values: Array, result: NDArray[Any]) -> None:
    """Write (C, h, W) on the [0, 1] scale into a strip (h, W, C), clipped, and of its type."""
    np.clip(values, 0, 1, out=values)
    if result.dtype != np.float32:
        values *= np.float32(np.iinfo(result.dtype).max)
        values += np.float32(0.5)
    for channel, plane in enumerate(values):  # quicker than all channels at once
        np.copyto(result[..., channel], plane, casting="unsafe")


def dither_places(height: int, width: int, top: int) -> tuple[Array, Array]:
    """Coordinates of a strip's rows (height,) and columns (width,), as `dither_pattern` adds them.

    Without the whole turns, single precision is enough for it.
    """
    down = np.arange(top, top + height) * 0.00583715
    across = np.arange(width) * 0.06711056
    return (down % 1).astype(np.float32), (across % 1).astype(np.float32)


def dither_pattern(down: Any, across: Any, floor: Callable[[Any], Any]) -> Any:
    """Compute a fixed pattern without a period that is seen, (h, W), in steps of values.

    Args:
        down, across: from `dither_places`, as arrays of any kind.
        floor: that kind's own.

    Source: Jimenez 2014 (interleaved gradient noise).
    """
    noise = down[:, None] + across
    noise -= floor(noise)
    noise *= 52.9829189
    noise -= floor(noise)
    noise -= 0.5
    noise *= DITHER
    return noise
