"""Judges the bootstrap interval that a student of chapter 07 writes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.expectations import Wrong, call, close, expect, number

DRAWS = 4000
"""Samples that the answer is asked to draw."""

Values = NDArray[np.float64]


def _resampled(values: Values, size: int | None = None) -> Values:
    """Means of many samples drawn with replacement."""
    rng = np.random.default_rng(77)
    means: Values = rng.choice(values, (20000, size or len(values))).mean(axis=1)
    return means


def judge_bootstrap(answer: Any) -> None:
    """Compare with an interval of many more draws, to within what chance may differ."""
    for values in (
        np.array([14.1, 14.4, 14.6, 14.7, 15.0, 15.2, 15.9, 17.5, 21.0, 31.0]),
        np.array([0.2, 0.9, 0.25, 0.3, 0.31, 0.7]),
    ):
        low, high = _ends(call(answer, values, DRAWS, np.random.default_rng(3)))
        again = _ends(call(answer, values, DRAWS, np.random.default_rng(3)))
        # First, since ends that change from call to call may by chance look like another mistake.
        expect(
            (low, high) == again,
            "Expected the same interval from the same random generator, but got two: draw from "
            "`rng`, which the function is given.",
        )
        means = _resampled(values)
        right = np.percentile(means, [2.5, 97.5])
        slack = 0.12 * means.std()
        if not close([low, high], right, slack):
            raise Wrong(_why_not_interval(values, low, high, slack))


def _ends(result: Any) -> tuple[float, float]:
    if isinstance(result, np.ndarray) and result.shape == (2,):
        result = tuple(result)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Wrong("Expected two numbers, the lower and the upper end of the interval.")
    low, high = number(result[0], "the lower end"), number(result[1], "the upper end")
    expect(low <= high, "Expected the lower end first, but the first number is the larger one.")
    return low, high


def _why_not_interval(values: Values, low: float, high: float, slack: float) -> str:
    means = _resampled(values)
    mean, error = values.mean(), values.std()
    wide = values.std(ddof=1)
    mistakes: dict[str, Sequence[Any]] = {
        "it has no width: draw with replacement, or every sample is the whole set again": [
            (mean, mean)
        ],
        "the percentiles are those of the pictures themselves: take them of the resampled means": [
            np.percentile(values, [2.5, 97.5]),
            np.percentile(_resampled(values, 1), [2.5, 97.5]),
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
            for s in (error, wide)
        ],
        "it comes from the spread of the pictures, not from that of their mean": [
            (mean - 1.96 * s, mean + 1.96 * s) for s in (error, wide)
        ],
    }
    for cause, guesses in mistakes.items():
        if any(close([low, high], guess, slack) for guess in guesses):
            return f"Expected the bootstrap interval of the mean, but {cause}."
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
