"""Structure of the report's networks: sides, layers and what depends on what."""

from pathlib import Path
from typing import TYPE_CHECKING

from exposure_lab.profiles.load import load_profile
from exposure_lab.study.samples import Sample

if TYPE_CHECKING:
    from torch import Tensor, nn

    from exposure_lab.networks.unet import UNet

FIGURES = (
    "smallest_side",
    "side_after_six_halvings",
    "layers_that_halve_or_double",
    "mirrored_levels",
    "layers_fully_connected",
    "layers_convolutional",
    "means_of_halving_in_use",
    "kinds_of_relu_in_use",
    "gans_that_convolve",
    "picture_seen_at_the_bottom",
    "skips_that_reach_everywhere",
)

NARROW = 8
"""Channels after the stem where numbers are traced: what depends on what does not depend on it."""

SMALL = 16
"""px. Side of the pictures of the GAN of dense layers."""

SIX = 6
"""Layers down, as the report counts them."""


def measure_architecture(data: Path | None = None) -> list[Sample]:
    """Measure the structure of the report's generator at its own size, and look at other networks.

    Args:
        data: not read.

    Returns:
        - ``smallest_side``: of any feature map of a training square, px
        - ``side_after_six_halvings``: of the sixth feature map, px
        - ``layers_that_halve_or_double``: share of the layers that do so by a stride of 2
        - ``mirrored_levels``: share of the way down's maps that the way up repeats in size and
          channels
        - ``layers_fully_connected``: share of the layers in which each place of the map that comes
          out depends on each of that which goes in
        - ``layers_convolutional``: share of the layers with weights that are convolutions, norms
          left out
        - ``means_of_halving_in_use``: share of strided convolution and max-pooling that it has
        - ``kinds_of_relu_in_use``: share of ReLU and leaky ReLU that it and its critic have
        - ``gans_that_convolve``: share of two GANs, the report's and the study's of dense layers,
          that have a convolution
        - ``picture_seen_at_the_bottom``: share of the pixels that the innermost map depends on
        - ``skips_that_reach_everywhere``: share of the skips through which the pixel in the middle
          changes every pixel of the output
    """
    import torch

    from exposure_lab.networks.build import build_discriminator, build_generator
    from exposure_lab.networks.mlp import MLPDiscriminator, MLPGenerator
    from exposure_lab.networks.unet import UNet

    report = load_profile("report")
    with torch.device("meta"):
        network, critic = build_generator(report).eval(), build_discriminator(report)
        dense = MLPGenerator(SMALL), MLPDiscriminator(SMALL)
    narrow, size = load_profile("report", [f"generator.width={NARROW}"]), report.data.image_size
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        traced = build_generator(narrow).double().eval()
        picture = torch.rand(1, 3, size, size, dtype=torch.float64) * 2 - 1
    assert isinstance(network, UNet) and isinstance(traced, UNet)  # the report's kind
    shares = {
        **_sides(network, size),
        **_layers(network, size),
        "kinds_of_relu_in_use": _kinds_of_relu(network, critic),
        "gans_that_convolve": _share([_convolve(network, critic), _convolve(*dense)]),
        "picture_seen_at_the_bottom": _seen_at_the_bottom(traced, picture),
        "skips_that_reach_everywhere": _skips_that_reach_everywhere(traced, picture),
    }
    return [Sample(name, (float(value),)) for name, value in shares.items()]


def _sides(network: "UNet", size: int) -> dict[str, float]:
    """Measure the feature maps of a network on the ``meta`` device."""
    import torch

    from exposure_lab.networks.features import encoder, feature_maps

    picture = torch.empty(1, 3, size, size, device="meta")
    maps = [tuple(map_.shape[1:3]) for map_ in feature_maps(network, picture).values()]
    halvings = len(encoder(network))
    sides = [size, *(side for _, side in maps)]  # before and after each layer
    steps = [(sides[i], sides[i + 1]) for i in range(len(maps))]
    by_two = [a == 2 * b if i < halvings else 2 * a == b for i, (a, b) in enumerate(steps)]
    strided = [layer.stride == (2, 2) for layer in _convolutions(network)]
    # Down: the picture itself, then every map but the innermost. Up: the reverse, the output last.
    down, up = [(3, size), *maps[: halvings - 1]], maps[halvings:][::-1]
    return {
        "smallest_side": min(sides),
        "side_after_six_halvings": sides[SIX],
        "layers_that_halve_or_double": _share([*by_two, *strided]),
        "mirrored_levels": _share([a == b for a, b in zip(down, up, strict=True)]),
    }


