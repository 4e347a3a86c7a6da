"""Weights that ship with the package, each with its recipe and its model card.

``NAME.toml`` is the recipe: what departs from the report's own settings, and why.
``NAME.safetensors`` holds a generator in half precision; its header says in JSON how it was made
and how it scores.
``NAME.md`` is the model card.
``NAME.onnx`` is the same network for onnxruntime, where it is small enough to ship twice.
All but the recipe come from `exposure-lab weights build NAME`.
"""

import json
import tomllib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from exposure_lab.config import RunConfig, parse_config
from exposure_lab.errors import CheckpointError, ConfigError
from exposure_lab.files.atomic import write_bytes
from exposure_lab.files.json_files import parse_json
from exposure_lab.files.safetensors_file import open_safetensors
from exposure_lab.profiles.load import Departure, departures_of, parse_profile

if TYPE_CHECKING:
    from exposure_lab.networks.build import Generator

DEFAULT = "grid-s"
"""Name of the weights that `correct` takes by default."""

SUFFIX = ".safetensors"


class Recipe(NamedTuple):
    """Recipe of shipped weights: the settings of their run and the text of their card."""

    name: str
    config: RunConfig
    departures: list[Departure]
    """From the report's own settings."""
    card: dict[str, str]
    """Text of the model card on the data, its licence and the network's limits, in Markdown."""
    rendering: dict[str, Any] | None = None
    """How the photos were rendered: arguments of `synthesize`, and under ``variation`` those of a
    `Variation`. None for the five exposures of `berkeley_set`."""


def weight_names() -> list[str]:
    """List the names under which weights ship."""
    return sorted(
        Path(file.name).stem for file in _folder().iterdir() if file.name.endswith(".toml")
    )


def load_recipe(name: str) -> Recipe:
    """Load the recipe of weights that ship.

    Raises:
        ConfigError: unknown name.
    """
    if name not in weight_names():
        raise ConfigError(
            f"Expected weights, one of {', '.join(weight_names())}, but got {name!r}."
        )
    own = tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8"))
    card, rendering = own.pop("card"), own.pop("rendering", None)
    return Recipe(name, parse_profile(own, name), departures_of(own), card, rendering)


def weights_path(name: str) -> Path:
    """Path of the file of weights that ship."""
    return Path(str(_folder() / f"{name}{SUFFIX}"))


def exported_path(name: str) -> Path:
    """Path of the exported network beside weights that ship; not all have one."""
    return Path(str(_folder() / f"{name}.onnx"))


def save_weights(
    path: Path | str, generator: "Generator", config: RunConfig, report: dict[str, Any]
) -> None:
    """Write a generator in half precision; the running statistics of its norms stay in full.

    Args:
        path: ending in ``.safetensors``.
        generator: in any mode, on any device.
        config: settings of its training.
        report: how it was made and how it scores; anything that JSON can hold.

    Raises:
        FilesError: no space or no permission.
    """
    import torch
    from safetensors.torch import save

    tensors = {
        key: (tensor.half() if _is_stored_as_half(key, tensor.dtype == torch.float32) else tensor)
        .detach()
        .cpu()
        .contiguous()
        for key, tensor in generator.state_dict().items()
    }
    header = {"config": config.model_dump_json(), "report": json.dumps(report, allow_nan=False)}
    write_bytes(path, save(tensors, header))  # save_file would make it readable for its owner only


def load_weights(path: Path | str) -> tuple["Generator", RunConfig]:
    """Load the generator of a weights file, in evaluation mode on the CPU, and its settings.

    Raises:
        CheckpointError: missing, damaged, or not written by `save_weights`.
    """
    from exposure_lab.networks.stored import (
        fill,
        first_damage,
        first_difference,
        generator_outline,
        open_tensors,
    )

    try:
        config = parse_config(_read_header(path, "config"))
    except ConfigError as error:
        raise CheckpointError(
            f"Expected settings of a run in the header of {path}, but they are none ({error}): "
            "build or fetch the weights again."
        ) from error
    generator = generator_outline(config)
    try:
        with open_tensors(path) as tensors:
            difference = first_difference(generator.state_dict(), tensors)
            if problem := difference or first_damage(tensors):
                raise ValueError(problem)
            fill(generator, tensors)
    except ValueError as error:
        raise CheckpointError(
            f"Expected the weights of a generator in {path}, but they do not load ({error}): build "
            "or fetch them again."
        ) from error
    return generator.eval(), config


def read_report(path: Path | str) -> dict[str, Any]:
    """Read how a weights file was made and how it scores. Raises as `load_weights`."""
    return _read_header(path, "report")


def _read_header(path: Path | str, key: str) -> dict[str, Any]:
    """Read one of the two objects in the header of a weights file; needs no torch."""
    try:
        with open_safetensors(path, "numpy") as file:
            header: dict[str, str] = file.metadata() or {}
    except ValueError as error:
        raise CheckpointError(
            f"Expected a weights file at {path}, but it cannot be read ({error}): check the path, "
            "or build it with `exposure-lab weights build`."
        ) from error
    if not {"config", "report"} <= header.keys():
        raise CheckpointError(
            f"Expected weights of exposure-lab in {path}, but its header names no settings: build "
            "them with `exposure-lab weights build`."
        )
    problem = "it is no object"
    try:
        if isinstance(content := parse_json(header[key]), dict):
            return content
    except ValueError as error:
        problem = str(error)
    raise CheckpointError(
        f"Expected a JSON object under {key} in the header of {path}, but {problem}: build or "
        "fetch the weights again."
    )


def _is_stored_as_half(key: str, is_float: bool) -> bool:
    # A variance over training can be larger than half precision holds, and there are few of them.
    return is_float and "running_" not in key


def _folder() -> Any:
    return resources.files("exposure_lab.weights")
