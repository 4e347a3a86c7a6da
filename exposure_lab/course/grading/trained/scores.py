"""PSNR of corrected pictures by exposure, in numpy alone: the judge imports no torch."""

# N pictures, H height, W width

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
"""Pictures (N, H, W, 3), sRGB, 0..255."""

LEAST = 255.0**2 / 1e6
"""Smallest mean squared error that counts: equal pictures get 60 dB in place of infinity."""


def squared_errors(outputs: Pictures, targets: Pictures, border: int = 0) -> NDArray[np.float64]:
    """Mean squared error of each picture on the scale 0..255.

    Args:
        outputs: what a network made.
        targets: what it should have made.
        border: pixels on each side that do not count.
    """
    inner = slice(border, -border or None)
    differences = outputs[:, inner, inner].astype(np.float64) - targets[:, inner, inner]
    means: NDArray[np.float64] = np.square(differences).mean(axis=(1, 2, 3))
    return means


def to_decibels(errors: Any) -> Any:
    """PSNR of mean squared errors on the scale 0..255; a higher one is better."""
    return 10 * np.log10(255.0**2 / np.maximum(errors, LEAST))


def psnr_by_exposure(
    outputs: Pictures, targets: Pictures, evs: Sequence[float], *, border: int = 0, mean: str
) -> Mapping[float, float]:
    """PSNR of each exposure, dB.

    Args:
        outputs: pictures that were corrected.
        targets: their targets.
        evs: exposure of each picture's input, stops.
        border: pixels on each side that do not count.
        mean: ``pictures`` for the mean of the pictures' PSNR, ``errors`` for the PSNR of the mean
            of their errors.
    """
    return psnr_of_errors(squared_errors(outputs, targets, border), evs, mean=mean)


def psnr_of_errors(
    errors: NDArray[np.float64], evs: Sequence[float], *, mean: str
) -> Mapping[float, float]:
    """PSNR of each exposure, dB, from the mean squared error of each picture."""
    found = {}
    for ev in sorted(set(evs)):
        own = errors[[one == ev for one in evs]]
        found[ev] = float(
            to_decibels(own).mean() if mean == "pictures" else to_decibels(own.mean())
        )
    return found
