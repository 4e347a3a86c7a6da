"""Intervals of a mean and of the next value: by hand, by theory, and by what they promise."""

import numpy as np
import pytest
from scipy import stats

from exposure_lab.errors import ConfigError, DataError
from exposure_lab.metrics.intervals import ENOUGH_GROUPS, mean_interval, prediction_interval


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


def test_interval_comes_out_the_same_twice() -> None:
    values = np.random.default_rng(3).normal(20, 2, 30).tolist()
    first = mean_interval(values)
    assert first == mean_interval(values)
    assert first != mean_interval(values, seed=1)
    assert (first.n, first.mean) == (30, pytest.approx(np.mean(values)))
    assert first.low < first.mean < first.high


def test_interval_of_equal_values_has_no_width() -> None:
    assert mean_interval([3.0] * 9) == (3, 3, 3, 9, 9)
    assert mean_interval([3.0]) == (3, 3, 3, 1, 1)


def test_values_of_one_group_are_drawn_together() -> None:
    # Eight groups of equal values are eight draws: the interval is that of eight numbers.
    means = np.random.default_rng(3).normal(20, 2, 8).tolist()
    values, groups = [one for one in means for _ in range(5)], [*"abcdefgh"] * 5
    grouped = mean_interval(values, groups=sorted(groups))
    assert grouped[:3] == pytest.approx(mean_interval(means)[:3])
    assert (grouped.n, grouped.groups) == (40, 8)
    alone = mean_interval(values)
    assert alone.high - alone.low < 0.6 * (grouped.high - grouped.low)  # about 1 / sqrt(5)


@pytest.mark.parametrize("count", range(2, ENOUGH_GROUPS))
def test_few_scenes_give_their_range(count: int) -> None:
    means = np.arange(count, dtype=float)
    interval = mean_interval(np.repeat(means, 3).tolist(), groups=np.repeat(means, 3).tolist())
    assert interval == (means.mean(), 0, count - 1, 3 * count, count)
    assert interval.is_range and interval.name() == f"range of {count} scenes"


def test_larger_groups_weigh_more() -> None:
    # The mean is that of all four values; the range runs between the groups' own means.
    interval = mean_interval([0, 0, 0, 8], groups=["a", "a", "a", "b"])
    assert interval == (2, 0, 8, 4, 2)


def test_ends_are_named_for_what_they_are() -> None:
    many = mean_interval(np.linspace(0, 1, ENOUGH_GROUPS).tolist())
    assert not many.is_range and many.name("photo") == "95 % interval"
    few = mean_interval([12.1, 17.44])
    assert (few.name("photo"), few.ends()) == ("range of 2 photos", "12.1 to 17.4")
    assert few.ends(".2f") == "12.10 to 17.44"
    one = mean_interval([12.1, 17.44], groups=["a", "a"])
    assert (one.name(), one.ends()) == ("1 scene", "-")


def test_interval_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(4).normal(0, 1, 400)
    interval = mean_interval(values.tolist())
    theory = 1.96 * values.std() / np.sqrt(400)
    assert interval.high - interval.mean == pytest.approx(theory, rel=0.1)
    assert interval.mean - interval.low == pytest.approx(theory, rel=0.1)


def test_interval_covers_the_true_mean() -> None:
    draw = np.random.default_rng(5)
    intervals = [mean_interval(draw.normal(7, 1, 40).tolist(), draws=400) for _ in range(200)]
    covered = np.mean([interval.low <= 7 <= interval.high for interval in intervals])
    # 95 % in theory, a little less for a percentile bootstrap of 40; 200 trials: sd 1.5 %.
    assert 0.89 <= covered <= 0.99


@pytest.mark.parametrize(("groups", "share"), [(2, 0.50), (4, 0.80), (8, 0.88), (10, 0.90)])
def test_why_few_groups_make_no_interval(groups: int, share: float) -> None:
    """What `ENOUGH_GROUPS` says of a percentile bootstrap, simulated here with resampling of ours.

    Of 4,000 sets the share has an SD of 0.8 % at most.
    """
    draw = np.random.default_rng(groups)
    values = draw.normal(size=(4000, groups))
    resampled = values[:, draw.integers(groups, size=(2000, groups))].mean(axis=2)
    low, high = np.percentile(resampled, [2.5, 97.5], axis=1)
    assert np.mean((low <= 0) & (high >= 0)) == pytest.approx(share, abs=0.03)
    assert (groups < ENOUGH_GROUPS) == (share < 0.88)
