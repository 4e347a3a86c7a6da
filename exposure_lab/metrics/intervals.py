"""Interval of one sample: bootstrap interval of a mean, or the range of few scenes."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

ENOUGH_GROUPS = 8
"""Fewest groups from which a bootstrap interval is made: one of fewer misses the mean too often.

Simulated for normal values, a 95 % percentile bootstrap contains the true mean in 50 of 100 sets of
2 groups, 80 of 4, 88 of 8, 90 of 10, 95 of 100."""


class Interval(NamedTuple):
    """Sample mean with its 95 % percentile-bootstrap interval, or the range of a few groups.

    An interval made this way contains the true mean for about 95 of 100 sets of photographs, and
    for fewer where there are few scenes: about 88 of 100 at `ENOUGH_GROUPS`. From fewer groups
    than that the ends are the smallest and the largest mean of a group, and promise nothing.
    `name` says which of the two it is.
    """

    mean: float
    low: float
    high: float
    n: int
    """Number of values."""
    groups: int
    """Number of groups, such as scenes, that were drawn as a whole."""

    @property
    def is_range(self) -> bool:
        """Whether the ends are those of the groups' own means, too few for an interval."""
        return self.groups < ENOUGH_GROUPS

    def name(self, group: str = "scene") -> str:
        """Name what the ends are: ``95 % interval``, ``range of 2 scenes``, or ``1 scene``.

        Args:
            group: what one group is, in the singular.
        """
        if not self.is_range:
            return "95 % interval"
        return f"1 {group}" if self.groups == 1 else f"range of {self.groups} {group}s"

    def ends(self, digits: str = ".1f") -> str:
        """Write both ends, such as ``12.1 to 17.4``; a single group has none: ``-``.

        Args:
            digits: format of a number.
        """
        return "-" if self.groups == 1 else f"{self.low:{digits}} to {self.high:{digits}}"


def mean_interval(
    values: Sequence[float],
    seed: int = 0,
    draws: int = 2000,
    groups: Sequence[Hashable] | None = None,
) -> Interval:
    """Compute a mean over images with its 95 % percentile-bootstrap interval.

    From fewer than `ENOUGH_GROUPS` groups no interval is made: its ends are then the range of the
    groups' means, and `Interval.name` says so.

    Where all values come from one network, the interval says how the mean would vary over other
    scenes. Another training of the same network would give another mean, and the interval leaves
    that out: with several trainings use `crossed_effects.two_way_interval`.

    Args:
        values: one number per image, at least one.
        seed: of the resampling, so that a table comes out the same twice.
        draws: resampled sets.
        groups: one label per value, such as its scene. What has the same label is drawn together:
            renderings of one scene succeed or fail together, and are no independent cases.

    Source: Efron 1979, Bootstrap methods, Annals of Statistics 7; groups drawn as a whole as in
    Davison and Hinkley 1997, Bootstrap Methods and their Application, section 3.8.
    """
    numbers = np.asarray(values, dtype=np.float64)
    labels = range(len(numbers)) if groups is None else groups
    order = {label: i for i, label in enumerate(dict.fromkeys(labels))}
    group = [order[label] for label in labels]
    sums, counts = np.bincount(group, numbers), np.bincount(group)
    mean = float(numbers.mean())
    if len(sums) < ENOUGH_GROUPS:
        ends = np.min(sums / counts), np.max(sums / counts)
    else:
        chosen = np.random.default_rng(seed).integers(len(sums), size=(draws, len(sums)))
        means = sums[chosen].sum(axis=1) / counts[chosen].sum(axis=1)
        ends = np.percentile(means, [2.5, 97.5])
    low, high = (float(end) for end in ends)
    # Equal values add up to other last digits in another order: the mean stays inside.
    return Interval(mean, min(low, mean), max(high, mean), len(numbers), len(sums))
