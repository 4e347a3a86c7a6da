"""Means and their bootstrap confidence intervals."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """Sample mean and its 95 % percentile-bootstrap confidence interval.

    Over repeated samples about 95 of 100 such intervals contain the true mean; fewer where there
    are only a handful of values or groups.
    """

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
