"""Phases of transposed convolutions, against torch's own layer."""

import pytest
import torch
from torch import nn

from exposure_lab.networks.phases import PHASES, even_phases, phase_sums
from exposure_lab.networks.unet import UNet


def flat_answer(layer: nn.Module, channels: int, value: float = 1.0) -> torch.Tensor:
    """What a layer makes of a flat picture, without what its borders reach."""
    with torch.inference_mode():
        return layer(torch.full((1, channels, 8, 8), value))[..., 4:-4, 4:-4]


def test_a_flat_input_shows_the_phase_sums() -> None:
    torch.manual_seed(1)
    layer = nn.ConvTranspose2d(1, 2, 4, stride=2, padding=1, bias=False)
    output = flat_answer(layer, 1)
    sums = phase_sums(layer.weight.detach())
    assert sums.shape == (4, 1, 2)
    for (row, column), total in zip(PHASES, sums, strict=True):
        # Padding 1 lets an even output row meet the odd taps, and the other way round.
        shown = output[0, :, (row + 1) % 2 :: 2, (column + 1) % 2 :: 2]
        assert torch.allclose(shown, total[0][:, None, None].expand_as(shown), atol=1e-6)


def test_sums_by_hand() -> None:
    weight = torch.arange(16.0).reshape(1, 1, 4, 4)
    # Even rows 0 and 2, even columns 0 and 2: 0 + 2 + 8 + 10, and so on.
    assert phase_sums(weight).flatten().tolist() == [20, 24, 36, 40]


def test_evened_layer_answers_flat_and_keeps_the_mean() -> None:
    torch.manual_seed(2)
    layer = nn.ConvTranspose2d(3, 2, 4, stride=2, padding=1)
    before, after = flat_answer(layer, 3), flat_answer(even_phases(layer), 3)
    assert float(before.std(dim=(2, 3)).min()) > 1e-3
    assert float(after.std(dim=(2, 3)).max()) < 1e-6
    assert torch.allclose(before.mean(dim=(2, 3)), after.mean(dim=(2, 3)), atol=1e-6)


def test_evened_network_keeps_a_card_flat_in_the_middle_and_the_given_network_as_it_was() -> None:
    torch.manual_seed(3)
    network = UNet(8, width=4, dropout=0.0).eval()
    weights = {key: value.clone() for key, value in network.state_dict().items()}
    evened = even_phases(network)
    assert isinstance(evened, UNet)
    assert all(torch.equal(weights[key], value) for key, value in network.state_dict().items())
    card = torch.zeros(1, 3, 64, 64)
    with torch.inference_mode():
        woven, flat = (unet(card)[..., 28:36, 28:36] for unet in (network, evened))
    assert float(woven.std(dim=(2, 3)).max()) > 1e-3
    assert float(flat.std(dim=(2, 3)).max()) < 1e-6


def test_other_layers_are_left_alone() -> None:
    torch.manual_seed(4)
    network = nn.Sequential(nn.Conv2d(3, 3, 4), nn.ConvTranspose2d(3, 3, 4, stride=1))
    for before, after in zip(network.parameters(), even_phases(network).parameters(), strict=True):
        assert torch.equal(before, after)


@pytest.mark.parametrize("size", [2, 6])
def test_kernels_of_other_even_sizes(size: int) -> None:
    torch.manual_seed(5)
    layer = nn.ConvTranspose2d(2, 2, size, stride=2, padding=size // 2 - 1, bias=False)
    assert float(flat_answer(even_phases(layer), 2).std(dim=(2, 3)).max()) < 1e-6
