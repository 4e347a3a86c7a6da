"""Estimates of figures and effects, each with the interval that fits how it was measured."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from exposure_lab.metrics.crossed_effects import VarianceComponents, two_way_interval
from exposure_lab.study.results import ANY_SEED, Results


class Estimate(NamedTuple):
    """Mean with its standard error; an exact number has none."""

    mean: float
    standard_error: float
    df: float
    """Degrees of freedom of Student's t; infinite for an exact number."""
    seeds: int
    """Number of seeds; 0 where nothing was trained."""
    cases: int
    """Number of scenes, or of repetitions; 1 for an exact number."""
    components: VarianceComponents | None = None
    """Variances of seeds, scenes and the rest, where both were sampled."""

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Compute the confidence interval of the mean, low and high."""
        half = (
            float(student.ppf((1 + level) / 2, self.df)) * self.standard_error
            if self.standard_error
            else 0.0
        )
        return self.mean - half, self.mean + half

    def minus(self, reference: float) -> "Estimate":
        """Subtract a constant from the mean."""
        return self._replace(mean=self.mean - reference)

    def __neg__(self) -> "Estimate":
        """Turn the effect round, for a claim that predicts a smaller figure."""
        return self._replace(mean=-self.mean)


def estimate(results: Results, figure: str, arms: Sequence[str] = ()) -> Estimate | None:
    """Estimate a figure of an experiment, or the difference of two arms, from its rows.

    A figure of networks that were trained at several seeds has an interval over seeds and scenes
    (see `crossed_effects`), or over seeds alone where a run has one number. A figure that needed no
    training has one over its scenes or repetitions.

    Args:
        results: of one experiment.
        figure: name of the figure.
        arms: two arms, whose paired difference is taken, first minus second; one; or none, for a
            figure that needed no training.

    Returns:
        None where rows are missing, or are too few for an interval.
    """
    if not arms:
        sample = results.sample(figure)
        return None if sample is None else mean_of(sample.values)
    scores = results.scores(figure, arms)
    if scores is not None and results.seeds(arms) == [ANY_SEED]:
        return mean_of(scores[0].tolist())  # nothing was trained: scenes alone vary
    if scores is not None and min(scores.shape) > 1:
        whole = two_way_interval(scores)
        return Estimate(
            whole.mean,
            whole.standard_error,
            whole.df,
            whole.seeds,
            whole.scenes,
            whole.components,
        )
    values = results.run_values(figure, arms)
    if values is None or len(values) < 2:
        return None
    return mean_of(values.tolist())._replace(seeds=len(values), cases=1)


def mean_of(values: Sequence[float]) -> Estimate:
    """Estimate a mean from independent values, by Student's t; a single value is exact."""
    numbers = np.asarray(values, dtype=np.float64)
    if len(numbers) == 1:
        return Estimate(float(numbers[0]), 0.0, float("inf"), 0, 1)
    error = float(numbers.std(ddof=1) / np.sqrt(len(numbers)))
    return Estimate(float(numbers.mean()), error, len(numbers) - 1, 0, len(numbers))
