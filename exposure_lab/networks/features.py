"""Features of the generator: its layers by name, and the feature map that each of them outputs.

A layer is named after its place: ``stem``, ``down 1``, ``down 2`` ..., ``bottleneck``,
``up 1``, ``up 2`` ..., ``head``. Stem, blocks down and
bottleneck form the encoder; their maps are all that the decoder, the way up, learns of a picture.
"""

# B batch, C channels, h and w the height and width of a feature map

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from exposure_lab.errors import ConfigError
from exposure_lab.networks.unet import UNet


def named_layers(network: UNet) -> dict[str, nn.Module]:
    """Return the layers of a generator by name, in the order in which a picture passes them."""
    return {
        "stem": network.stem,
        **{f"down {i}": block for i, block in enumerate(network.downs, 1)},
        "bottleneck": network.bottleneck,
        **{f"up {i}": block for i, block in enumerate(network.ups, 1)},
        "head": network.head,
    }


def encoder(network: UNet) -> list[str]:
    """Names of the layers whose maps the decoder receives, the finest first."""
    return ["stem", *(f"down {i + 1}" for i in range(len(network.downs))), "bottleneck"]


def feature_maps(network: UNet, image: Tensor) -> dict[str, Tensor]:
    """Compute the feature map of every layer for a batch of pictures.

    Works on PyTorch's ``meta`` device too, where a tensor has a shape and no numbers.

    Args:
        network: in evaluation mode, unless dropout and batch statistics are wanted.
        image: (B, 3, H, W), sRGB in [-1, 1].

    Returns:
        Name to (B, C, h, w), in the order of `named_layers`; ``head`` is the corrected picture.

    Raises:
        ConfigError: sides that cannot be halved often enough.
    """
    maps: dict[str, Tensor] = {}

    def keep(name: str, _module: nn.Module, _inputs: Any, output: Tensor) -> None:
        maps[name] = output

    with ExitStack() as hooks, torch.no_grad():
        for name, layer in named_layers(network).items():
            hooks.callback(layer.register_forward_hook(partial(keep, name)).remove)
        network(image)
    return maps


def correct_with_features(network: UNet, image: Tensor, overrides: Mapping[str, Tensor]) -> Tensor:
    """Correct pictures while the decoder receives other feature maps in place of the encoder's.

    The encoder itself is left alone: overriding ``down 1`` changes what its skip carries, not what
    ``down 2`` sees.

    Args:
        network: in evaluation mode, unless dropout and batch statistics are wanted.
        image: (B, 3, H, W), sRGB in [-1, 1].
        overrides: name of an encoder's layer to the map that the decoder receives from it, in the
            shape that `feature_maps` has for this layer.

    Returns:
        (B, 3, H, W), sRGB in [-1, 1].

    Raises:
        ConfigError: a name that the decoder receives nothing from.
    """
    names = encoder(network) if network.skips else ["bottleneck"]
    if unknown := [name for name in overrides if name not in names]:
        raise ConfigError(
            f"Expected layers whose maps the decoder receives, out of {', '.join(names)}, but got "
            f"{', '.join(unknown)}."
        )

    def replace(map_: Tensor, _module: nn.Module, _inputs: Any, _output: Tensor) -> Tensor:
        return map_

    def replace_skip(map_: Tensor, _module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        own = inputs[0][:, : -map_.shape[1]]  # the block's own channels stand before the skip's
        return (torch.cat([own, map_], dim=1),)

    # A skip joins behind the block up of its size, so the next layer is who receives it.
    receivers = [*network.ups, network.head][1:]
    with ExitStack() as hooks, torch.no_grad():
        for name, map_ in overrides.items():
            if name == "bottleneck":
                hook = network.bottleneck.register_forward_hook(partial(replace, map_))
            else:
                receiver = receivers[-1 - names.index(name)]
                hook = receiver.register_forward_pre_hook(partial(replace_skip, map_))
            hooks.callback(hook.remove)
        corrected: Tensor = network(image)
    return corrected
