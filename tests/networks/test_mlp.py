"""Networks of dense layers: no convolution in them, and the shapes that the training step needs."""

import pytest
import torch
from torch import nn

from exposure_lab.networks.mlp import MLPDiscriminator, MLPGenerator


def test_the_generator_gives_a_picture_of_the_same_size() -> None:
    output = MLPGenerator(16)(torch.zeros(2, 3, 16, 16))
    assert output.shape == (2, 3, 16, 16)
    assert output.abs().max() <= 1


def test_the_discriminator_gives_one_logit_a_picture() -> None:
    pictures = torch.rand(2, 3, 16, 16)
    assert MLPDiscriminator(16)(pictures, pictures).shape == (2, 1, 1, 1)


@pytest.mark.parametrize("network", [MLPGenerator(16), MLPDiscriminator(16)])
def test_there_is_no_convolution(network: nn.Module) -> None:
    assert not [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    assert len([layer for layer in network.modules() if isinstance(layer, nn.Linear)]) >= 2
