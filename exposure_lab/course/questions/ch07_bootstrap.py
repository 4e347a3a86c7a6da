"""Judge of chapter 07's bootstrap interval."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.expectations import (
    Wrong,
    call,
    close,
    close_to_any,
    expect,
    first_cause,
    number,
    pair,
)

DRAWS = 4000
"""Number of samples that the answer is asked to draw."""

Values = NDArray[np.float64]


def _resample_means(values: Values, size: int | None = None) -> Values:
    """Draw many samples with replacement and return their means."""
    rng = np.random.default_rng(77)
    means: Values = rng.choice(values, (20000, size or len(values))).mean(axis=1)
    return means


def judge_bootstrap(answer: Any) -> None:
    """Judge ``bootstrap_interval(values, draws, rng)`` against many more draws, to within chance.

    Raises:
        Wrong: with the likely cause.
    """
    for values in (
        np.array([14.1, 14.4, 14.6, 14.7, 15.0, 15.2, 15.9, 17.5, 21.0, 31.0]),
        np.array([0.2, 0.9, 0.25, 0.3, 0.31, 0.7]),
    ):
        low, high = _check_ends(call(answer, values, DRAWS, np.random.default_rng(3)))
        again = _check_ends(call(answer, values, DRAWS, np.random.default_rng(3)))
        # First, since ends that change from call to call may by chance look like another mistake.
        expect(
            (low, high) == again,
            "Expected the same interval from the same random generator, but got two: draw from "
            "`rng`, which the function is given.",
        )
        means = _resample_means(values)
        right = np.percentile(means, [2.5, 97.5])
        slack = 0.12 * means.std()
        if not close([low, high], right, slack):
            raise Wrong(_explain_interval(values, low, high, slack))


def _check_ends(result: Any) -> tuple[float, float]:
    if isinstance(result, np.ndarray) and result.shape == (2,):
        result = tuple(result)
    low, high = pair(result, "Expected two numbers, the lower and the upper end of the interval.")
    low, high = number(low, "the lower end"), number(high, "the upper end")
    expect(low <= high, "Expected the lower end first, but the first number is the larger one.")
    return low, high


def _explain_interval(values: Values, low: float, high: float, slack: float) -> str:
    same = partial(close_to_any, tolerance=slack)
    if cause := first_cause(_wrong_intervals(values), [low, high], same):
        return f"Expected the bootstrap interval of the mean, but {cause}."
    means = _resample_means(values)
    bottom, top = np.percentile(means, [0.1, 99.9])
    if low < bottom and high > top:
        return (
            "Expected the bootstrap interval of the mean, but it runs about from the smallest to "
            "the largest mean: leave 2.5 % out at each end."
        )
    if high - low < 0.3 * float(np.ptp(np.percentile(means, [2.5, 97.5]))):
        return (
            "Expected samples as large as the set itself, but the interval is far too narrow: each "
            "sample holds as many values as were given, and `draws` is the number of samples."
        )
    return (
        "Expected the middle 95 % of the resampled means, but the ends differ: check the size of a "
        "sample, what is averaged, and the two percentiles."
    )


def _wrong_intervals(values: Values) -> dict[str, Sequence[Any]]:
    """Intervals that usual mistakes lead to, one or several for each likely cause."""
    means = _resample_means(values)
    mean, spreads = values.mean(), (values.std(), values.std(ddof=1))
    return {
        "it has no width: draw with replacement, or every sample is the whole set again": [
            (mean, mean)
        ],
        "the percentiles are those of the pictures themselves: take them of the resampled means": [
            np.percentile(values, [2.5, 97.5]),
            np.percentile(_resample_means(values, 1), [2.5, 97.5]),
        ],
        "it leaves out twice as much as it should: 95 % in the middle leave 2.5 % at each end": [
            np.percentile(means, [5, 95])
        ],
        "it holds the middle half only: 95 % in the middle leave 2.5 % at each end": [
            np.percentile(means, [25, 75])
        ],
        "the ends lie far down among the means: `numpy.percentile` counts from 0 to 100": [
            np.percentile(means, [0.025, 0.975])
        ],
        "it is one spread of the means to either side: take percentiles": [
            (mean - means.std(), mean + means.std())
        ],
        "it is symmetric about the mean, from a formula: the resampled means need not be": [
            (mean - k * s / len(values) ** 0.5, mean + k * s / len(values) ** 0.5)
            for k in (1.96, 2.0)
            for s in spreads
        ],
        "it comes from the spread of the pictures, not from that of their mean": [
            (mean - 1.96 * s, mean + 1.96 * s) for s in spreads
        ],
    }
