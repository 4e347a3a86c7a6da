"""Scores of a network, or of a function that learns nothing, on each held-out scene."""

# H, W sides of a scored picture, px

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torchvision.transforms.v2.functional import center_crop

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.augment import to_network_range
from exposure_lab.data.loading.dataset import center_size, open_photos
from exposure_lab.data.loading.packed import is_pack, pack_splits
from exposure_lab.data.pairs import splits_in
from exposure_lab.errors import DataError
from exposure_lab.images.array import Array, ImageFunction, UInt8CHW, to_pixels
from exposure_lab.metrics.artefacts import checkerboard_energy, error_by_depth, mirror_mix
from exposure_lab.metrics.error_decomposition import best_colours, best_exposure
from exposure_lab.metrics.pixel import chroma_error, l1, luminance_error, psnr, sharpness, ssim

HELD_OUT = ("validation", "test")
"""Splits that are scored: no choice is made by them, since arms are compared at their end."""

BORDER = 4
"""px. Depth of the border whose error is compared with the rest's."""

Metric = Callable[[Array, Array], float]

Scores = dict[str, list[float]]
"""Figure to one number per scene."""


class ScoredPair(NamedTuple):
    """Centre square of a held-out pair, kept as 8-bit values: the report's set has thousands."""

    scene: str
    ev: float
    input_bytes: UInt8CHW
    target_bytes: UInt8CHW

    @property
    def real_input(self) -> Array:
        """Input, (H, W, 3), sRGB in [0, 1]."""
        return _pixels(self.input_bytes)

    @property
    def real_target(self) -> Array:
        """Target, (H, W, 3), sRGB in [0, 1]."""
        return _pixels(self.target_bytes)


def _pixels(photo: UInt8CHW) -> Array:
    # By way of the networks' range, so that an input comes out in the bits that a network gets.
    return to_pixels(to_network_range(torch.from_numpy(photo)))


def scored_pairs(data: str, config: DataConfig) -> list[ScoredPair]:
    """Decode the held-out pairs once a process; see `held_out_pairs`."""
    # Arms may differ in how they augment, and each would else keep pictures of its own in memory.
    plain = {"flip": "none", "jitter_probability": 0.0, "normalise": True}
    return _decoded_pairs(data, config.model_copy(update=plain))


@lru_cache(maxsize=2)
def _decoded_pairs(data: str, config: DataConfig) -> list[ScoredPair]:
    return held_out_pairs(data, config)


def held_out_scenes(data: Path | str, config: DataConfig) -> list[str]:
    """List the scenes of the held-out pairs, as `scenes_of` does, without decoding a photo.

    Raises:
        DataError: neither a validation nor a test split.
    """
    splits = [open_photos(data, split, config) for split in _held_out_splits(data)]
    return sorted({photos.scene(index) for photos in splits for index in range(len(photos))})


def held_out_pairs(data: Path | str, config: DataConfig) -> list[ScoredPair]:
    """Decode the held-out pairs of a set, scene by scene, at the size of the profile.

    Raises:
        DataError: neither a validation nor a test split, or a scene with one exposure alone.
    """
    pairs = [pair for split in _held_out_splits(data) for pair in _squares(data, split, config)]
    return sorted(pairs, key=lambda pair: (pair.scene, pair.ev))


def _held_out_splits(data: Path | str) -> list[str]:
    present = pack_splits(data) if is_pack(data) else splits_in(data)
    splits = [split for split in HELD_OUT if split in present]
    if not splits:
        raise DataError(
            f"Expected held-out photos in {data}, but it has neither validation nor testing: make "
            "it with `exposure-lab data synthesize PHOTOS OUT --val 0.2`."
        )
    return splits


