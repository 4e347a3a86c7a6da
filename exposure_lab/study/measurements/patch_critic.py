"""What the report's discriminator sees, which sizes it takes, and what its rivals weigh."""

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from exposure_lab.errors import ConfigError
from exposure_lab.profiles.load import load_profile
from exposure_lab.study.samples import Sample

if TYPE_CHECKING:
    from torch import nn

    from exposure_lab.networks.patchgan import PatchGAN

FIGURES = (
    "values_that_see_their_patch_alone",
    "sizes_that_the_critic_takes",
    "sizes_that_both_networks_take",
    "rivals_with_more_parameters",
)

NARROW = 8
"""Channels after the first block where gradients are traced: the field does not depend on it."""

SIZES = ((256, 256), (257, 257), (300, 451), (427, 640), (768, 512), (3000, 4000))
"""Height and width, px: the report's square, one px more, and photos of usual sizes."""

WHOLE = 5
"""Blocks with stride 2 of a critic whose receptive field, 286 px, covers the report's picture."""


def measure_patch_critic(data: Path | None = None) -> list[Sample]:
    """Measure the report's discriminator at its own size.

    Args:
        data: not read.

    Returns:
        - ``values_that_see_their_patch_alone``: share of its logits, of four corners and the middle
          of the map, that depend on every pixel of their receptive field and on no other
        - ``sizes_that_the_critic_takes``: share of some sizes of pictures
        - ``sizes_that_both_networks_take``: the same, where the generator must take them as well
        - ``rivals_with_more_parameters``: share of two critics of the whole picture, one with two
          halvings more and one with a dense last layer
    """
    critic = [_takes(size) for size in SIZES]
    both = [fits and _generator_takes(size) for fits, size in zip(critic, SIZES, strict=True)]
    shares = {
        "values_that_see_their_patch_alone": _logits_that_see_their_patch(),
        "sizes_that_the_critic_takes": sum(critic) / len(SIZES),
        "sizes_that_both_networks_take": sum(both) / len(SIZES),
        "rivals_with_more_parameters": _rivals_with_more_parameters(),
    }
    return [Sample(name, (value,)) for name, value in shares.items()]


def dense_critic(size: int, width: int, channels_in: int = 6) -> "nn.Sequential":
    """Build a critic of the whole picture: four halvings, then one dense layer to one logit.

    Source: the discriminator of Radford et al. 2016 with the kernel of pix2pix.
    """
    from torch import nn

    from exposure_lab.networks.patchgan import KERNEL, PADDING

    blocks: list[nn.Module] = []
    channels = [channels_in, width, 2 * width, 4 * width, 8 * width]
    for before, after in pairwise(channels):
        blocks += [nn.Conv2d(before, after, KERNEL, 2, PADDING, bias=False)]
        blocks += [nn.BatchNorm2d(after), nn.LeakyReLU(0.2)]
    left = channels[-1] * (size // 16) ** 2
    return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(left, 1))


def critic_of(layers: int | None = None, width: int | None = None) -> "PatchGAN":
    """Build the report's discriminator, with another depth or width where one is given."""
    from exposure_lab.networks.build import build_discriminator

    chosen = {"discriminator.layers": layers, "discriminator.width": width}
    overrides = [f"{key}={value}" for key, value in chosen.items() if value is not None]
    return build_discriminator(load_profile("report", overrides)).eval()


def _logits_that_see_their_patch() -> float:
    import torch

    from exposure_lab.networks.receptive import gradient_field, map_side, seen_pixels

    size = load_profile("report").data.image_size
    last = map_side(size) - 1
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        critic = critic_of(width=NARROW).double()
        pictures = torch.rand(2, 1, 3, size, size, dtype=torch.float64) * 2 - 1
    right = []
    for row, column in ((0, 0), (0, last), (last // 2, last // 2), (last, 0), (last, last)):
        seen = gradient_field(critic, pictures[0], pictures[1], row, column) > 0
        expected = torch.zeros_like(seen)
        (top, bottom), (left, end) = (seen_pixels(index, size) for index in (row, column))
        expected[top : bottom + 1, left : end + 1] = True
        right.append(torch.equal(seen, expected))
    return sum(right) / len(right)


def _takes(size: tuple[int, int]) -> bool:
    """Whether the discriminator gives logits for pictures of this size."""
    import torch

    with torch.device("meta"):
        pictures = torch.empty(2, 1, 3, *size)
        try:
            logits = critic_of()(pictures[0], pictures[1])
        except RuntimeError:
            return False
    return bool(logits.numel())


def _generator_takes(size: tuple[int, int]) -> bool:
    """Whether the generator corrects pictures of this size, with nothing around it."""
    import torch

    from exposure_lab.networks.build import build_generator

    with torch.device("meta"):
        try:
            corrected = build_generator(load_profile("report")).eval()(torch.empty(1, 3, *size))
        except ConfigError:
            return False
    return tuple(corrected.shape[2:]) == size


def _rivals_with_more_parameters() -> float:
    import torch

    report = load_profile("report")
    size, width = report.data.image_size, report.discriminator.width
    with torch.device("meta"):
        own = _parameters(critic_of())
        rivals = [critic_of(WHOLE), dense_critic(size, width)]
    return sum(_parameters(rival) > own for rival in rivals) / len(rivals)


def _parameters(network: "nn.Module") -> int:
    return sum(parameter.numel() for parameter in network.parameters())
