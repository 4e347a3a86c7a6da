"""The prediction interval: by hand, by another formula, and by what it promises."""

import numpy as np
import pytest
from scipy import stats

from exposure_lab.errors import ConfigError, DataError
from exposure_lab.metrics.intervals import prediction_interval


def test_three_values_by_hand() -> None:
    # Mean 2, SD 1; t of 2 df at 97.5 % is 4.3027 in the tables; sqrt(1 + 1/3) = 1.1547.
    interval = prediction_interval([1, 2, 3])
    assert (interval.mean, interval.n) == (2, 3)
    assert interval.high - 2 == pytest.approx(4.3027 * 1.1547, abs=1e-3) == 2 - interval.low


def test_an_end_is_where_a_t_test_rejects_the_next_value() -> None:
    """A value as far off as the end differs from the others with p = 0.05 in a pooled t-test."""
    values = np.random.default_rng(3).normal(24, 0.3, 6)
    interval = prediction_interval(values.tolist())
    for end in (interval.low, interval.high):
        assert stats.ttest_ind([end], values).pvalue == pytest.approx(0.05)


def test_it_contains_the_next_value() -> None:
    draw = np.random.default_rng(8)
    values, following = draw.normal(24, 0.3, (4000, 5)), draw.normal(24, 0.3, 4000)
    intervals = np.array([prediction_interval(row.tolist(), 0.9)[1:3] for row in values])
    share = np.mean((intervals[:, 0] <= following) & (following <= intervals[:, 1]))
    assert share == pytest.approx(0.9, abs=3 * (0.9 * 0.1 / 4000) ** 0.5)


def test_equal_values_predict_themselves() -> None:
    assert prediction_interval([0.1] * 7) == (0.1, 0.1, 0.1, 7)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], r"at least 2 figures, one a run, but got shape \(0,\)"),
        ([24.0], r"shape \(1,\): a single run says nothing"),
        ([[1.0, 2.0], [3.0, 4.0]], r"shape \(2, 2\)"),
        ([1.0, float("nan"), 3.0], "finite figures, but 1 of 3 are not"),
    ],
)
def test_values_that_predict_nothing(values: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        prediction_interval(values)


def test_its_level_is_a_share() -> None:
    with pytest.raises(ConfigError, match=r"between 0 and 1, but got 95: write 95 % as 0.95"):
        prediction_interval([1, 2, 3], 95)
