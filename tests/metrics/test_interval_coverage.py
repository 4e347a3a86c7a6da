"""How often intervals contain the truth, in simulated studies: seeds by scenes, one figure each.

The numbers are those of a study of ours: 124 scenes that differ by 1 dB (SD), 0.5 dB beyond that.
Of R studies a share c of intervals contains the true mean; by chance that share has an SD of
sqrt(c (1 - c) / R), 0.35 % for c = 0.92 and R = 6,000. "Above 0.92" is asked of the share less
three SD: with a true coverage of 0.92 or less it would pass in 1 of 700 cases at most. A larger
simulation, from chi-squared mean squares, gave 0.951, 0.944 and 0.942 for the three SD between
seeds.
"""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from exposure_lab.metrics.crossed_effects import VarianceComponents, two_way_interval
from exposure_lab.metrics.intervals import mean_interval
from exposure_lab.metrics.sample_size import expected_half_width

STUDIES = 6000
SEEDS, SCENES = 5, 124
SEED_SDS = (0.1, 0.3, 0.6)

Tables = NDArray[np.float64]


@cache
def studies(seed_sd: float) -> Tables:
    """Tables (STUDIES, SEEDS, SCENES) of a figure whose true mean is 0, dB."""
    draw = np.random.default_rng(round(100 * seed_sd))
    return (
        seed_sd * draw.normal(size=(STUDIES, SEEDS, 1))
        + draw.normal(size=(STUDIES, 1, SCENES))
        + 0.5 * draw.normal(size=(STUDIES, SEEDS, SCENES))
    )


def covered(low: Tables, high: Tables) -> tuple[float, float]:
    """Share of intervals that contain 0, and its SD by chance."""
    share = float(np.mean((low <= 0) & (high >= 0)))
    return share, (share * (1 - share) / len(low)) ** 0.5


def bootstrap_over_scenes(tables: Tables, draws: int = 2000) -> tuple[Tables, Tables]:
    """Ends of what `mean_interval` gives for the mean figures of each scene, of all studies."""
    chosen = np.random.default_rng(0).integers(SCENES, size=(draws, SCENES))
    times = np.stack([np.bincount(row, minlength=SCENES) for row in chosen])
    means = tables.mean(axis=1) @ times.T / SCENES  # (studies, draws)
    low, high = np.percentile(means, [2.5, 97.5], axis=1)
    return low, high


@pytest.mark.slow
@pytest.mark.parametrize("seed_sd", SEED_SDS)
def test_the_two_way_interval_covers_the_true_mean(seed_sd: float) -> None:
    intervals = np.array([two_way_interval(table)[:4] for table in studies(seed_sd)])
    share, sd = covered(intervals[:, 1], intervals[:, 2])
    assert share - 3 * sd > 0.92
    assert share + 3 * sd < 0.98  # not by being far too wide
    components = VarianceComponents(seed_sd**2, 1, 0.25)
    expected = expected_half_width(components, SEEDS, SCENES)
    half_widths = (intervals[:, 2] - intervals[:, 1]) / 2
    assert half_widths.mean() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(("seed_sd", "at_most"), [(0.3, 0.8), (0.6, 0.55)])
def test_a_bootstrap_over_scenes_leaves_the_seeds_out(seed_sd: float, at_most: float) -> None:
    share, sd = covered(*bootstrap_over_scenes(studies(seed_sd)[:2000]))
    assert share + 3 * sd < at_most


def test_that_bootstrap_is_the_one_of_mean_interval() -> None:
    tables = studies(0.3)[:3]
    ends = zip(*bootstrap_over_scenes(tables), strict=True)
    for table, (low, high) in zip(tables, ends, strict=True):
        interval = mean_interval(table.mean(axis=0).tolist())
        assert (low, high) == pytest.approx((interval.low, interval.high))


@pytest.mark.slow
def test_components_are_found_on_average() -> None:
    found = np.mean([two_way_interval(table).components for table in studies(0.3)], axis=0)
    assert found == pytest.approx([0.09, 1, 0.25], rel=0.03)
