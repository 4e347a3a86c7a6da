"""Tests that a difference is too small to matter: equivalence and non-inferiority."""

import math
from typing import NamedTuple

from numpy.typing import ArrayLike

from exposure_lab.errors import ConfigError
from exposure_lab.metrics.crossed_effects import TwoWayInterval, two_way_interval
from exposure_lab.metrics.p_values import p_above, p_below


class MarginTest(NamedTuple):
    """Outcome of a test of a mean difference against a margin."""

    holds: bool
    """False does not say that the opposite holds: there may have been too few seeds."""
    p: float
    """P-value of the hypothesis that the difference is as large as the margin, or larger."""
    margin: float
    interval: TwoWayInterval
    """Of level 1 - 2 x significance: 90 % for a test at 5 %."""


def equivalence(differences: ArrayLike, margin: float, level: float = 0.05) -> MarginTest:
    """Test whether two arms differ by less than a margin either way, by two one-sided tests.

    It holds where the 90 % interval of the mean difference (for a test at 5 %) lies inside ±margin:
    each of the two one-sided tests is then significant at 5 %, and so are both. An interval that
    merely contains 0 shows nothing of the kind.

    Args:
        differences: (S, N), a row for each seed and a column for each scene, at least two of each.
        margin: the smallest difference that matters, above 0, in the figure's unit; fixed before
            the runs.
        level: of significance, below 0.5.

    Raises:
        DataError: no such table, or a figure that is not finite.
        ConfigError: a margin or a level that is none.

    Source: Schuirmann 1987, two one-sided tests (TOST).
    """
    interval = _interval(differences, margin, level)
    p = max(p_above(interval, -margin), p_below(interval, margin))
    return MarginTest(-margin < interval.low and interval.high < margin, p, margin, interval)


def non_inferiority(differences: ArrayLike, margin: float, level: float = 0.05) -> MarginTest:
    """Test whether the first arm is worse by less than a margin, by one one-sided test.

    It holds where the lower end of the 90 % interval of the mean difference (for a test at 5 %)
    lies above -margin. Larger figures are better ones; of an error, pass the negative differences.

    Args:
        differences: (S, N), first arm less second, a row for each seed and a column for each scene,
            at least two of each.
        margin: the smallest loss that matters, above 0, in the figure's unit; fixed before the
            runs.
        level: of significance, below 0.5.

    Raises:
        DataError: no such table, or a figure that is not finite.
        ConfigError: a margin or a level that is none.
    """
    interval = _interval(differences, margin, level)
    return MarginTest(-margin < interval.low, p_above(interval, -margin), margin, interval)


def check_margin(margin: float, level: float) -> None:
    """Check that a margin lies above 0, and a level of significance between 0 and 0.5.

    Raises:
        ConfigError: one of them does not.
    """
    if not 0 < margin < math.inf:
        raise ConfigError(
            f"Expected a margin above 0, in the unit of the differences, but got {margin}: name "
            "the smallest difference that matters."
        )
    if not 0 < level < 0.5:
        raise ConfigError(
            f"Expected a level of significance between 0 and 0.5, but got {level}: write 5 % as "
            "0.05, which goes with an interval of 90 %."
        )


def _interval(differences: ArrayLike, margin: float, level: float) -> TwoWayInterval:
    """Interval whose ends decide one-sided tests at a level of significance."""
    check_margin(margin, level)
    return two_way_interval(differences, 1 - 2 * level)
