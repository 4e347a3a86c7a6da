"""Intervals of one sample: bootstrap confidence interval of a mean, prediction interval."""

import math
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from exposure_lab.errors import ConfigError, DataError


class Interval(NamedTuple):
    """Sample mean and its 95 % percentile-bootstrap confidence interval.

    Over repeated samples about 95 of 100 such intervals contain the true mean; fewer where there
    are only a handful of values or groups.
    """

    mean: float
    low: float
    high: float
    n: int


class PredictionInterval(NamedTuple):
    """Sample mean and the range in which one more value of the same kind is expected."""

    mean: float
    low: float
    high: float
    n: int


def mean_interval(
    values: Sequence[float],
    seed: int = 0,
    draws: int = 2000,
    groups: Sequence[Hashable] | None = None,
) -> Interval:
    """Compute a mean over images and its 95 % percentile bootstrap interval.

    Where all values come from one network, the interval says how the mean would vary over other
    scenes. Another training of the same network would give another mean, and the interval leaves
    that out: with several trainings use `crossed_effects.two_way_interval`.

    Args:
        values: one number per image, at least one.
        seed: of the resampling, so that a table comes out the same twice.
        draws: resampled sets.
        groups: one label per value, such as its scene. What has the same label is drawn together:
            renderings of one scene succeed or fail together, and are no independent cases.
    """
    numbers = np.asarray(values, dtype=np.float64)
    labels = range(len(numbers)) if groups is None else groups
    order = {label: i for i, label in enumerate(dict.fromkeys(labels))}
    group = [order[label] for label in labels]
    sums, counts = np.bincount(group, numbers), np.bincount(group)
    chosen = np.random.default_rng(seed).integers(len(sums), size=(draws, len(sums)))
    means = sums[chosen].sum(axis=1) / counts[chosen].sum(axis=1)
    mean = float(numbers.mean())
    low, high = (float(end) for end in np.percentile(means, [2.5, 97.5]))
    # Equal values add up to other last digits in another order: the mean stays inside.
    return Interval(mean, min(low, mean), max(high, mean), len(numbers))


def prediction_interval(values: Sequence[float], level: float = 0.95) -> PredictionInterval:
    """Compute where one more value would fall: a training of ours with a new seed, say.

    Judges a constant that somebody else reports: one that lies outside is not what our own runs
    give. Over repeated samples of n values and one more, about 95 of 100 such intervals contain the
    one more; exactly so for normal values. The interval stays wide however large n is, unlike that
    of a mean.

    Args:
        values: one figure per run, at least two.
        level: share of such intervals that contain the one more, between 0 and 1.

    Raises:
        DataError: fewer than two values, several dimensions, or a value that is not finite.
        ConfigError: a level that is no share.

    Source: mean ± t s sqrt(1 + 1 / n) with n - 1 degrees of freedom, as in Hahn and Meeker 1991,
    Statistical Intervals.
    """
    check_level(level)
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or len(numbers) < 2:
        raise DataError(
            f"Expected a list of at least 2 figures, one a run, but got shape {numbers.shape}: "
            "a single run says nothing about the next one."
        )
    if not np.isfinite(numbers).all():
        raise DataError(
            f"Expected finite figures, but {int((~np.isfinite(numbers)).sum())} of {len(numbers)} "
            "are not: leave those runs out, and say so."
        )
    n = len(numbers)
    centred = numbers - numbers[0]  # equal values become exact zeros
    mean = float(numbers[0] + centred.mean())
    spread = float(centred.std(ddof=1)) * math.sqrt(1 + 1 / n)
    half = float(stdtrit(n - 1, (1 + level) / 2)) * spread
    return PredictionInterval(mean, mean - half, mean + half, n)


def check_level(level: float) -> None:
    """Check that a confidence level is a share, such as 0.95.

    Raises:
        ConfigError: it is none.
    """
    if not 0 < level < 1:
        raise ConfigError(
            f"Expected a confidence level between 0 and 1, but got {level}: write 95 % as 0.95."
        )
