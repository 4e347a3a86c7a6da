"""The learning rate schedule."""

from exposure_lab.config import OptimizerConfig


def learning_rate(settings: OptimizerConfig, done: float) -> float:
    """Learning rate of a step: constant, then linearly down to zero from `decay_from` on.

    From `halve_from` on it is half of that.

    Args:
        settings: `lr`, `decay_from` and `halve_from`.
        done: share of the run's steps that are done, 0 to 1.
    """
    left = (1 - done) / (1 - settings.decay_from) if settings.decay_from < 1 else 1.0
    halved = 0.5 if settings.halve_from <= done and settings.halve_from < 1 else 1.0
    return settings.lr * min(1.0, left) * halved
