"""Tests of a mean over seeds and scenes against a value, and Holm's correction for several."""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from exposure_lab.errors import DataError
from exposure_lab.metrics.crossed_effects import two_way_interval


class Estimated(Protocol):
    """A mean with its standard error, such as a `TwoWayInterval`."""

    @property
    def mean(self) -> float: ...

    @property
    def standard_error(self) -> float: ...

    @property
    def df(self) -> float:
        """Degrees of freedom of Student's t; infinite for a normal mean."""


def difference_p(differences: ArrayLike, value: float = 0.0) -> float:
    """Compute the two-sided p-value of the hypothesis that the true mean is a given value.

    It is below 0.05 where, and only where, the 95 % interval of `two_way_interval` leaves the value
    out.

    Args:
        differences: (S, N), a row for each seed and a column for each scene.
        value: in the figure's unit.

    Raises:
        DataError: no such table, or a figure that is not finite.
    """
    interval = two_way_interval(differences)
    return float(2 * stdtr(interval.df, -abs(_t_statistic(interval, value))))


def p_above(estimate: Estimated, bound: float) -> float:
    """Compute the one-sided p-value of the hypothesis that the true mean is at most a bound.

    A small one speaks for a mean above the bound.
    """
    return float(stdtr(estimate.df, -_t_statistic(estimate, bound)))


def p_below(estimate: Estimated, bound: float) -> float:
    """Compute the one-sided p-value of the hypothesis that the true mean is at least a bound.

    A small one speaks for a mean below the bound.
    """
    return float(stdtr(estimate.df, _t_statistic(estimate, bound)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust the p-values of several hypotheses by Holm's step-down correction.

    With each adjusted value below 0.05 taken for a finding, the chance of one false finding or more
    among all hypotheses is at most 5 %, however the tests depend on each other.

    Returns:
        One adjusted p-value for each, in the order given, at most 1.

    Raises:
        DataError: a value outside [0, 1].

    Source: Holm 1979, A simple sequentially rejective multiple test procedure.
    """
    wrong = [p for p in p_values if not 0 <= p <= 1]
    if wrong:
        raise DataError(
            f"Expected p-values between 0 and 1, but got {wrong[0]}: correct the test behind it."
        )
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1)
    return [float(value) for value in adjusted]


def _t_statistic(estimate: Estimated, value: float) -> float:
    """Distance of the mean from a value in standard errors; infinite where there is no error."""
    distance = estimate.mean - value
    if estimate.standard_error == 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / estimate.standard_error
