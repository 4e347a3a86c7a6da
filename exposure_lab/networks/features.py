"""A look inside the generator: its parts by name, and what each of them hands on.

A part is called after where it stands: ``stem``, ``down 1``, ``down 2`` ..., ``bottleneck``,
``up 1``, ``up 2`` ..., ``head``. The first four or so form the way down, the encoder; what they
hand on is all that the way up, the decoder, ever learns about a picture.
"""

# B batch, C channels, h and w the height and width of a part's map

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from exposure_lab.errors import ConfigError
from exposure_lab.networks.unet import UNet


def parts(network: UNet) -> dict[str, nn.Module]:
    """Name to layer, in the order in which a picture passes through them."""
    return {
        "stem": network.stem,
        **{f"down {i}": block for i, block in enumerate(network.downs, 1)},
        "bottleneck": network.bottleneck,
        **{f"up {i}": block for i, block in enumerate(network.ups, 1)},
        "head": network.head,
    }


def encoder(network: UNet) -> list[str]:
    """Names of the parts that the decoder receives something from, the finest first."""
    return ["stem", *(f"down {i + 1}" for i in range(len(network.downs))), "bottleneck"]


def feature_maps(network: UNet, image: Tensor) -> dict[str, Tensor]:
    """What every part hands on while the network corrects a batch of pictures.

    Works on PyTorch's ``meta`` device too, where a tensor has a shape and no numbers.

    Args:
        network: in evaluation mode, unless dropout and batch statistics are wanted.
        image: (B, 3, H, W), sRGB in [-1, 1].

    Returns:
        Name to (B, C, h, w), in the order of `parts`; ``head`` is the corrected picture.

    Raises:
        ConfigError: sides that cannot be halved often enough.
    """
    maps: dict[str, Tensor] = {}

    def keep(name: str, _module: nn.Module, _given: Any, output: Tensor) -> None:
        maps[name] = output

    with ExitStack() as hooks, torch.no_grad():
        for name, part in parts(network).items():
            hooks.callback(part.register_forward_hook(partial(keep, name)).remove)
        network(image)
    return maps


def correct_holding(network: UNet, image: Tensor, held: Mapping[str, Tensor]) -> Tensor:
    """Correct pictures while the decoder receives given maps in place of the encoder's own.

    The encoder itself is left alone: holding ``down 1`` changes what its skip carries, not what
    ``down 2`` sees.

    Args:
        network: in evaluation mode, unless dropout and batch statistics are wanted.
        image: (B, 3, H, W), sRGB in [-1, 1].
        held: name of an encoder's part to the map that the decoder gets from it, in the shape
            that `feature_maps` has for this part.

    Returns:
        (B, 3, H, W), sRGB in [-1, 1].

    Raises:
        ConfigError: a name that the decoder receives nothing from.
    """
    names = encoder(network) if network.skips else ["bottleneck"]
    if unknown := [name for name in held if name not in names]:
        raise ConfigError(
            f"Expected parts that the decoder receives something from, out of {', '.join(names)}, "
            f"but got {', '.join(unknown)}."
        )

    def replace(map_: Tensor, _module: nn.Module, _given: Any, _output: Tensor) -> Tensor:
        return map_

    def replace_skip(map_: Tensor, _module: nn.Module, given: tuple[Tensor]) -> tuple[Tensor]:
        own = given[0][:, : -map_.shape[1]]  # the block's own channels stand before the skip's
        return (torch.cat([own, map_], dim=1),)

    # A skip joins behind the block up of its size, so the next layer is who receives it.
    receivers = [*network.ups, network.head][1:]
    with ExitStack() as hooks, torch.no_grad():
        for name, map_ in held.items():
            if name == "bottleneck":
                hook = network.bottleneck.register_forward_hook(partial(replace, map_))
            else:
                receiver = receivers[-1 - names.index(name)]
                hook = receiver.register_forward_pre_hook(partial(replace_skip, map_))
            hooks.callback(hook.remove)
        corrected: Tensor = network(image)
    return corrected
