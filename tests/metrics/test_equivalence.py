"""Equivalence and non-inferiority: the interval inside the margin, and how often that happens."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats

from exposure_lab.errors import ConfigError, DataError
from exposure_lab.metrics.crossed_effects import two_way_interval
from exposure_lab.metrics.equivalence import MarginTest, equivalence, non_inferiority

Table = NDArray[np.float64]

TABLES = arrays(
    np.float64,
    st.tuples(st.integers(2, 4), st.integers(2, 5)),
    elements=st.integers(-40, 40).map(lambda hundredths: hundredths / 100),
)
LEVELS = st.sampled_from([0.01, 0.05, 0.1])


def studies(mean: float, count: int = 2000) -> Table:
    """Differences of 5 seeds on 40 scenes, dB: SD of the mean about 0.09."""
    draw = np.random.default_rng(4)
    by_seed, by_scene, rest = (draw.normal(size=(count, *s)) for s in ((5, 1), (1, 40), (5, 40)))
    return mean + 0.15 * by_seed + 0.3 * by_scene + 0.5 * rest


@given(TABLES, st.floats(0.01, 2), LEVELS)
def test_equivalence_holds_where_the_interval_lies_inside_the_margin(
    table: Table, margin: float, level: float
) -> None:
    test, interval = equivalence(table, margin, level), two_way_interval(table, 1 - 2 * level)
    assert test.interval == interval
    assert test.holds == (-margin < interval.low and interval.high < margin)
    assume(abs(test.p - level) > 1e-9)
    assert test.holds == (test.p < level)


@given(TABLES, st.floats(0.01, 2), LEVELS)
def test_non_inferiority_holds_where_the_interval_lies_above_the_margin(
    table: Table, margin: float, level: float
) -> None:
    test, interval = non_inferiority(table, margin, level), two_way_interval(table, 1 - 2 * level)
    assert test.holds == (-margin < interval.low)
    assume(abs(test.p - level) > 1e-9)
    assert test.holds == (test.p < level)


@given(TABLES, st.floats(0.01, 2))
def test_equivalence_is_non_inferiority_both_ways(table: Table, margin: float) -> None:
    worse, better = non_inferiority(table, margin), non_inferiority(-table, margin)
    both = equivalence(table, margin)
    assert both.holds == (worse.holds and better.holds)
    assert both.p == pytest.approx(max(worse.p, better.p))


def test_p_is_the_larger_of_two_one_sided_t_tests() -> None:
    test = equivalence(studies(0.1)[0], 0.5)
    mean, _, _, error, df = test.interval[:5]
    lower, upper = stats.t.sf((mean + 0.5) / error, df), stats.t.cdf((mean - 0.5) / error, df)
    assert test.p == pytest.approx(max(lower, upper))
    assert (test.margin, test.holds) == (0.5, True)


@pytest.mark.parametrize(("test", "mean"), [(equivalence, 0.3), (non_inferiority, -0.3)])
def test_a_difference_as_large_as_the_margin_passes_in_5_of_100_studies(
    test: Callable[[Table, float], MarginTest], mean: float
) -> None:
    passed = np.mean([test(table, 0.3).holds for table in studies(mean)])
    assert passed == pytest.approx(0.05, abs=0.02)  # three SD by chance are 0.015


def test_equal_differences_are_judged_without_an_error() -> None:
    inside, outside, at = (equivalence(np.full((3, 4), d), 0.3) for d in (0.1, -0.4, 0.3))
    assert (inside.holds, inside.p) == (True, 0)
    assert (outside.holds, outside.p) == (False, 1)
    assert not at.holds and at.p > 0.05


@pytest.mark.parametrize("test", [equivalence, non_inferiority])
@pytest.mark.parametrize("margin", [0, -0.3, float("nan"), float("inf")])
def test_a_margin_lies_above_0(test: Callable[[Table, float], MarginTest], margin: float) -> None:
    with pytest.raises(ConfigError, match="margin above 0, in the unit of the differences"):
        test(np.zeros((2, 2)), margin)


@pytest.mark.parametrize("test", [equivalence, non_inferiority])
@pytest.mark.parametrize("level", [0, 0.5, 0.95, 5])
def test_a_level_of_significance_is_small(
    test: Callable[[Table, float, float], MarginTest], level: float
) -> None:
    with pytest.raises(ConfigError, match=r"between 0 and 0.5, but got .*: write 5 % as 0.05"):
        test(np.zeros((2, 2)), 0.3, level)


def test_one_seed_shows_no_equivalence() -> None:
    with pytest.raises(DataError, match="at least 2 seeds, but got 1"):
        equivalence(np.zeros((1, 124)), 0.3)
