"""Seeds and power: against textbook formulas, and against simulated studies."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from exposure_lab.errors import ConfigError
from exposure_lab.metrics.crossed_effects import VarianceComponents, two_way_interval
from exposure_lab.metrics.equivalence import equivalence
from exposure_lab.metrics.sample_size import (
    equivalence_power,
    expected_half_width,
    seeds_for_equivalence,
    seeds_to_decide,
)

SEEDS_ALONE = VarianceComponents(0.09, 0, 0)
"""SD of 0.3 dB between seeds; the scenes all show the same difference."""

BOTH = VarianceComponents(0.04, 0.25, 0.25)


def studies(
    components: VarianceComponents, seeds: int, scenes: int, mean: float, count: int
) -> NDArray[np.float64]:
    """Tables of differences, dB."""
    draw = np.random.default_rng(6)
    shapes = (seeds, 1), (1, scenes), (seeds, scenes)
    parts = [
        variance**0.5 * draw.normal(size=(count, *shape))
        for variance, shape in zip(components, shapes, strict=True)
    ]
    return np.asarray(mean + sum(parts))


def tost_power(sd: float, n: int, margin: float) -> float:
    """Power of two one-sided t tests on n values with mean 0, by integrating over their SD."""
    error, t = sd / math.sqrt(n), stats.t.ppf(0.95, n - 1)

    def at(ratio: float) -> float:  # (n - 1) s^2 / sd^2
        room = (margin - t * error * math.sqrt(ratio / (n - 1))) / error
        return float(max(0, 2 * stats.norm.cdf(room) - 1) * stats.chi2.pdf(ratio, n - 1))

    most = (n - 1) * (margin / error / t) ** 2
    return float(integrate.quad(at, 0, most)[0])


@pytest.mark.parametrize(("sd", "seeds"), [(0.3, 11), (0.1, 3)])
def test_seeds_for_equivalence_within_0_3_db(sd: float, seeds: int) -> None:
    """Known for a single sample: where scenes all show the same difference, seeds are one."""
    components = VarianceComponents(sd**2, 0, 0)
    assert seeds_for_equivalence(components, 124, 0.3) == seeds
    assert tost_power(sd, seeds - 1, 0.3) < 0.8 <= tost_power(sd, seeds, 0.3)
    # Half a decibel of rest, spread over 124 scenes, changes little.
    assert seeds_for_equivalence(components._replace(residual=0.25), 124, 0.3) == seeds


@pytest.mark.parametrize(("sd", "seeds"), [(0.3, 40), (0.1, 6)])
def test_scenes_that_differ_ask_for_more_seeds(sd: float, seeds: int) -> None:
    """A difference that varies by 1 dB over 124 scenes has an error of 0.09 dB of its own."""
    components = VarianceComponents(sd**2, 1, 0.25)
    assert seeds_for_equivalence(components, 124, 0.3) == pytest.approx(seeds, abs=1)
    assert seeds_for_equivalence(components, 50, 0.3) is None  # whatever the number of seeds


@pytest.mark.parametrize("seeds", [3, 6, 11])
@pytest.mark.parametrize("sd", [0.1, 0.3])
def test_power_of_one_sample(sd: float, seeds: int) -> None:
    power = equivalence_power(VarianceComponents(sd**2, 0, 0), seeds, 124, 0.3)
    assert power == pytest.approx(tost_power(sd, seeds, 0.3), abs=1e-3)


@pytest.mark.parametrize(("seeds", "effect"), [(3, 0.0), (5, 0.0), (5, 0.1), (8, -0.1)])
def test_power_is_how_often_simulated_studies_hold(seeds: int, effect: float) -> None:
    tables = studies(BOTH, seeds, 60, effect, 1500)
    held = np.mean([equivalence(table, 0.3).holds for table in tables])
    # Three SD by chance.
    assert equivalence_power(BOTH, seeds, 60, 0.3, effect) == pytest.approx(held, abs=0.039)


def test_power_of_a_difference_as_large_as_the_margin_is_the_level() -> None:
    assert equivalence_power(SEEDS_ALONE, 50, 124, 0.3, 0.3) == pytest.approx(0.05, abs=0.002)
    assert equivalence_power(SEEDS_ALONE, 50, 124, 0.3, -0.3, 0.01) == pytest.approx(0.01, abs=1e-3)


def test_half_width_of_one_sample() -> None:
    # E s = sd x 0.9400 for n = 5, the c4 of control charts; t of 4 df at 97.5 % is 2.7764.
    half = expected_half_width(SEEDS_ALONE, 5, 124)
    assert half == pytest.approx(2.7764 * 0.9400 * 0.3 / 5**0.5, rel=1e-3)


@pytest.mark.parametrize("seeds", [3, 8])
def test_half_width_of_simulated_studies(seeds: int) -> None:
    intervals = [two_way_interval(table) for table in studies(BOTH, seeds, 60, 0, 1000)]
    found = np.mean([(interval.high - interval.low) / 2 for interval in intervals])
    assert expected_half_width(BOTH, seeds, 60) == pytest.approx(found, rel=0.04)


def test_seeds_to_decide_is_the_first_number_that_is_narrow_enough() -> None:
    seeds = seeds_to_decide(BOTH, 124, 0.25)
    assert seeds is not None
    assert expected_half_width(BOTH, seeds, 124) < 0.25
    assert expected_half_width(BOTH, seeds - 1, 124) >= 0.25
    assert seeds_to_decide(BOTH, 124, 0.25, limit=seeds) == seeds
    assert seeds_to_decide(BOTH, 124, 0.25, limit=seeds - 1) is None
    assert seeds_to_decide(BOTH, 124, 0.25, level=0.99) > seeds  # type: ignore[operator]
    assert seeds_to_decide(BOTH, 124, 0.08) is None  # 1.96 x 0.5 / sqrt(124) is 0.088


@pytest.mark.parametrize(("share", "decided"), [(1.0, 0.5), (0.7, 0.8)])
def test_how_often_a_study_of_so_many_seeds_decides(share: float, decided: float) -> None:
    """A true difference of 0.3 dB, of which the 95 % interval has to leave 0 out."""
    seeds = seeds_to_decide(BOTH, 124, share * 0.3)
    assert seeds is not None
    tables = studies(BOTH, seeds, 124, 0.3, 1000)
    found = np.mean([two_way_interval(table).low > 0 for table in tables])
    # The next whole number of seeds is a little more than it takes.
    assert decided - 0.05 < found < decided + 0.15


def test_without_variance_two_seeds_decide_everything() -> None:
    none = VarianceComponents(0, 0, 0)
    assert seeds_to_decide(none, 124, 0.01) == 2
    assert seeds_for_equivalence(none, 124, 0.3, effect=0.29) == 2
    assert seeds_for_equivalence(none, 124, 0.3, effect=-0.3) is None


@pytest.mark.parametrize(
    ("components", "seeds", "scenes", "message"),
    [
        (BOTH, 1, 124, "at least 2 seeds and 2 scenes, but got 1 and 124"),
        (BOTH, 5, 1, "at least 2 seeds and 2 scenes, but got 5 and 1"),
        (BOTH._replace(scene=-1), 5, 124, "variances of 0 or more, but got"),
        (BOTH._replace(seed=math.nan), 5, 124, "variances of 0 or more, but got"),
    ],
)
def test_a_study_that_there_cannot_be(
    components: VarianceComponents, seeds: int, scenes: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        expected_half_width(components, seeds, scenes)
    with pytest.raises(ConfigError, match=message):
        equivalence_power(components, seeds, scenes, 0.3)


def test_a_target_that_there_cannot_be() -> None:
    with pytest.raises(ConfigError, match="distance above 0, but got 0: an estimate at its very"):
        seeds_to_decide(BOTH, 124, 0)
    with pytest.raises(ConfigError, match=r"power between 0 and 1, but got 80: write 80 % as 0.8"):
        seeds_for_equivalence(BOTH, 124, 0.3, power=80)
    with pytest.raises(ConfigError, match="level between 0 and 1"):
        seeds_to_decide(BOTH, 124, 0.3, level=95)
    with pytest.raises(ConfigError, match="margin above 0"):
        seeds_for_equivalence(BOTH, 124, -0.3)
