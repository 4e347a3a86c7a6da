"""Networks built from settings: as deep as the pictures allow, and no deeper."""

import pytest
import torch

from exposure_lab.errors import ConfigError
from exposure_lab.networks.build import build_discriminator
from exposure_lab.profiles.load import load_profile

DEEPEST = [(8, 1), (16, 2), (64, 4), (256, 6)]


def overrides(size: int, layers: int) -> list[str]:
    sizes = [f"data.image_size={size}", f"data.short_side={size}"]
    return [*sizes, "discriminator.width=1", f"discriminator.layers={layers}"]


@pytest.mark.parametrize(("size", "layers"), DEEPEST)
def test_the_deepest_discriminator_gives_four_logits(size: int, layers: int) -> None:
    discriminator = build_discriminator(load_profile("report", overrides(size, layers)))
    picture = torch.zeros(2, 3, size, size)
    assert discriminator(picture, picture).shape == (2, 1, 2, 2)


@pytest.mark.parametrize(("size", "layers"), DEEPEST)
def test_one_layer_deeper_there_is_nothing_to_reflect(size: int, layers: int) -> None:
    config = load_profile("report", overrides(size, layers + 1))
    message = rf"discriminator\.layers of at most {layers} for pictures of {size} px, but got"
    with pytest.raises(ConfigError, match=message):
        build_discriminator(config)
