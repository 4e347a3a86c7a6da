"""Sample size: how many seeds a study needs to decide, and the power that it has.

All from the variance components of earlier runs (`crossed_effects.two_way_interval`). From a
handful of seeds these are rough, above all that of the seeds, and so are the numbers here. More
seeds leave the scenes' share of the error as it is: where that alone is too large, no number of
seeds is enough.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr, stdtrit

from exposure_lab.errors import ConfigError
from exposure_lab.metrics.crossed_effects import VarianceComponents, check_level, error_and_df
from exposure_lab.metrics.equivalence import check_margin

STUDIES = 1000
"""Simulated studies to average over; a power then has an error of about 0.001."""


def expected_half_width(
    components: VarianceComponents, seeds: int, scenes: int, level: float = 0.95
) -> float:
    """Compute the half-width that the interval of `two_way_interval` has on average.

    Args:
        components: true ones, or estimates of them.
        seeds, scenes: of the study to come, at least two of each.
        level: of the interval.

    Raises:
        ConfigError: a size, a component or a level that is none.
    """
    check_level(level)
    return float(np.mean(_half_widths(components, seeds, scenes, (1 + level) / 2)))


def seeds_to_decide(
    components: VarianceComponents,
    scenes: int,
    distance: float,
    level: float = 0.95,
    limit: int = 100,
) -> int | None:
    """Find the fewest seeds for which the expected half-width is below a distance.

    With the distance of an estimate from a threshold that its interval contains, it is the number
    of seeds that would have decided, had the estimate been the same. It may well come out
    otherwise: where the true distance is this one, such a study decides about as often as not. With
    0.7 of the distance it decides in about 80 of 100 cases.

    Args:
        components: true ones, or estimates of them.
        scenes: of the study to come, at least two.
        distance: that the half-width has to be below, in the figure's unit, above 0.
        level: of the interval.
        limit: most seeds to try.

    Returns:
        None where the limit is not enough.

    Raises:
        ConfigError: a size, a component, a distance or a level that is none.
    """
    if not 0 < distance < math.inf:
        raise ConfigError(
            f"Expected a distance above 0, but got {distance}: an estimate at its very threshold "
            "is not decided by any number of seeds."
        )
    for seeds in range(2, limit + 1):
        if expected_half_width(components, seeds, scenes, level) < distance:
            return seeds
    return None


def equivalence_power(
    components: VarianceComponents,
    seeds: int,
    scenes: int,
    margin: float,
    effect: float = 0.0,
    level: float = 0.05,
) -> float:
    """Compute the probability that `equivalence` holds in a study of this size.

    The mean is normal and independent of the mean squares, which are multiples of chi-squared. So
    the probability is that of a normal mean between two bounds, averaged over the mean squares that
    set the bounds. No noncentral t or normal approximation comes in.

    Args:
        components: true ones, or estimates of them.
        seeds, scenes: of the study to come, at least two of each.
        margin: of the test, above 0.
        effect: true difference, in the unit of the margin.
        level: of significance, below 0.5.

    Raises:
        ConfigError: a size, a component, a margin or a level that is none.

    Source: Phillips 1990, Power of the two one-sided tests procedure in bioequivalence.
    """
    check_margin(margin, level)
    room = margin - _half_widths(components, seeds, scenes, 1 - level)  # for the mean, either way
    seed, scene, residual = components
    error = math.sqrt(seed / seeds + scene / scenes + residual / (seeds * scenes))
    if error == 0:
        return float(abs(effect) < margin)
    inside = ndtr((room - effect) / error) - ndtr((-room - effect) / error)
    return float(np.mean(np.where(room > 0, inside, 0)))


def seeds_for_equivalence(
    components: VarianceComponents,
    scenes: int,
    margin: float,
    effect: float = 0.0,
    power: float = 0.8,
    level: float = 0.05,
    limit: int = 100,
) -> int | None:
    """Find the fewest seeds with which `equivalence` holds with a given probability.

    Args:
        components: true ones, or estimates of them.
        scenes: of the study to come, at least two.
        margin: of the test, above 0.
        effect: true difference, in the unit of the margin.
        power: probability that the test holds, between 0 and 1.
        level: of significance, below 0.5.
        limit: most seeds to try.

    Returns:
        None where the limit is not enough.

    Raises:
        ConfigError: a size, a component, a margin, a power or a level that is none.
    """
    if not 0 < power < 1:
        raise ConfigError(f"Expected a power between 0 and 1, but got {power}: write 80 % as 0.8.")
    for seeds in range(2, limit + 1):
        if equivalence_power(components, seeds, scenes, margin, effect, level) >= power:
            return seeds
    return None


def _half_widths(
    components: VarianceComponents, seeds: int, scenes: int, quantile: float
) -> NDArray[np.float64]:
    """Half-widths of intervals, by a quantile of Student's t, in studies to come."""
    if min(seeds, scenes) < 2:
        raise ConfigError(
            f"Expected at least 2 seeds and 2 scenes, but got {seeds} and {scenes}: with one there "
            "is no interval."
        )
    if not all(0 <= component < math.inf for component in components):
        raise ConfigError(
            f"Expected variances of 0 or more, but got {tuple(components)}: take them from "
            "two_way_interval."
        )
    seed, scene, residual = components
    expected = scenes * seed + residual, seeds * scene + residual, residual
    df_of = seeds - 1, scenes - 1, (seeds - 1) * (scenes - 1)
    # Latin hypercube sampling: each mean square takes each of its quantiles once, in any order.
    draw = np.random.default_rng(0)
    shares = ((draw.permutation(STUDIES) + 0.5) / STUDIES for _ in df_of)
    seed_squares, scene_squares, residual_squares = (
        square * 2 / df * gammaincinv(df / 2, share)  # chi-squared over its degrees of freedom
        for square, df, share in zip(expected, df_of, shares, strict=True)
    )
    error, df = error_and_df((seed_squares, scene_squares, residual_squares), seeds, scenes)
    return np.asarray(stdtrit(df, quantile) * error)
