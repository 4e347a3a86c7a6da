"""Loading a trained generator: from the weights that ship, a weights file, or a run."""

from pathlib import Path
from typing import TYPE_CHECKING

from exposure_lab.config import RunConfig, parse_config
from exposure_lab.errors import CheckpointError, ConfigError, FilesError
from exposure_lab.files.json_files import read_json_object
from exposure_lab.inference.baselines import BASELINES
from exposure_lab.weights import shipped

if TYPE_CHECKING:
    from exposure_lab.networks.build import Generator


def load_network(name: Path | str) -> tuple["Generator", RunConfig]:
    """Load a generator by name, in evaluation mode on the CPU, with the settings of its run.

    Args:
        name: of weights that ship with the package, else a weights file (``.safetensors``) or the
            folder of a run, whose last checkpoint is taken.

    Raises:
        ConfigError: none of these.
        CheckpointError: what is there cannot be read.
    """
    if str(name) in shipped.weight_names():
        name = shipped.weights_path(str(name))
    if Path(name).suffix == shipped.SUFFIX:
        return shipped.load_weights(name)
    if Path(name).is_dir():
        return load_generator(name)
    raise ConfigError(_unknown_name_message(name))


def load_generator(run: Path | str) -> tuple["Generator", RunConfig]:
    """Load the generator of a run, in evaluation mode on the CPU, with the run's settings.

    Raises:
        CheckpointError: no run, no checkpoint, or one that cannot be read.
    """
    from exposure_lab.checkpoints.checkpoint import load_latest_module
    from exposure_lab.networks.stored import generator_outline

    file = Path(run) / "config.json"
    config = _read_settings(file) if file.exists() else None
    if config is not None:
        generator = generator_outline(config)
        part = "average" if config.training.ema_decay > 0 else "generator"
        if load_latest_module(run, part, generator) is not None:
            return generator.eval(), config
    raise CheckpointError(
        f"Expected a run with a checkpoint in {run}, but there is none: train one with "
        f"`exposure-lab train --data DIR --out {run}`."
    )


def _read_settings(file: Path) -> RunConfig:
    try:
        return parse_config(read_json_object(file))
    except (FilesError, ConfigError) as error:
        raise CheckpointError(
            f"Expected the settings of a run in {file}, but they cannot be taken ({error}): bring "
            "the file back, or train again."
        ) from error


def _unknown_name_message(name: Path | str) -> str:
    known = ", ".join([*shipped.weight_names(), *BASELINES])
    return (
        f"Expected a run folder, a file of weights ({shipped.SUFFIX} or .onnx) or one of {known}, "
        f"but got {str(name)!r}: check the path."
    )
