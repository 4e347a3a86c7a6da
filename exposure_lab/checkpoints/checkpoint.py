"""Checkpoints on the disk: tensors in one safetensors file, everything else in readable JSON.

``RUN/checkpoints/00000250/`` holds ``tensors.safetensors`` and ``state.json``. The folder appears
under its name when both are whole. Nothing is pickled: a stranger's checkpoint runs no code.
"""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from exposure_lab.checkpoints.checks import (
    FORMAT,
    Kind,
    NewerCheckpointError,
    check_part,
    check_state,
    open_checkpoint,
    random_states,
)
from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.errors import CheckpointError, FilesError
from exposure_lab.files.atomic import atomic_folder
from exposure_lab.files.json_files import write_json
from exposure_lab.networks.stored import fill, fill_moments, moments_of


class Checkpoint(NamedTuple):
    """Checkpoint in memory: tensors, state, and the folder that it was read from."""

    tensors: dict[str, Tensor]
    """By keys such as ``generator/stem.0.weight`` and ``generator_optimizer/3.exp_avg``."""
    state: dict[str, Any]
    """``step``, ``seconds`` and whatever else the trainer put there."""
    folder: Path


def save_checkpoint(
    run: Path | str,
    step: int,
    modules: Mapping[str, nn.Module],
    optimizers: Mapping[str, Optimizer],
    state: Mapping[str, Any],
) -> Path:
    """Write a checkpoint for a bit-exact resume: weights, moments, random state, progress.

    Args:
        run: folder of the run.
        step: steps done; names the checkpoint.
        modules: networks by name.
        optimizers: by name.
        state: anything that JSON can hold.

    Raises:
        FilesError: no space or no permission; the checkpoints before it are untouched.
    """
    tensors: dict[str, Tensor] = {"rng/cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors["rng/cuda"] = torch.cuda.get_rng_state()
    for name, module in modules.items():
        for key, tensor in module.state_dict().items():
            tensors[f"{name}/{key}"] = tensor
    for name, optimizer in optimizers.items():
        for index, moments in optimizer.state_dict()["state"].items():
            for key, tensor in moments.items():
                tensors[f"{name}/{index}.{key}"] = tensor
    folder = Path(run) / "checkpoints" / f"{step:08d}"
    # A folder of this step is there after a resume from an older one: it was the unreadable one.
    with atomic_folder(folder, replace=True) as temporary:
        contents = {key: t.detach().cpu().contiguous() for key, t in tensors.items()}
        try:
            save_file(contents, temporary / "tensors.safetensors")
        except SafetensorError as error:  # how the writer reports a full disk
            raise FilesError(
                f"Expected room for a checkpoint at {folder}, but writing failed ({error}): free "
                "some space and go on with --resume."
            ) from error
        write_json(temporary / "state.json", {"format": FORMAT, "step": step, **state})
    return folder


def load_checkpoint(folder: Path | str) -> Checkpoint:
    """Read one checkpoint into memory.

    Raises:
        CheckpointError: missing, damaged, or written by a newer version of this package.
    """
    folder = Path(folder)
    with open_checkpoint(folder) as (tensors, state):
        return Checkpoint({key: t.clone() for key, t in tensors.items()}, state, folder)


def latest_checkpoint(run: Path | str) -> Checkpoint | None:
    """Read the newest checkpoint of a run that can be read; None where there is none.

    An unreadable one is passed over with a warning that names it. One of a newer version is not: it
    is whole, and going on from an older one would replace it.

    Raises:
        CheckpointError: there are checkpoints, and none can be read; or a newer version wrote it.
    """
    return _newest(run, load_checkpoint)


def restore_latest(
    run: Path | str,
    modules: Mapping[str, nn.Module],
    optimizers: Mapping[str, Optimizer],
    required: Mapping[str, Kind] = {},
    check: Callable[[Checkpoint], None] = lambda checkpoint: None,
) -> Checkpoint | None:
    """Restore a run from its newest checkpoint that fits, see `latest_checkpoint`.

    The tensors go straight from the file to the networks, so that none is in memory twice.

    Args:
        run: folder of the run.
        modules: networks by name.
        optimizers: by name.
        required: what else its state must hold, and of which type.
        check: raises CheckpointError where a checkpoint with such a state is of no use all the
            same; it is then passed over as a damaged one is.

    Returns:
        The checkpoint without its tensors, or None where there is none.

    Raises:
        CheckpointError: there are checkpoints, and none fits; or a newer version wrote it.
    """

    def fill_all(checkpoint: Checkpoint) -> None:
        check_state(checkpoint.folder, checkpoint.state, required)
        check(checkpoint)
        restore(checkpoint, modules, optimizers)

    return _newest(run, lambda folder: _consume(folder, fill_all))


def load_latest_module(run: Path | str, name: str, module: nn.Module) -> Checkpoint | None:
    """Fill one network as `restore_latest` does; it may be on the ``meta`` device."""

    def fill_module(checkpoint: Checkpoint) -> None:
        load_module(checkpoint, name, module)

    return _newest(run, lambda folder: _consume(folder, fill_module))


def restore(
    checkpoint: Checkpoint, modules: Mapping[str, nn.Module], optimizers: Mapping[str, Optimizer]
) -> None:
    """Restore networks, optimisers and the random state from a checkpoint.

    All of it is checked before any of it is changed.

    Raises:
        CheckpointError: a network has other layers than the checkpoint, or a number is not finite.
    """
    for name, module in modules.items():
        check_part(checkpoint.folder, name, module.state_dict(), _tensors_of(checkpoint, name))
    for name, optimizer in optimizers.items():
        if moments := _tensors_of(checkpoint, name):  # none before the first step
            check_part(checkpoint.folder, name, moments_of(optimizer), moments)
    random = random_states(checkpoint.folder, checkpoint.tensors)
    for name, module in modules.items():
        fill(module, _tensors_of(checkpoint, name))
    for name, optimizer in optimizers.items():
        fill_moments(optimizer, _tensors_of(checkpoint, name))
    torch.set_rng_state(random["cpu"])
    if "cuda" in random:
        torch.cuda.set_rng_state(random["cuda"])


def load_module(checkpoint: Checkpoint, name: str, module: nn.Module) -> None:
    """Fill one network from a checkpoint.

    Raises:
        CheckpointError: the network has other layers than the checkpoint, or a weight is not
            finite.
    """
    stored = _tensors_of(checkpoint, name)
    check_part(checkpoint.folder, name, module.state_dict(), stored)
    fill(module, stored)


def _newest(run: Path | str, read: Callable[[Path], Checkpoint]) -> Checkpoint | None:
    """Read the newest checkpoint that can be read, with a warning for each that is passed over."""
    problems: list[CheckpointError] = []
    for folder in reversed(checkpoint_folders(run)):
        try:
            checkpoint = read(folder)
        except NewerCheckpointError:
            raise
        except CheckpointError as error:
            # Its traceback holds views of the file, which would stay mapped until a collection.
            problems.append(error.with_traceback(None))
        else:
            for problem in problems:
                warnings.warn(f"{problem} The one before it is used.", stacklevel=3)
            return checkpoint
    if problems:
        raise problems[0]
    return None


def _consume(folder: Path, use: Callable[[Checkpoint], None]) -> Checkpoint:
    """Let a function use a checkpoint's tensors, and return what is left: state and folder."""
    with open_checkpoint(folder) as (tensors, state):
        use(Checkpoint(tensors, state, folder))
    return Checkpoint({}, state, folder)


def _tensors_of(checkpoint: Checkpoint, name: str) -> dict[str, Tensor]:
    """Tensors of one network or optimiser, under its own names for them."""
    prefix = name + "/"
    return {
        key.removeprefix(prefix): tensor
        for key, tensor in checkpoint.tensors.items()
        if key.startswith(prefix)
    }