def _squares(data: Path | str, split: str, config: DataConfig) -> Iterator[ScoredPair]:
    """Cut the centre squares out of all pairs of a split."""
    photos = open_photos(data, split, config)
    size = center_size(config)
    kept: dict[str, UInt8CHW] = {}  # the target of a scene's exposures is mostly one file
    for index in range(len(photos)):
        scene = photos.scene(index)
        real_input, real_target = (_square(photo, size) for photo in photos[index])
        if scene not in kept or not np.array_equal(kept[scene], real_target):
            kept[scene] = real_target
        yield ScoredPair(scene, photos.ev(index), real_input, kept[scene])


def _square(photo: UInt8CHW, size: int) -> UInt8CHW:
    """Cut out the middle square; a photo that was decoded whole is not kept in memory by it."""
    return np.ascontiguousarray(center_crop(torch.from_numpy(photo.copy()), [size, size]).numpy())


def scenes_of(pairs: Sequence[ScoredPair]) -> list[str]:
    """List the scenes, in the order in which `score` gives its numbers."""
    return list(dict.fromkeys(pair.scene for pair in pairs))


def score(function: ImageFunction, pairs: Sequence[ScoredPair]) -> Scores:
    """Score an image function on held-out pairs: each figure is a mean over a scene's exposures.

    Over the wrong exposures alone, but for ``psnr_good``, which is at EV 0. The exposures of a
    scene are no independent cases, so that they count as one.

    Args:
        function: maps (H, W, 3), sRGB in [0, 1], to the same.
        pairs: as `held_out_pairs` gives them.

    Returns:
        Figure to one number per scene, in the order of `scenes_of`.
    """
    darkest, brightest = min(pair.ev for pair in pairs), max(pair.ev for pair in pairs)
    table: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for pair in pairs:
        output = function(pair.real_input)
        decibel = psnr(output, pair.real_target)
        if pair.ev == 0:
            table["psnr_good"][pair.scene].append(decibel)
            continue
        for name, metric in METRICS.items():
            table[name][pair.scene].append(metric(output, pair.real_target))
        if pair.ev in (darkest, brightest):
            extreme = "psnr_dark" if pair.ev == darkest else "psnr_bright"
            table[extreme][pair.scene].append(decibel)
            table["artefact_error"][pair.scene].append(artefact_error(output, pair.real_target))
    scenes = scenes_of(pairs)
    return {
        figure: [_round(np.mean(of_scene[scene])) for scene in scenes]
        for figure, of_scene in table.items()
        if of_scene.keys() >= set(scenes)
    }


def border_error(image: Array, target: Array) -> float:
    """Compute the error of the outermost pixels over that of the rest; 1 is as much."""
    by_depth = error_by_depth(image, target)
    return float(by_depth[:BORDER].mean() / max(by_depth[BORDER:].mean(), 1e-6))


def top_right_error(image: Array, target: Array) -> float:
    """Compute the error of the top right quarter over that of the whole picture; 1 is as much."""
    error = np.abs(image - target).mean(axis=2)
    height, width = error.shape
    return float(error[: height // 2, width // 2 :].mean() / max(error.mean(), 1e-6))


def artefact_error(image: Array, target: Array) -> float:
    """Compute the RMS error that no exposure and no mixture of the colours takes away, 0 to 255."""
    best = best_colours(best_exposure(image, target), target)
    return 255 * float(np.sqrt(np.mean((best.astype(np.float64) - target) ** 2)))


METRICS: dict[str, Metric] = {
    "psnr": psnr,
    "ssim": ssim,
    "l1": l1,
    "brightness_error": lambda image, target: abs(luminance_error(image, target)),
    "colour_error": chroma_error,
    "sharpness": sharpness,
    "checkerboard": lambda a, b: checkerboard_energy(a) / checkerboard_energy(b),
    "border_error": border_error,
    "top_right_error": top_right_error,
    "ghost": lambda image, target: mirror_mix(image, target).ghost,
}
"""Figure to the metric of one picture against its target."""


def _round(value: float | np.floating[Any]) -> float:
    """Round to five significant digits: more say nothing, and a row has hundreds of numbers."""
    return float(f"{value:.5g}")
