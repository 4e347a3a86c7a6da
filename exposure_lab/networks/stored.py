"""Networks, and what Adam keeps of them, in safetensors files that may be a stranger's.

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
from exposure_lab.networks.unet import UNet

FLOATS = (torch.float32, torch.float16, torch.bfloat16)
"""What may fill weights in single precision."""


def generator_outline(config: RunConfig) -> UNet:
    """The generator of these settings on the ``meta`` device: all its shapes, and no memory."""
    with torch.device("meta"):
        return UNet(config.data.image_size, **config.generator.model_dump())


@contextmanager
def open_tensors(path: Path | str) -> Iterator[dict[str, Tensor]]:
    """Views into a safetensors file while the block runs: copy what is to be kept.

    Raises:
        ValueError: missing, damaged, or not such a file; the message is one line.
    """
    with open_safetensors(path, "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}
    try:
        yield tensors
    finally:
        tensors.clear()


def first_difference(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> str | None:
    """The first name, shape or type in which tensors of a file differ, in words; None where none.

    Args:
        wanted: such as a network's ``state_dict()``, which may be on the ``meta`` device.
        found: in the file; nothing of their content is read.
    """
    for key, here in wanted.items():
        if key not in found:
            return f"{key} is missing"
        there = found[key]
        if there.shape != here.shape:
            return f"size mismatch for {key}: {_sides(there)} there, {_sides(here)} expected"
        if there.dtype not in (FLOATS if here.dtype == torch.float32 else (here.dtype,)):
            return f"{key} holds {there.dtype} in place of {here.dtype}"
    if extra := found.keys() - wanted.keys():
        return f"{reprlib.repr(min(extra))} belongs to no layer"
    return None


def first_damage(found: Mapping[str, Tensor]) -> str | None:
    """The first tensor with numbers that no training leaves, in words; None where there is none."""
    for key, tensor in found.items():
        if not (tensor.is_floating_point() and tensor.numel()):
            continue
        smallest, largest = tensor.aminmax()  # NaN where one is: one pass, and no copy
        if not (math.isfinite(smallest) and math.isfinite(largest)):
            return f"{key} holds numbers that are not finite"
        if key.endswith("running_var") and smallest < 0:
            return f"{key} holds a variance below zero"
    return None


def fill(network: nn.Module, found: Mapping[str, Tensor]) -> None:
    """Give a network a copy of tensors that do not differ from its own, see `first_difference`.

    On the ``meta`` device it gets them as they are, on the CPU and in its own precision.
    """
    own = network.state_dict()
    if any(tensor.is_meta for tensor in own.values()):
        copies = {key: found[key].to(own[key].dtype, copy=True) for key in own}
        network.load_state_dict(copies, assign=True)
    else:
        network.load_state_dict(dict(found))


def moments_of(optimizer: Optimizer) -> dict[str, Tensor]:
    """What Adam keeps of each parameter once it has done a step, under the names of a checkpoint.

    The tensors tell shape and type alone.
    """
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    kept: dict[str, Tensor] = {}
    for index, parameter in enumerate(parameters):
        kept[f"{index}.step"] = torch.tensor(0.0)
        kept[f"{index}.exp_avg"] = kept[f"{index}.exp_avg_sq"] = parameter
    return kept


def fill_moments(optimizer: Optimizer, found: Mapping[str, Tensor]) -> None:
    """Give an optimiser a copy of the moments of a checkpoint, which has none before a step."""
    moments: dict[int, dict[str, Tensor]] = {}
    for key, tensor in found.items():
        index, _, moment = key.partition(".")
        moments.setdefault(int(index), {})[moment] = tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
    for parameter, kept in optimizer.state.items():
        for moment, tensor in kept.items():
            # Fused Adam pairs weights and moments by their place in memory, so both need one
            # layout. A step is copied as well: as a view it would keep the whole file mapped.
            like = parameter if tensor.shape == parameter.shape else tensor
            kept[moment] = torch.empty_like(like).copy_(tensor)


def _sides(tensor: Tensor) -> str:
    return reprlib.repr(tuple(tensor.shape))
