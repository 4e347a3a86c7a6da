"""Checks of a checkpoint, which may be damaged or made up, before it fills any network."""

import reprlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from exposure_lab.errors import CheckpointError, FilesError
from exposure_lab.files.json_files import read_json_object
from exposure_lab.networks.stored import first_damage, first_difference, open_tensors

FORMAT = 1

LARGEST_NUMBER = 2**53
"""Largest number of steps or seconds; a larger one may have no exact equal among floats."""

FACTORS = ("scale", "growth_factor", "backoff_factor")
"""Factors in the state of a loss scale."""

COUNTS = ("growth_interval", "_growth_tracker")
"""Counts in the state of a loss scale."""

LARGEST_COUNT = 2**31 - 1
"""Largest count of a loss scale, which a GPU keeps in 32 bits."""

Kind = type | tuple[type, ...]


class NewerCheckpointError(CheckpointError):
    """Error of a checkpoint that a newer version wrote: it is whole, and must not be replaced."""


@contextmanager
def open_checkpoint(folder: Path) -> Iterator[tuple[dict[str, Tensor], dict[str, Any]]]:
    """Open a checkpoint: its state, and its tensors as views of the file while the block runs.

    Raises:
        CheckpointError: missing or damaged.
        NewerCheckpointError: written by a newer version.
    """
    with ExitStack() as stack:
        try:
            state = read_json_object(folder / "state.json")
            _check_state(folder, state)
            tensors = stack.enter_context(open_tensors(folder / "tensors.safetensors"))
        except (FilesError, ValueError) as error:
            raise unreadable(folder, str(error)) from error
        yield tensors, state


def is_step(name: str) -> bool:
    """Whether a name is that of a checkpoint: a step in eight digits, or in more if needed."""
    return name.isascii() and name.isdigit() and name == f"{int(name):08d}"


def check_part(
    folder: Path, name: str, expected: Mapping[str, Tensor], stored: Mapping[str, Tensor]
) -> None:
    """Check that a network or its moments can be filled from a checkpoint.

    Args:
        folder: of the checkpoint.
        name: of the part, such as ``generator``.
        expected: tensors of the part that is to be filled.
        stored: tensors of that part in the checkpoint.

    Raises:
        CheckpointError: a tensor is missing, of another shape or type, or not finite.
    """
    if difference := first_difference(expected, stored):
        raise CheckpointError(
            f"Expected a {name} with the layers of this run in {folder}, but they differ: use the "
            f"settings that it was trained with ({difference})."
        )
    if damage := first_damage(stored):
        raise unreadable(folder, f"{name}: {damage}")


def check_state(folder: Path, state: Mapping[str, Any], needed: Mapping[str, Kind]) -> None:
    """Check that the state of a checkpoint holds what is needed of it.

    Args:
        folder: of the checkpoint.
        state: from its ``state.json``.
        needed: keys, and the types that their values may have.

    Raises:
        CheckpointError: something is missing or of another type.
    """
    for key, kind in needed.items():
        value = state.get(key)
        number = value if isinstance(value, int | float) else 0
        if not (isinstance(value, kind) and 0 <= number <= LARGEST_NUMBER):
            raise unreadable(folder, f"{key} in state.json is {reprlib.repr(state.get(key))}")


def check_scaler(folder: Path, scaler: Mapping[str, Any]) -> None:
    """Check the state of a loss scale; an empty one is that of a run without loss scaling.

    Args:
        folder: of the checkpoint.
        scaler: what `torch.amp.GradScaler.state_dict` gave; a later version may add to it.

    Raises:
        CheckpointError: something is missing or makes no sense.
    """
    if scaler and not _is_scaler(scaler):
        raise unreadable(folder, f"scaler in state.json is {reprlib.repr(scaler)}")


def random_states(folder: Path, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Random state for the processor, and for a GPU where this machine has one and the run had.

    Raises:
        CheckpointError: it is missing, or no random state.
    """
    gpu = ["cuda"] if "rng/cuda" in tensors and torch.cuda.is_available() else []
    states = {device: tensors.get(f"rng/{device}", torch.empty(0)) for device in ("cpu", *gpu)}
    for device, state in states.items():
        try:
            torch.Generator(device).set_state(state)
        except (RuntimeError, TypeError) as error:
            raise unreadable(folder, f"it holds no random state for {device}") from error
    return states


def _check_state(folder: Path, state: Mapping[str, Any]) -> None:
    """Check format and step. Raises CheckpointError."""
    version, step = state.get("format", 0), state.get("step")
    if type(version) is int and version > FORMAT:
        raise NewerCheckpointError(
            f"Expected a checkpoint of format {FORMAT} or older in {folder}, but got "
            f"{reprlib.repr(version)}: update exposure-lab."
        )
    if type(version) is not int or type(step) is not int or step < 0:
        raise ValueError("state.json does not tell its format and step")
    if is_step(folder.name) and int(folder.name) != step:
        raise ValueError(f"state.json is of step {reprlib.repr(step)}")


def _is_scaler(scaler: Mapping[str, Any]) -> bool:
    if not scaler.keys() >= {*FACTORS, *COUNTS}:
        return False
    factors, counts = [scaler[key] for key in FACTORS], [scaler[key] for key in COUNTS]
    if any(type(factor) not in (int, float) for factor in factors):
        return False
    if any(type(count) is not int for count in counts):
        return False
    # The scale is a float32 on the device: what is none there would be 0 or infinity.
    limits = torch.finfo(torch.float32)
    (scale, growth, backoff), (interval, tracker) = factors, counts
    makes_sense: bool = (
        limits.tiny <= scale <= limits.max
        and 0 < backoff < 1 < growth <= limits.max
        and 0 < interval <= LARGEST_COUNT
        and 0 <= tracker <= LARGEST_COUNT
    )
    return makes_sense


def unreadable(folder: Path, problem: str) -> CheckpointError:
    """Error of a checkpoint that is damaged, made up or cut short, with what is wrong."""
    return CheckpointError(
        f"Expected a whole checkpoint in {folder}, but it cannot be read ({problem}): go on from "
        "the one before it, or train again."
    )
