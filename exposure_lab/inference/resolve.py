"""Image functions by name: baselines, weights, runs."""

from exposure_lab.images.array import ImageFunction
from exposure_lab.inference.baselines import BASELINES
from exposure_lab.inference.corrector import Corrector


def resolve(name: str) -> ImageFunction:
    """An image function by the name that the command line takes.

    Args:
        name: a baseline, weights that ship with the package, a weights file or a run folder.

    Raises:
        ConfigError: none of them.
        CheckpointError: weights or a run that cannot be read.
    """
    return BASELINES[name] if name in BASELINES else Corrector.load(name)
