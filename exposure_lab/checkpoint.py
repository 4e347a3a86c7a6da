"""A run on the disk: every tensor in one safetensors file, everything else in readable JSON.

``RUN/checkpoints/00000250/`` holds ``tensors.safetensors`` and ``state.json``. The folder appears
under its name when both are whole. Nothing is pickled: a stranger's checkpoint runs no code.
"""

import shutil
import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from exposure_lab.errors import CheckpointError, FilesError
from exposure_lab.files import atomic_folder, read_json, write_json

FORMAT = 1
KEEP_LAST = 2
"""Two, so that an unreadable newest one leaves the previous one to go on from."""


class Checkpoint(NamedTuple):
    """What `load_checkpoint` gives."""

    tensors: dict[str, Tensor]
    """Keys such as ``generator/stem.0.weight`` and ``generator_optimizer/3.exp_avg``."""
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
    """Write what a bit-exact resume needs: weights, optimiser moments, random state, position.

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


def prune_checkpoints(run: Path | str, keep: Collection[int] = ()) -> None:
    """Remove all checkpoints but the last two and those of the steps to keep."""
    for old in checkpoint_folders(run)[:-KEEP_LAST]:
        if int(old.name) not in keep:
            shutil.rmtree(old)


def sweep_checkpoints(run: Path | str) -> None:
    """Remove what a killed process left half-written; only the owner of the run may call it."""
    for left in (Path(run) / "checkpoints").glob(".*"):
        shutil.rmtree(left)


def load_checkpoint(folder: Path | str) -> Checkpoint:
    """Read one checkpoint.

    Raises:
        CheckpointError: missing, damaged, or written by a newer version of this package.
    """
    return _known(_read(Path(folder)))


def _read(folder: Path) -> Checkpoint:
    """Read one of any format. Raises CheckpointError where it is missing or damaged."""
    try:
        state = read_json(folder / "state.json")
        tensors = load_file(folder / "tensors.safetensors")
    except (FilesError, OSError, SafetensorError) as error:
        raise CheckpointError(
            f"Expected a whole checkpoint in {folder}, but it cannot be read ({error}): go on from "
            "the one before it, or train again."
        ) from error
    return Checkpoint(tensors, state, folder)


def _known(checkpoint: Checkpoint) -> Checkpoint:
    """See that this version can tell what is in a checkpoint. Raises CheckpointError."""
    written = checkpoint.state.get("format", 0)
    if written > FORMAT:
        raise CheckpointError(
            f"Expected a checkpoint of format {FORMAT} or older in {checkpoint.folder}, but got "
            f"{written}: update exposure-lab."
        )
    return checkpoint


def latest_checkpoint(run: Path | str) -> Checkpoint | None:
    """The newest checkpoint of a run that can be read, or None where there is none.

    An unreadable one is passed over with a warning that names it. One of a newer version is not: it
    is whole, and going on from an older one would replace it.

    Raises:
        CheckpointError: there are checkpoints, and none can be read; or a newer version wrote it.
    """
    folders = checkpoint_folders(run)
    for folder in reversed(folders):
        try:
            found = _read(folder)
        except CheckpointError as error:
            if folder == folders[0]:
                raise
            warnings.warn(f"{error} The one before it is used.", stacklevel=2)
        else:
            return _known(found)
    return None


def checkpoint_folders(run: Path | str) -> list[Path]:
    """The checkpoints of a run, oldest first."""
    folder = Path(run) / "checkpoints"
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.name.isdigit())


def restore(
    checkpoint: Checkpoint, modules: Mapping[str, nn.Module], optimizers: Mapping[str, Optimizer]
) -> None:
    """Put everything back where `save_checkpoint` found it, the random state included.

    Raises:
        CheckpointError: a network has other layers than the checkpoint.
    """
    for name, module in modules.items():
        load_module(checkpoint, name, module)
    for name, optimizer in optimizers.items():
        moments: dict[int, dict[str, Tensor]] = {}
        for key, tensor in _under(checkpoint, name).items():
            index, _, moment = key.partition(".")
            moments.setdefault(int(index), {})[moment] = tensor
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": moments, "param_groups": groups})
        # Fused Adam pairs weights and moments by their place in memory, so both need one layout.
        for parameter, kept in optimizer.state.items():
            for moment, tensor in kept.items():
                if tensor.shape == parameter.shape:
                    kept[moment] = torch.empty_like(parameter).copy_(tensor)
    torch.set_rng_state(checkpoint.tensors["rng/cpu"])
    if "rng/cuda" in checkpoint.tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(checkpoint.tensors["rng/cuda"])


def load_module(checkpoint: Checkpoint, name: str, module: nn.Module) -> None:
    """Fill one network from a checkpoint.

    Raises:
        CheckpointError: the network has other layers than the checkpoint.
    """
    try:
        module.load_state_dict(_under(checkpoint, name))
    except RuntimeError as error:
        raise CheckpointError(
            f"Expected a {name} with the layers of this run in {checkpoint.folder}, but they "
            "differ: use the settings that it was trained with "
            f"({str(error).splitlines()[-1].strip().rstrip('.')})."
        ) from error


def _under(checkpoint: Checkpoint, name: str) -> dict[str, Tensor]:
    prefix = name + "/"
    return {
        key.removeprefix(prefix): tensor
        for key, tensor in checkpoint.tensors.items()
        if key.startswith(prefix)
    }
