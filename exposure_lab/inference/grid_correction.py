"""A bilateral grid applied to a photo of any size, in strips of rows, at the photo's own depth."""

# C channels, H height, W width of the photo; h rows of a strip

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.images.array import Array
from exposure_lab.images.icc import from_srgb, to_srgb
from exposure_lab.inference.guided_upsampling import Values

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from exposure_lab.networks.bilateral_grid import BilateralGridNet

PIXELS_PER_STRIP = {"cpu": 2**17, "cuda": 2**22}
"""Pixels that are worked on at a time: few enough for a processor's cache, and enough to fill a
GPU. A photo of any size needs little more memory than itself and its result."""

PIXELS_PER_CONVERSION = 2**20
"""The same where a colour profile is converted, which takes its time to begin."""

DITHER = 0.98
"""Width of the dither, in steps of the photo's values: below 1, so that what is not changed comes
back to the bit."""


@dataclass(frozen=True)
class GridCorrection:
    """A correction as a bilateral grid, for one photo."""

    network: "BilateralGridNet"
    grid: "Tensor"
    """(1, 12, D, Y, X), that the network predicted from a small copy of the photo."""
    profile: bytes | None = None
    """ICC profile of the photo's pixels; None is sRGB."""
    strength: float = 1.0
    """1 is the whole correction, 0 none of it."""

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
        import torch

        height, width = pixels.shape[:2]
        result = np.empty_like(pixels)
        rows = max(1, self._pixels_per_strip // width)
        with torch.inference_mode():
            for top in range(0, height, rows):
                strip = slice(top, top + rows)
                original = self._read(pixels[strip], top)
                corrected = self._correct(original, top, height).clamp_(0, 1)
                result[strip] = _store(corrected, pixels.dtype)
        return result

    @property
    def _pixels_per_strip(self) -> int:
        if self.profile is not None:
            return PIXELS_PER_CONVERSION
        return PIXELS_PER_STRIP[self.grid.device.type]

    def _read(self, strip: NDArray[Any], top: int) -> "Tensor":
        """Convert a strip (h, W, C) to (C, h, W) in [0, 1], dithered where its values are whole."""
        values = _planes(strip.astype(np.int32) if strip.dtype == np.uint16 else strip)
        values = values.to(self.grid.device)
        if strip.dtype == np.float32:
            return values
        white = np.iinfo(strip.dtype).max
        noise = _dither(strip.shape[0], strip.shape[1], top, self.grid.device)
        is_inside = (values > 0) & (values < white)
        return (values + noise * is_inside) / white

    def _correct(self, original: "Tensor", top: int, height: int) -> "Tensor":
        """Correct a strip (C, h, W) in [0, 1], in the photo's own colours.

        What is added there is the difference of two conversions from sRGB: colours that sRGB cannot
        show keep what lies beyond it.
        """
        is_srgb = self.profile is None and len(original) == 3
        seen = original if is_srgb else self._to_srgb(original)
        change = self.network.change(self.grid, seen[None], top, height)[0]
        corrected = (seen + change).clamp_(0, 1)
        if not is_srgb:
            corrected, seen = (self._from_srgb(one, len(original)) for one in (corrected, seen))
        return original + self.strength * (corrected - seen)

    def _to_srgb(self, own: "Tensor") -> "Tensor":
        return _planes(to_srgb(_pixels(own), self.profile)).to(own.device)

    def _from_srgb(self, srgb: "Tensor", channels: int) -> "Tensor":
        return _planes(from_srgb(_pixels(srgb), self.profile, channels)).to(srgb.device)


def _pixels(planes: "Tensor") -> Array:
    """Planes (C, h, W) as an array (h, W, C)."""
    pixels: Array = planes.cpu().numpy().transpose(1, 2, 0)
    return pixels


def _planes(pixels: NDArray[Any]) -> "Tensor":
    """An array (h, W, C) as planes (C, h, W), copied: it may be one that nobody may write to."""
    import torch

    return torch.from_numpy(pixels.transpose(2, 0, 1).copy())


def _store(planes: "Tensor", kind: np.dtype[Any]) -> NDArray[Any]:
    """Planes (C, h, W) in [0, 1] as an array (h, W, C), rounded where its type holds whole numbers.

    For 16 bits without a sign it has 32 with one, of which torch knows more.
    """
    import torch

    if kind == np.float32:
        return _pixels(planes)
    whole = torch.uint8 if kind == np.uint8 else torch.int32
    return _pixels((planes * np.iinfo(kind).max + 0.5).to(whole))


def _dither(height: int, width: int, top: int, device: "torch.device") -> "Tensor":
    """A fixed pattern without a period that is seen, (height, width), in steps of values.

    Source: Jimenez 2014 (interleaved gradient noise).
    """
    import torch

    down = torch.arange(top, top + height, dtype=torch.float64) * 0.00583715
    across = torch.arange(width, dtype=torch.float64) * 0.06711056
    # Without the whole turns, single precision is enough.
    down, across = (place.frac().float().to(device) for place in (down, across))
    noise = ((down[:, None] + across).frac_() * 52.9829189).frac_()
    return noise.sub_(0.5).mul_(DITHER)
