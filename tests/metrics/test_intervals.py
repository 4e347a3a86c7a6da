"""Intervals of a mean: by theory, and by what they promise."""

import numpy as np
import pytest

from exposure_lab.metrics.intervals import ENOUGH_GROUPS, mean_interval


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
