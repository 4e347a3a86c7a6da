"""A bilateral grid applied to a photo on a GPU, in strips as large as keep it busy."""

# H height, W width of the photo; h rows of a strip

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.inference.grid_correction import (
    GridCorrection,
    dither_pattern,
    dither_places,
)
from exposure_lab.inference.guided_upsampling import Values

if TYPE_CHECKING:
    import torch
    from torch import Tensor

PIXELS_PER_STRIP = 2**22


@dataclass(frozen=True)
class GpuGridCorrection(GridCorrection):
    """A `GridCorrection` that a GPU applies to photos in sRGB, and the processor to all others."""

    device: "torch.device" = field(kw_only=True)

    def apply(self, pixels: Values) -> Values:
        """Apply the correction to the photo; see `GridCorrection.apply`."""
        import torch

        height, width, channels = pixels.shape
        if self.profile is not None or channels != 3:
            return super().apply(pixels)
        result = np.empty_like(pixels)
        rows = max(1, PIXELS_PER_STRIP // width)
        grid = self.grid if self.strength <= 1 else self.grid.beyond_full(self.strength)
        tensors = [torch.from_numpy(part).to(self.device) for part in grid]
        with torch.inference_mode():
            for top in range(0, height, rows):
                strip = pixels[top : top + rows]
                original = self._upload(strip, top)
                corrected = self._change(original, tensors, top, height)
                result[top : top + rows] = _download(corrected, pixels.dtype)
        return result

    def _change(
        self, original: "Tensor", tensors: "list[Tensor]", top: int, height: int
    ) -> "Tensor":
        """Correct a strip (1, 3, h, W) in [0, 1]."""
        from exposure_lab.networks.grid_guide import find_depth
        from exposure_lab.networks.grid_slicing import row_places, slice_change

        cells, weights, knots = tensors
        depth = find_depth(original, weights, knots)
        rows = row_places(height, cells, top, top + original.shape[2])
        changed = slice_change(cells[None], original, depth, rows)
        corrected = (original + changed).clamp_(0, 1)
        mixed: Tensor = original + min(self.strength, 1) * (corrected - original)
        return mixed

    def _upload(self, strip: NDArray[Any], top: int) -> "Tensor":
        """Send a strip (h, W, 3) as (1, 3, h, W) in [0, 1], dithered where its values are whole."""
        import torch

        sent = strip.astype(np.int32) if strip.dtype == np.uint16 else strip.copy()
        values = torch.from_numpy(sent).to(self.device).permute(2, 0, 1)[None].float()
        if strip.dtype == np.float32:
            return values
        white = np.iinfo(strip.dtype).max
        is_inside = (values > 0) & (values < white)
        places = dither_places(strip.shape[0], strip.shape[1], top)
        down, across = (torch.from_numpy(one).to(self.device) for one in places)
        dithered: Tensor = values + dither_pattern(down, across, torch.floor) * is_inside
        return dithered / white


def _download(values: "Tensor", kind: np.dtype[Any]) -> NDArray[Any]:
    """Fetch (1, 3, h, W) in [0, 1] as (h, W, 3) of a photo's type."""
    import torch

    if kind != np.float32:
        # Of 16 bits without a sign torch knows less than of 32 with one.
        whole = torch.uint8 if kind == np.uint8 else torch.int32
        values = (values * np.iinfo(kind).max + 0.5).to(whole)
    return values[0].permute(1, 2, 0).contiguous().cpu().numpy()
