"""Metrics against one target, of which the part that is the target's own is computed once."""

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array
from exposure_lab.metrics.artefacts import checkerboard_energy
from exposure_lab.metrics.pixel import (
    Lab,
    delta_e_of,
    edge_length,
    l1,
    mean_luminance,
    psnr,
    to_lab,
)

Metric = Callable[[Array, Array], float]

Metrics = dict[str, Any]
"""Name of a metric, as `report.Score` has it, to a number; None where the picture is too small or
too flat to be measured."""


class ScoredTarget:
    """Target of a scene, against which every model is scored on every input of the scene.

    The values are those of `metrics.pixel` and `metrics.artefacts`; a conversion, an edge or a
    spectrum of the target is computed for the first output and kept for the others.
    """

    def __init__(self, picture: Array) -> None:
        """Take a picture (H, W, 3), sRGB in [0, 1], at the size at which outputs are scored."""
        self.picture = picture

    def measure(self, output: Array, ssim: Metric) -> Metrics:
        """Compute all metrics of one output of the target's shape, sRGB in [0, 1]."""
        return {
            **likeness(output, self.picture, ssim),
            "l1": l1(output, self.picture),
            "delta_e": delta_e_of(to_lab(output), self._lab),
            "luminance_error": abs(math.log2(mean_luminance(output) / self._luminance)),
            "sharpness": edge_length(output) / self._edges if self._edges else None,
            "checkerboard": self._grid and checkerboard_energy(output) / self._grid,
        }

    @cached_property
    def _lab(self) -> Lab:
        return to_lab(self.picture)

    @cached_property
    def _luminance(self) -> float:
        return mean_luminance(self.picture)

    @cached_property
    def _edges(self) -> float:
        return edge_length(self.picture)

    @cached_property
    def _grid(self) -> float | None:
        """Energy of the finest checkerboard; None where the target is too small."""
        try:
            return checkerboard_energy(self.picture)
        except ImageError:
            return None


def likeness(image: Array, target: Array, ssim: Metric) -> Metrics:
    """Compute PSNR, and SSIM where both pictures, of one size, are large enough."""
    try:
        similarity = ssim(image, target)
    except ImageError:
        similarity = None
    return {"psnr": psnr(image, target), "ssim": similarity}
