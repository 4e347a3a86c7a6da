"""What corrections that learn nothing gain on held-out photos, and what a mean kernel changes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from exposure_lab.data.pairs import Pair
from exposure_lab.errors import DataError
from exposure_lab.inference.baselines import BASELINES, mean_3x3
from exposure_lab.metrics.pixel import psnr
from exposure_lab.study.measurements.held_out import held_out_scenes, read_small
from exposure_lab.study.samples import Sample

SIDE = 128
"""px. Short side at which photos are corrected and scored."""

GAINS = {
    "automatic_gain": "auto-exposure",
    "white_point_gain": "white-point",
    "kernel_gain": "gain-3x3",
}
"""Figure to the baseline whose gain over doing nothing it is."""

FIGURES = tuple(GAINS)

GREYS = tuple(range(1, 256))
"""Values, 0..255, of the flat pictures that the mean kernel is given."""

Scores = dict[str, NDArray[np.float64]]
"""Baseline to its PSNR on each picture at a wrong exposure, dB."""


def measure_alternatives(data: Path | None = None) -> list[Sample]:
    """Score the baselines on the held-out photos at wrong exposures, one value a scene.

    Args:
        data: folder in MSEC layout.

    Returns:
        - ``automatic_gain``, ``white_point_gain``, ``kernel_gain``: PSNR after a correction minus
          that of the untouched input, dB, mean over a scene's exposures

    Raises:
        DataError: neither validation nor test photos at a wrong exposure.
        ImageError: a photo cannot be read.
    """
    found = {name: _scores(pairs) for name, pairs in held_out_scenes(data).items()}
    scenes = {name: scores for name, scores in found.items() if len(scores["identity"])}
    if not scenes:
        raise DataError(
            f"Expected held-out photos at wrong exposures, but {data} has none: give another set."
        )
    over = tuple(scenes)
    samples = []
    for figure, name in GAINS.items():
        gains = tuple(float(np.mean(s[name] - s["identity"])) for s in scenes.values())
        samples.append(Sample(figure, gains, "dB", over))
    return samples


def measure_mean_kernel(data: Path | None = None) -> list[Sample]:
    """Measure what a 3x3 mean kernel does to the brightness of a picture.

    Args:
        data: not read.

    Returns:
        ``change_of_a_flat_grey``: largest change of a flat picture, as a share of its value.
    """
    changes = []
    for grey in GREYS:
        flat = np.full((8, 8, 3), grey / 255, np.float32)
        changes.append(np.abs(mean_3x3(flat) / flat - 1).max())
    # Sums of nine numbers in single precision are off by a few units of the seventh digit.
    return [Sample("change_of_a_flat_grey", (round(float(max(changes)), 5),))]


MEAN_KERNEL_FIGURES = ("change_of_a_flat_grey",)


def _scores(pairs: Sequence[Pair]) -> Scores:
    """Score every baseline on the pictures of a scene that are exposed wrongly."""
    wrong = [pair for pair in pairs if pair.ev != 0]
    photos = [(read_small(p.input_path, SIDE), read_small(p.target_path, SIDE)) for p in wrong]
    return {
        name: np.array([psnr(correct(photo), target) for photo, target in photos])
        for name, correct in BASELINES.items()
    }
