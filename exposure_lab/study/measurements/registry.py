"""Measurements by name: what decides the claims that need no training."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.fingerprints import digest
from exposure_lab.study.measurements import (
    alternatives,
    architecture,
    counts,
    held_out,
    loss_functions,
    patch_critic,
    photos,
    speed,
    training_step,
    variation,
)
from exposure_lab.study.results import ANY_SCALE
from exposure_lab.study.samples import Sample


@dataclass(frozen=True)
class Measurement:
    """Experiment that trains nothing: a function that gives figures, one or more of them."""

    name: str
    about: str
    """What it measures, one sentence."""
    figures: tuple[str, ...]
    """Figures that it gives, in this order."""
    function: Callable[[Path | None], list[Sample]]
    """Takes the folder of a data set in MSEC layout, or None where it needs no data."""
    needs_data: bool
    on_accelerator: bool = False
    """Whether it runs on the GPU, where there is one."""

    @property
    def any_scale(self) -> bool:
        """Whether the figures are the report's own, and not those of small photos or a machine."""
        return self.name in ANY_SCALE

    @property
    def design(self) -> str:
        """SHA-256, 16 digits, over the code that measures, and over that which chooses photos."""
        modules = [inspect.getmodule(self.function), *([held_out] if self.needs_data else [])]
        return digest(self.name, *(inspect.getsource(module) for module in modules if module))[:16]


_ALL = (
    Measurement(
        "architecture",
        "Sides, layers and reach of the report's generator, at 256 px.",
        architecture.FIGURES,
        architecture.measure_architecture,
        needs_data=False,
    ),
    Measurement(
        "patch-critic",
        "What the report's discriminator sees, the sizes it takes, and its rivals' parameters.",
        patch_critic.FIGURES,
        patch_critic.measure_patch_critic,
        needs_data=False,
    ),
    Measurement(
        "loss-functions",
        "The loss functions against their formulas.",
        loss_functions.FIGURES,
        loss_functions.measure_loss_functions,
        needs_data=False,
    ),
    Measurement(
        "training-step",
        "Who is labelled what in a step of training, and what the critic moves.",
        training_step.FIGURES,
        training_step.measure_training_step,
        needs_data=False,
    ),
    Measurement(
        "variation",
        "What the report's augmentation adds to a photo, and what it leaves alone.",
        variation.FIGURES,
        variation.measure_variation,
        needs_data=False,
    ),
    Measurement(
        "counts",
        "Inputs of each split, and of an epoch.",
        counts.FIGURES,
        counts.measure_counts,
        needs_data=False,
    ),
    Measurement(
        "mean-kernel",
        "What averaging 3x3 pixels does to the brightness of a picture.",
        alternatives.MEAN_KERNEL_FIGURES,
        alternatives.measure_mean_kernel,
        needs_data=False,
    ),
    Measurement(
        "speed",
        "Time that rivals of the report's choices take, on this machine.",
        speed.FIGURES,
        speed.measure_speed,
        needs_data=False,
        on_accelerator=True,
    ),
    Measurement(
        "photos",
        "Exposures, black pixels, blur and colours of held-out photos.",
        photos.FIGURES,
        photos.measure_photos,
        needs_data=True,
    ),
    Measurement(
        "alternatives",
        "What corrections that learn nothing gain on held-out photos.",
        alternatives.FIGURES,
        alternatives.measure_alternatives,
        needs_data=True,
    ),
)

MEASUREMENTS: dict[str, Measurement] = {measurement.name: measurement for measurement in _ALL}
"""Name, as ``claims.toml`` has it, to the measurement."""
