"""What an error is made of, on pictures that were spoiled in one known way."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.images.array import Array
from exposure_lab.metrics.error_decomposition import (
    ErrorParts,
    best_colours,
    best_exposure,
    error_parts,
)


@pytest.fixture(scope="module")
def target() -> Array:
    """Soft random colours, no value near black or white."""
    noise = np.random.default_rng(7).random((64, 96, 3))
    soft = gaussian_filter(noise, (3, 3, 0))
    return (0.25 + 0.5 * (soft - soft.min()) / np.ptp(soft)).astype(np.float32)


def squared(picture: Array, target: Array) -> float:
    return float(np.mean((picture.astype(np.float64) - target) ** 2))


def shares(parts: ErrorParts) -> list[float]:
    return [part / sum(parts) for part in parts]


def test_parts_of_any_picture_add_up_and_none_is_negative(target: Array) -> None:
    spoiled = np.random.default_rng(1).random(target.shape).astype(np.float32)
    parts = error_parts(spoiled, target)
    assert sum(parts) == pytest.approx(squared(spoiled, target), rel=1e-9)
    assert min(parts) >= 0


def test_a_perfect_picture_has_no_error_of_any_kind(target: Array) -> None:
    assert error_parts(target, target) == (0, 0, 0, 0)


@pytest.mark.parametrize("ev", [-1.5, -0.4, 0.3])
def test_a_wrong_exposure_is_found_whole(target: Array, ev: float) -> None:
    spoiled = apply_ev(target, ev)
    assert shares(error_parts(spoiled, target))[0] > 0.999
    assert squared(best_exposure(spoiled, target), target) < 1e-6


def test_a_tint_is_colour_and_not_exposure(target: Array) -> None:
    # Red up and blue down by the same amount: no exposure does that.
    spoiled = np.clip(target + np.float32([0.1, 0, -0.1]), 0, 1)
    exposure, colours, *_ = shares(error_parts(spoiled, target))
    assert exposure < 0.1 and colours > 0.89
    assert squared(best_colours(spoiled, target), target) < 1e-9


def test_swapped_channels_are_colour(target: Array) -> None:
    np.testing.assert_allclose(best_colours(target[..., ::-1], target), target, atol=1e-5)


def test_a_brighter_half_is_a_patch(target: Array) -> None:
    spoiled = target.copy()
    spoiled[:, :48] += 0.2
    parts = dict(zip(ErrorParts._fields, shares(error_parts(spoiled, target)), strict=True))
    assert parts["patches"] > 3 * parts["detail"]


def test_a_fine_pattern_is_detail(target: Array) -> None:
    checkerboard = (np.indices(target.shape[:2]).sum(axis=0) % 2 * 2 - 1)[..., None]
    # Faint: the best colours would hide a strong one by taking contrast away.
    spoiled = (target + 0.01 * checkerboard).astype(np.float32)
    parts = dict(zip(ErrorParts._fields, shares(error_parts(spoiled, target)), strict=True))
    assert parts["detail"] > 0.8


def test_no_help_makes_it_worse(target: Array) -> None:
    # Five stops off are more than is tried, and black holds nothing to mix colours from.
    for spoiled in (apply_ev(target, -5), np.zeros_like(target), np.ones_like(target)):
        for help_with in (best_exposure, best_colours):
            assert squared(help_with(spoiled, target), target) <= squared(spoiled, target)
