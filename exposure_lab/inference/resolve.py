"""Models by name: baselines, weights that ship, weights files and runs."""

from dataclasses import dataclass
from functools import cache

from exposure_lab.images.array import Array
from exposure_lab.inference.baselines import BASELINES
from exposure_lab.inference.corrector import Corrector, FunctionCorrector, PhotoCorrector


def resolve(name: str) -> PhotoCorrector:
    """Load a model by the name that the command line takes; it is an image function as well.

    Args:
        name: a baseline, weights that ship with the package, a weights file or a run folder.

    Raises:
        ConfigError: none of them.
        CheckpointError: weights or a run that cannot be read.
    """
    return FunctionCorrector(BASELINES[name]) if name in BASELINES else Corrector.load(name)


@cache
def load_model(name: str) -> PhotoCorrector:
    """Load a model as `resolve` does, once in a process: a file that changes later is not read."""
    return resolve(name)


@dataclass(frozen=True)
class LazyModel:
    """An image function that is loaded by its name when it is first called.

    Unlike a network it is quickly sent to another process, which loads it once for itself.
    """

    name: str
    """As `resolve` takes it."""

    def __call__(self, image: Array) -> Array:
        return self.load()(image)

    def load(self) -> PhotoCorrector:
        """Load the model; see `load_model`."""
        return load_model(self.name)