def _layers(network: "UNet", size: int) -> dict[str, float]:
    """Look at the kinds of the layers."""
    from torch import nn

    modules = list(network.modules())
    # Norms have weights as well, but one a channel: they multiply each number for itself.
    weighted = [m for m in modules if getattr(getattr(m, "weight", None), "ndim", 0) > 1]
    means = [
        any(isinstance(m, nn.Conv2d) and m.stride == (2, 2) for m in modules),
        any(isinstance(m, nn.MaxPool2d) for m in modules),
    ]
    side, dense = size, []
    for layer in _convolutions(network):
        dense.append(_is_fully_connected(layer, side))
        side = side * 2 if isinstance(layer, nn.ConvTranspose2d) else side // 2
    return {
        "layers_fully_connected": _share(dense),
        "layers_convolutional": _share(
            [isinstance(m, nn.Conv2d | nn.ConvTranspose2d) for m in weighted]
        ),
        "means_of_halving_in_use": _share(means),
    }


def _kinds_of_relu(*networks: "nn.Module") -> float:
    """Share of ReLU and leaky ReLU that some networks have among their layers."""
    from torch import nn

    modules = [m for network in networks for m in network.modules()]
    return _share([any(isinstance(m, kind) for m in modules) for kind in (nn.ReLU, nn.LeakyReLU)])


def _convolve(*networks: "nn.Module") -> bool:
    """Whether any of some networks has a convolution."""
    return any(_convolutions(network) for network in networks)


def _convolutions(network: "nn.Module") -> list["nn.Conv2d | nn.ConvTranspose2d"]:
    """List the convolutions in the order in which a picture passes them."""
    from torch import nn

    return [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]


def _is_fully_connected(layer: "nn.Conv2d | nn.ConvTranspose2d", side: int) -> bool:
    """Whether each place of the map that comes out depends on each of that which goes in.

    Two corners are asked: what both of them see, all places between them see as well.
    """
    import torch
    from torch import nn

    kind = nn.ConvTranspose2d if isinstance(layer, nn.ConvTranspose2d) else nn.Conv2d
    window = kind(1, 1, 4, 2, 1, padding_mode=layer.padding_mode, bias=False).double()
    nn.init.ones_(window.weight)
    ingoing = torch.ones(1, 1, side, side, dtype=torch.float64, requires_grad=True)
    outgoing = window(ingoing)
    corners = outgoing[0, 0, 0, 0], outgoing[0, 0, -1, -1]
    seen = [torch.autograd.grad(corner, ingoing, retain_graph=True)[0] != 0 for corner in corners]
    return bool(seen[0].all() and seen[1].all())


def _seen_at_the_bottom(network: "UNet", picture: "Tensor") -> float:
    """Share of the pixels that the innermost map depends on."""
    import torch

    bottom: list[Tensor] = []
    hook = network.bottleneck.register_forward_hook(lambda *call: bottom.append(call[-1]))
    pixels = picture.clone().requires_grad_()
    network(pixels)
    hook.remove()
    (gradient,) = torch.autograd.grad(bottom[0].sum(), pixels)
    return float((gradient.abs().sum(1) > 0).double().mean())


def _skips_that_reach_everywhere(network: "UNet", picture: "Tensor") -> float:
    """Share of the skips that carry a change of the middle pixel to every pixel of the output."""
    from exposure_lab.networks.features import correct_with_features, encoder, feature_maps

    names, before = encoder(network), feature_maps(network, picture)
    marked = picture.clone()
    marked[..., picture.shape[2] // 2, picture.shape[3] // 2] = 1
    reach = []
    for skip in names[:-1]:  # the last is the bottleneck, from which all is built
        held = {name: before[name] for name in names if name != skip}
        change = correct_with_features(network, marked, held) - before["head"]
        reach.append(bool((change != 0).any(1).all()))
    return _share(reach)


def _share(parts: list[bool]) -> float:
    return sum(parts) / len(parts)
