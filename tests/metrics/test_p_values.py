"""P-values against the interval that they go with, and Holm's correction by brute force."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from exposure_lab.errors import DataError
from exposure_lab.metrics.crossed_effects import two_way_interval
from exposure_lab.metrics.p_values import difference_p, holm, p_above, p_below

P_VALUES = st.lists(
    st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.01, 0.5, 1.0])), max_size=6
)


def closed_testing(p_values: list[float]) -> list[float]:
    """Adjusted p-values of the closed procedure with Bonferroni's test of each intersection."""
    m = len(p_values)
    sets = [chosen for size in range(1, m + 1) for chosen in combinations(range(m), size)]
    p_of = {chosen: min(1, len(chosen) * min(p_values[i] for i in chosen)) for chosen in sets}
    return [max(p for chosen, p in p_of.items() if i in chosen) for i in range(m)]


def study(seed: int, mean: float = 0.4) -> NDArray[np.float64]:
    """Differences of 5 seeds on 30 scenes, dB."""
    draw = np.random.default_rng(seed)
    return mean + 0.3 * draw.normal(size=(5, 1)) + draw.normal(size=(5, 30))


@given(P_VALUES)
def test_holm_is_closed_testing_by_bonferroni(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(closed_testing(p_values))


def test_holm_by_hand() -> None:
    # In order 0.01 x 4, 0.02 x 3, 0.03 x 2, 0.5 x 1: the third's 0.06 is no less than the second's.
    assert holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


@pytest.mark.parametrize("wrong", [-0.1, 1.01, float("nan")])
def test_holm_takes_p_values_alone(wrong: float) -> None:
    with pytest.raises(DataError, match=f"between 0 and 1, but got {wrong}: correct the test"):
        holm([0.2, wrong])


@given(st.integers(0, 10**6), st.floats(-2, 2))
def test_p_is_below_5_percent_where_the_interval_leaves_the_value_out(
    seed: int, value: float
) -> None:
    differences = study(seed)
    interval, p = two_way_interval(differences), difference_p(differences, value)
    assume(abs(p - 0.05) > 1e-9)
    assert (p < 0.05) == (not interval.low <= value <= interval.high)


def test_p_values_are_those_of_students_t() -> None:
    interval = two_way_interval(study(1))
    t = (interval.mean - 0.1) / interval.standard_error
    assert p_above(interval, 0.1) == pytest.approx(stats.t.sf(t, interval.df))
    assert p_below(interval, 0.1) == pytest.approx(stats.t.cdf(t, interval.df))
    assert difference_p(study(1), 0.1) == pytest.approx(2 * stats.t.sf(abs(t), interval.df))


def test_p_is_uniform_where_the_value_is_true() -> None:
    p_values = [difference_p(study(seed, 0.4), 0.4) for seed in range(2000)]
    assert np.mean(np.array(p_values) < 0.05) <= 0.05 + 3 * (0.05 * 0.95 / 2000) ** 0.5
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.04)


def test_p_of_equal_differences() -> None:
    """Nothing varies: the mean is known, and lies at the value or not."""
    same = np.full((3, 4), 0.1)
    assert (difference_p(same, 0.1), difference_p(same, 0.2), difference_p(same)) == (1, 0, 0)
    interval = two_way_interval(same)
    assert (p_above(interval, 0), p_below(interval, 0)) == (0, 1)
