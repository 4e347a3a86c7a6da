"""Crossed random effects, seeds by scenes: interval of the mean, and variance components.

Each of S trained networks, one a seed, scores all of N scenes. A figure then varies with the seed,
with the scene, and with what is particular to both. The model is

    figure[i, j] = mean + seed[i] + scene[j] + residual[i, j]

with independent normal effects: a two-way table without replication. Renderings of one scene at
several exposures are no cases of their own: average over them first.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from exposure_lab.errors import ConfigError, DataError

Floats = NDArray[np.float64]


class VarianceComponents(NamedTuple):
    """Variances of the effects of seed, scene and residual, in the figure's unit squared."""

    seed: float
    scene: float
    residual: float


class MeanSquares(NamedTuple):
    """Mean squares of a two-way table: between seeds, between scenes, and of the residuals."""

    seed: float
    scene: float
    residual: float


class TwoWayInterval(NamedTuple):
    """Mean over seeds and scenes, and its confidence interval for new seeds and new scenes.

    Over repeated studies, each with its own seeds and scenes, about 95 of 100 such intervals
    contain the true mean (where the level is 0.95). It does not say that the true mean lies in this
    one with 95 %.
    """

    mean: float
    low: float
    high: float
    standard_error: float
    df: float
    """Degrees of freedom of Student's t, by Satterthwaite's approximation; rarely whole."""
    seeds: int
    scenes: int
    components: VarianceComponents


def two_way_interval(differences: ArrayLike, level: float = 0.95) -> TwoWayInterval:
    """Compute a mean over seeds and scenes with its interval, by crossed random effects.

    An estimate of a component that is negative counts as 0. The variance of the mean is then

        seed / S + scene / N + residual / (S N)

    or, the same in mean squares (MS),

        max(MS_seed + MS_scene - MS_residual, MS_seed, MS_scene, MS_residual) / (S N)

    Where seeds differ much, a 95 % interval of 3 seeds contains the true mean in about 92 of 100
    studies, one of 5 or more in 94 to 95 (``benchmarks/interval_coverage.py``).

    Args:
        differences: (S, N), a row for each seed and a column for each scene, at least two of each:
            differences of two arms that share seeds, or any figure of one arm.
        level: share of such intervals that contain the true mean, between 0 and 1.

    Raises:
        DataError: no such table, or a figure that is not finite.
        ConfigError: a level that is no share.

    Source: Searle, Casella and McCulloch 1992, Variance Components, for the components;
    Satterthwaite 1946 for the degrees of freedom. A bootstrap of few seeds is too narrow, and none
    is exact for crossed effects (McCullagh 2000; Owen 2007).
    """
    check_level(level)
    table = _table(differences)
    seeds, scenes = table.shape
    first = float(table[0, 0])
    centred = table - first  # equal figures become exact zeros
    mean = first + float(centred.mean())
    squares = mean_squares(centred)
    components = variance_components(squares, seeds, scenes)
    error, df = (float(value) for value in error_and_df(squares, seeds, scenes))
    half = float(stdtrit(df, (1 + level) / 2)) * error
    return TwoWayInterval(mean, mean - half, mean + half, error, df, seeds, scenes, components)


def mean_squares(table: Floats) -> MeanSquares:
    """Analyse the variance of a table (S, N) of seeds by scenes, at least two of each."""
    seeds, scenes = table.shape
    mean = table.mean()
    by_seed, by_scene = table.mean(axis=1), table.mean(axis=0)
    residuals = table - by_seed[:, None] - by_scene + mean
    return MeanSquares(
        float(scenes * np.sum((by_seed - mean) ** 2) / (seeds - 1)),
        float(seeds * np.sum((by_scene - mean) ** 2) / (scenes - 1)),
        float(np.sum(residuals**2) / ((seeds - 1) * (scenes - 1))),
    )


def variance_components(squares: MeanSquares, seeds: int, scenes: int) -> VarianceComponents:
    """Estimate the components from mean squares, by analysis of variance; negative ones are 0."""
    return VarianceComponents(
        max(0.0, (squares.seed - squares.residual) / scenes),
        max(0.0, (squares.scene - squares.residual) / seeds),
        squares.residual,
    )


def error_and_df(
    squares: tuple[ArrayLike, ArrayLike, ArrayLike], seeds: int, scenes: int
) -> tuple[Floats, Floats]:
    """Estimate the standard error of a mean over seeds and scenes, and its degrees of freedom.

    The degrees of freedom are Satterthwaite's, and at least those of the smaller side, S - 1 as a
    rule. Where a component is 0 because its estimate was negative, the variance is a single mean
    square, whose own degrees of freedom would be right if that component were 0. A negative
    estimate does not prove that, so all three mean squares stay in the formula: it then gives
    fewer, and has no jump where a component turns negative.

    Args:
        squares: mean squares of seeds, scenes and residual, of one table or arrays of several.
        seeds, scenes: size of a table, at least two of each.

    Source: Satterthwaite 1946.
    """
    seed, scene, residual = (np.asarray(square, dtype=np.float64) for square in squares)
    total = np.maximum.reduce([seed + scene - residual, seed, scene, residual])
    spread = (
        seed**2 / (seeds - 1) + scene**2 / (scenes - 1) + residual**2 / ((seeds - 1) * (scenes - 1))
    )
    df = total**2 / np.where(spread == 0, 1, spread)
    return np.sqrt(total / (seeds * scenes)), np.maximum(df, min(seeds, scenes) - 1)


def check_level(level: float) -> None:
    """Check that a confidence level is a share, such as 0.95.

    Raises:
        ConfigError: it is none.
    """
    if not 0 < level < 1:
        raise ConfigError(
            f"Expected a confidence level between 0 and 1, but got {level}: write 95 % as 0.95."
        )


def _table(differences: ArrayLike) -> Floats:
    """Read a table of figures, a row for each seed and a column for each scene."""
    try:
        table = np.asarray(differences, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            "Expected a table of numbers, a row for each seed and a column for each scene, but got "
            "rows of unequal lengths, or text: let each seed score the same scenes."
        ) from error
    if table.ndim != 2:
        raise DataError(
            "Expected a table of numbers, a row for each seed and a column for each scene, but got "
            f"shape {table.shape}: stack the scores of all seeds."
        )
    for size, side in zip(table.shape, ("seed", "scene"), strict=True):
        if size < 2:
            raise DataError(
                f"Expected at least 2 {side}s, but got {size}: one {side} does not tell how far "
                f"the figure varies between {side}s, so add another."
            )
    if not np.isfinite(table).all():
        raise DataError(
            f"Expected finite figures, but {int((~np.isfinite(table)).sum())} of {table.size} are "
            "not: leave their scenes out for all seeds, and say so."
        )
    return table
