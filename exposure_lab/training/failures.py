"""The pictures on which a network does worst, for its card."""

# H height, W width

from typing import NamedTuple

import numpy as np

from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS, sample_photo
from exposure_lab.data.synthesis.exposure import EVS, apply_ev
from exposure_lab.images.array import Array, ImageFunction, from_uint8, to_uint8
from exposure_lab.images.resize import shrink
from exposure_lab.metrics.pixel import psnr

SHOWN = 3
"""Number of failures in a picture."""

HEIGHT, GAP = 180, 6
"""Height of each photo of the picture, and distance between two, px."""


class Failure(NamedTuple):
    """A built-in photo at an exposure, and how near to the photo its correction came."""

    photo: str
    ev: float
    """Stops; at 0 the photo is as it should be."""
    psnr: float
    """Of the correction, dB."""
    psnr_before: float
    """Of the input, dB."""


def find_failures(correct: ImageFunction) -> list[Failure]:
    """Find the built-in photos on which a correction does worst, each at its worst exposure.

    Args:
        correct: takes and gives an sRGB image in [0, 1].

    Returns:
        `SHOWN` failures of the six photos at the report's five exposures, the worst first.
    """
    worst = []
    for name in SAMPLE_SPLITS:
        photo = sample_photo(name)
        inputs = {ev: _input(photo, ev) for ev in EVS}
        of_photo = [
            Failure(name, ev, psnr(correct(before), photo), psnr(before, photo))
            for ev, before in inputs.items()
        ]
        worst.append(min(of_photo, key=lambda one: one.psnr))
    return sorted(worst, key=lambda one: one.psnr)[:SHOWN]


def draw_failures(correct: ImageFunction, failures: list[Failure]) -> Array:
    """Draw each failure as a row: the input, what became of it, and the photo.

    Returns:
        (H, W, 3), sRGB in [0, 1], on white.
    """
    rows = []
    for failure in failures:
        photo = sample_photo(failure.photo)
        before = _input(photo, failure.ev)
        panels = [shrink(one, HEIGHT) for one in (before, correct(before), photo)]
        rows.append(np.concatenate([_framed(panel) for panel in panels], axis=1))
    width = max(row.shape[1] for row in rows)
    padded = [
        np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=1) for row in rows
    ]
    return np.concatenate(padded)[:-GAP, :-GAP]


def _input(photo: Array, ev: float) -> Array:
    """The photo as a file at an exposure would hold it."""
    return from_uint8(to_uint8(apply_ev(photo, ev))) if ev else photo


def _framed(picture: Array) -> Array:
    """A picture with white at its right and below it."""
    return np.pad(picture, ((0, GAP), (0, GAP), (0, 0)), constant_values=1)
