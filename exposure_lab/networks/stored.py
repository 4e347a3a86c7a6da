"""Networks and Adam's moments in safetensors files, which may come from a stranger.

An open file is mapped: its tensors have a shape and a type before a byte of them is read, so they
are compared with the network's before memory is taken. Nothing stays mapped, since Windows neither
replaces nor removes a file that is.
"""

import math
import reprlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from exposure_lab.config import RunConfig
from exposure_lab.files.safetensors_file import open_safetensors
from exposure_lab.networks.build import Generator, build_generator

FLOATS = (torch.float32, torch.float16, torch.bfloat16)
"""Types of stored numbers that may fill weights in single precision."""


def generator_outline(config: RunConfig) -> Generator:
    """Build the generator of a run on the ``meta`` device: all its shapes, and no memory."""
    with torch.device("meta"):
        return build_generator(config)


@contextmanager
def open_tensors(path: Path | str) -> Iterator[dict[str, Tensor]]:
    """Open a safetensors file, whose tensors are views while the block runs: copy what is kept.

    Raises:
        ValueError: missing, damaged, or not such a file; the message is one line.
    """
    with open_safetensors(path, "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}
    try:
        yield tensors
    finally:
        tensors.clear()


def first_difference(expected: Mapping[str, Tensor], stored: Mapping[str, Tensor]) -> str | None:
    """Describe the first name, shape or type in which stored tensors differ; None where none does.

    Args:
        expected: such as a network's ``state_dict()``, which may be on the ``meta`` device.
        stored: in the file; nothing of their content is read.
    """
    for key, here in expected.items():
        if key not in stored:
            return f"{key} is missing"
        there = stored[key]
        if there.shape != here.shape:
            return (
                f"size mismatch for {key}: {_shape_text(there)} there, {_shape_text(here)} expected"
            )
        if there.dtype not in (FLOATS if here.dtype == torch.float32 else (here.dtype,)):
            return f"{key} holds {there.dtype} in place of {here.dtype}"
    if extra := stored.keys() - expected.keys():
        return f"{reprlib.repr(min(extra))} belongs to no layer"
    return None


def first_damage(stored: Mapping[str, Tensor]) -> str | None:
    """Describe the first tensor with numbers that no training leaves; None where there is none."""
    for key, tensor in stored.items():
        if not (tensor.is_floating_point() and tensor.numel()):
            continue
        smallest, largest = tensor.aminmax()  # NaN where one is: one pass, and no copy
        if not (math.isfinite(smallest) and math.isfinite(largest)):
            return f"{key} holds numbers that are not finite"
        if key.endswith("running_var") and smallest < 0:
            return f"{key} holds a variance below zero"
    return None


def fill(network: nn.Module, stored: Mapping[str, Tensor]) -> None:
    """Fill a network with copies of stored tensors that fit it, see `first_difference`.

    On the ``meta`` device its weights become tensors on the CPU, in its own precision.
    """
    own = network.state_dict()
    if any(tensor.is_meta for tensor in own.values()):
        copies = {key: stored[key].to(own[key].dtype, copy=True) for key in own}
        network.load_state_dict(copies, assign=True)
    else:
        network.load_state_dict(dict(stored))


def moments_of(optimizer: Optimizer) -> dict[str, Tensor]:
    """Name what Adam keeps of each parameter once it has done a step, as a checkpoint does.

    The tensors tell shape and type alone.
    """
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    moments: dict[str, Tensor] = {}
    for index, parameter in enumerate(parameters):
        moments[f"{index}.step"] = torch.tensor(0.0)
        moments[f"{index}.exp_avg"] = moments[f"{index}.exp_avg_sq"] = parameter
    return moments


def fill_moments(optimizer: Optimizer, stored: Mapping[str, Tensor]) -> None:
    """Fill an optimiser with copies of a checkpoint's moments, none where it did no step yet."""
    moments: dict[int, dict[str, Tensor]] = {}
    for key, tensor in stored.items():
        index, _, moment = key.partition(".")
        moments.setdefault(int(index), {})[moment] = tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
    for parameter, state in optimizer.state.items():
        for moment, tensor in state.items():
            # Fused Adam pairs weights and moments by their place in memory, so both need one
            # layout. A step is copied as well: as a view it would keep the whole file mapped.
            like = parameter if tensor.shape == parameter.shape else tensor
            state[moment] = torch.empty_like(like).copy_(tensor)


def _shape_text(tensor: Tensor) -> str:
    return reprlib.repr(tuple(tensor.shape))
