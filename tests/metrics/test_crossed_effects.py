"""The interval over seeds and scenes, by hand, by other means, and by what it promises."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats

from exposure_lab.errors import ConfigError, DataError
from exposure_lab.metrics.crossed_effects import (
    TwoWayInterval,
    VarianceComponents,
    mean_squares,
    two_way_interval,
)

Table = NDArray[np.float64]

TABLES = arrays(
    np.float64,
    st.tuples(st.integers(2, 5), st.integers(2, 6)),
    elements=st.integers(-400, 400).map(lambda hundredths: hundredths / 100),
)


def rss(columns: list[Table], values: Table) -> float:
    """Residual sum of squares of a least-squares fit."""
    design = np.concatenate(columns, axis=1)
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return float(np.sum((values - fitted) ** 2))


def close(first: TwoWayInterval, second: TwoWayInterval) -> None:
    for name in ("mean", "low", "high", "standard_error", "df"):
        assert getattr(first, name) == pytest.approx(getattr(second, name), rel=1e-6, abs=1e-6)
    assert first.components == pytest.approx(second.components, rel=1e-6, abs=1e-6)


def test_a_table_worked_by_hand() -> None:
    # Two seeds, three scenes. Mean 21/6 = 3.5; seeds have means 2 and 5, scenes 2, 3 and 5.5.
    # SS_seed  = 3 (1.5^2 + 1.5^2)         = 13.5  on 1 df: MS 13.5
    # SS_scene = 2 (1.5^2 + 0.5^2 + 2^2)   = 13    on 2 df: MS 6.5
    # SS_total = 6.25 + 2.25 + 0.25 + 0.25 + 0.25 + 20.25 = 29.5, so SS_residual = 3 on 2 df: MS 1.5
    # Components: (13.5 - 1.5) / 3 = 4, (6.5 - 1.5) / 2 = 2.5, and 1.5.
    # Variance of the mean: (13.5 + 6.5 - 1.5) / 6 = 18.5 / 6 = 4 / 2 + 2.5 / 3 + 1.5 / 6.
    # df: 18.5^2 / (13.5^2 / 1 + 6.5^2 / 2 + 1.5^2 / 2) = 342.25 / 204.5.
    interval = two_way_interval([[1, 2, 3], [3, 4, 8]])
    assert interval.mean == pytest.approx(3.5)
    assert interval.components == pytest.approx(VarianceComponents(4, 2.5, 1.5))
    assert interval.standard_error == pytest.approx((18.5 / 6) ** 0.5)
    assert interval.df == pytest.approx(342.25 / 204.5)
    assert (interval.seeds, interval.scenes) == (2, 3)
    half = stats.t.ppf(0.975, 342.25 / 204.5) * (18.5 / 6) ** 0.5
    assert interval.high - 3.5 == pytest.approx(half) == 3.5 - interval.low


def test_a_table_without_a_scene_effect_by_hand() -> None:
    # Mean 3; seeds have means 1 and 5, both scenes 3. MS_seed = 2 (2^2 + 2^2) = 16, MS_scene = 0,
    # residuals are ±1 everywhere: MS_residual = 4. Scenes: (0 - 4) / 2 < 0, so 0.
    # Variance: MS_seed / 4 = 4. df: 16^2 / (16^2 + 0 + 4^2) < 1, so 1, that of the seeds.
    interval = two_way_interval([[0, 2], [6, 4]])
    assert interval.components == pytest.approx(VarianceComponents(6, 0, 4))
    assert interval.standard_error == pytest.approx(2)
    assert interval.df == 1
    assert interval.high == pytest.approx(3 + 2 * 12.7062, abs=1e-3)  # t of 1 df, from a table


def test_a_table_of_residuals_alone_by_hand() -> None:
    # All means are 0: MS 0, 0 and 4. Both components are 0, the variance of the mean 4 / 4.
    interval = two_way_interval([[1, -1], [-1, 1]])
    assert interval.components == (0, 0, 4)
    assert (interval.mean, interval.standard_error, interval.df) == (0, 1, 1)


@pytest.mark.parametrize("figure", [0.0, 0.1, -3.7e8])
@pytest.mark.parametrize("shape", [(2, 2), (5, 124), (9, 3)])
def test_equal_figures_have_an_interval_without_width(
    figure: float, shape: tuple[int, int]
) -> None:
    interval = two_way_interval(np.full(shape, figure))
    assert interval[:4] == (figure, figure, figure, 0)
    assert interval.df == min(shape) - 1
    assert interval.components == (0, 0, 0)


@given(TABLES)
def test_mean_squares_are_those_of_least_squares(table: Table) -> None:
    """Sums of squares as falls of the residual when a factor's columns enter the fit."""
    seeds, scenes = table.shape
    rows, columns = (axis.ravel() for axis in np.indices(table.shape))
    one, by_seed, by_scene = np.ones((table.size, 1)), np.eye(seeds)[rows], np.eye(scenes)[columns]
    values = table.ravel()
    neither, both = rss([one], values), rss([one, by_seed, by_scene], values)
    squares = mean_squares(table)
    assert squares.seed * (seeds - 1) == pytest.approx(neither - rss([by_seed], values), abs=1e-8)
    assert squares.scene * (scenes - 1) == pytest.approx(
        neither - rss([by_scene], values), abs=1e-8
    )
    assert squares.residual * (seeds - 1) * (scenes - 1) == pytest.approx(both, abs=1e-8)


@given(TABLES)
def test_the_interval_is_students_t_with_the_error_of_the_components(table: Table) -> None:
    seeds, scenes = table.shape
    interval = two_way_interval(table, 0.8)
    seed, scene, residual = interval.components
    variance = seed / seeds + scene / scenes + residual / table.size
    assert interval.standard_error == pytest.approx(variance**0.5)
    assert interval.mean == pytest.approx(table.mean(), abs=1e-12)
    half = stats.t.ppf(0.9, interval.df) * variance**0.5
    assert interval.high - interval.mean == pytest.approx(half, abs=1e-9)
    assert interval.mean - interval.low == pytest.approx(half, abs=1e-9)
    floors = np.array(mean_squares(table)) / table.size
    assert variance >= max(floors) - 1e-12
    assert min(seeds, scenes) - 1 <= interval.df <= table.size - 1 + 1e-9


@given(TABLES, st.integers(-90, 90), st.sampled_from([-7.0, -1.0, 0.01, 3.0]))
def test_a_shift_and_another_unit_shift_and_scale_the_interval(
    table: Table, shift: int, factor: float
) -> None:
    before, after = two_way_interval(table), two_way_interval(factor * table + shift)
    low, high = sorted([factor * before.low + shift, factor * before.high + shift])
    expected = TwoWayInterval(
        factor * before.mean + shift,
        low,
        high,
        abs(factor) * before.standard_error,
        before.df,
        before.seeds,
        before.scenes,
        VarianceComponents(*(factor**2 * component for component in before.components)),
    )
    close(after, expected)


@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_seeds_and_scenes_changes_nothing(table: Table, random: Random) -> None:
    seeds, scenes = (random.sample(range(side), side) for side in table.shape)
    close(two_way_interval(table[np.ix_(seeds, scenes)]), two_way_interval(table))


@given(TABLES)
def test_seeds_and_scenes_are_treated_alike(table: Table) -> None:
    one, other = two_way_interval(table), two_way_interval(table.T)
    seed, scene, residual = other.components
    close(one, other._replace(components=VarianceComponents(scene, seed, residual)))


@given(TABLES)
def test_a_higher_level_is_wider(table: Table) -> None:
    narrow, wide = two_way_interval(table, 0.9), two_way_interval(table, 0.95)
    assert wide.low <= narrow.low <= narrow.mean <= narrow.high <= wide.high


@pytest.mark.parametrize(
    ("differences", "message"),
    [
        ([1.0, 2.0], r"but got shape \(2,\): stack"),
        (np.zeros((2, 3, 4)), r"but got shape \(2, 3, 4\): stack"),
        ([[1.0, 2.0], [1.0]], "let each seed score the same scenes"),
        ([["a", "b"], ["c", "d"]], "Expected a table of numbers"),
        (np.zeros((1, 5)), "at least 2 seeds, but got 1: one seed does not tell"),
        (np.zeros((0, 5)), "at least 2 seeds, but got 0"),
        (np.zeros((5, 1)), "at least 2 scenes, but got 1: one scene does not tell"),
        ([[1.0, np.nan], [np.inf, 2.0]], "finite figures, but 2 of 4 are not"),
    ],
)
def test_what_is_no_table_of_seeds_by_scenes(differences: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        two_way_interval(differences)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_a_level_is_a_share(level: float) -> None:
    with pytest.raises(ConfigError, match=r"between 0 and 1, but got .* 0.95"):
        two_way_interval([[1, 2], [3, 4]], level)
