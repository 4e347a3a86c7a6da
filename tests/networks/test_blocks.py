"""Each form of a block does what its name says."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from exposure_lab.networks.blocks import DownBlock, Maxout, UpBlock, activate, double, halve
from exposure_lab.networks.unet import UNet

SIZE, WIDTH = 32, 4
CHANNELS = [4, 8, 16, 32, 32]  # after each of five halvings: at most eight times the width


def pictures(count: int = 2, size: int = SIZE) -> Tensor:
    """(count, 3, size, size) in [-1, 1]."""
    draw = torch.Generator().manual_seed(5)
    return torch.rand(count, 3, size, size, generator=draw) * 2 - 1


def parameters(network: nn.Module) -> int:
    """How many numbers a network learns."""
    return sum(parameter.numel() for parameter in network.parameters())


def expected_parameters(skips: bool = True, pieces: int = 1, up_kernel: int = 4) -> int:
    """By hand: kernel squared times channels in and out; a bias each, or a scale and a shift.

    Maxout computes `pieces` times as many channels in every layer but the head.
    """

    def layer(kernel: int, a: int, b: int, normed: bool) -> int:
        return kernel**2 * a * b * pieces + (2 if normed else 1) * b * pieces

    c = CHANNELS
    total = layer(4, 3, c[0], False) + layer(4, c[3], c[4], False)  # stem and bottleneck
    total += sum(layer(4, c[i], c[i + 1], True) for i in range(3))
    below = c[4]
    for b in (c[3], c[2], c[1], c[0]):
        total += layer(up_kernel, below, b, True)
        below = 2 * b if skips else b
    return total + up_kernel**2 * below * 3 + 3


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, {}),
        ({"skips": False}, {"skips": False}),
        ({"downsampling": "max-pool"}, {}),
        ({"upsampling": "resize"}, {"up_kernel": 3}),
        ({"activation": "maxout"}, {"pieces": 2}),
        ({"norm": "instance"}, {}),
        ({"skips": False, "activation": "maxout"}, {"skips": False, "pieces": 2}),
    ],
)
def test_every_form_has_the_shape_range_and_weights_it_should(
    choices: dict[str, Any], expected: dict[str, Any]
) -> None:
    torch.manual_seed(0)
    network = UNet(SIZE, WIDTH, **choices)
    assert parameters(network) == expected_parameters(**expected)
    corrected = network(pictures())
    assert corrected.shape == (2, 3, SIZE, SIZE)
    assert -1 <= corrected.min() <= corrected.max() <= 1
    corrected.square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.parametrize("size", [2, 4, 10])
@pytest.mark.parametrize("downsampling", ["strided", "max-pool"])
@pytest.mark.parametrize("activation", ["relu", "maxout"])
def test_down_halves_and_up_doubles(size: int, downsampling: Any, activation: Any) -> None:
    x = torch.randn(2, 3, size, size)
    halved = DownBlock(3, 5, downsampling, activation)(x)
    assert halved.shape == (2, 5, size // 2, size // 2)
    doubled = UpBlock(3, 5, activation=activation)(x)
    assert doubled.shape == (2, 5, 2 * size, 2 * size)
    resized = UpBlock(3, 5, upsampling="resize", activation=activation)(x)
    assert resized.shape == doubled.shape


def test_max_pool_keeps_the_largest_of_each_square() -> None:
    """A window of 4 starts one before the pixel that it belongs to; this weight copies it."""
    layers = nn.Sequential(*halve(1, 1, "max-pool", "relu", bias=False))
    with torch.no_grad():
        layers[1].weight.zero_()[0, 0, 1, 1] = 1
    x = torch.tensor([[1.0, 2, 0, -1], [3, -4, -5, -2], [0, 0, 7, 8], [0, 6, 9, 5]])
    assert layers(x[None, None]).squeeze().tolist() == [[3, 0], [6, 9]]


def test_max_pool_has_the_weights_of_the_strided_form() -> None:
    def shapes(downsampling: Any) -> list[tuple[int, ...]]:
        return [tuple(p.shape) for p in DownBlock(3, 5, downsampling).parameters()]

    assert shapes("max-pool") == shapes("strided")


def test_strided_convolution_by_hand() -> None:
    """Mean of 4x4 at stride 2 with a reflected border, on a ramp: 1 0 1 2, then 1 2 3 2."""
    layers = nn.Sequential(*halve(1, 1, "strided", "relu", bias=False))
    with torch.no_grad():
        layers[0].weight.fill_(1 / 16)
    ramp = torch.arange(4.0).expand(4, 4)
    assert torch.allclose(layers(ramp[None, None]).squeeze()[0], torch.tensor([1.0, 2.0]))


def test_maxout_by_hand() -> None:
    x = torch.tensor([[1.0, -2, 3], [-1, 5, 3]]).reshape(1, 2, 1, 3)
    assert Maxout()(x).flatten().tolist() == [1, 5, 3]


@pytest.mark.parametrize(("leak", "share"), [(0.0, 0.0), (0.2, 0.2)])
def test_maxout_can_be_what_relu_is(leak: float, share: float) -> None:
    x = torch.randn(2, 3, 4, 4)
    assert torch.equal(Maxout()(torch.cat([x, share * x], dim=1)), activate("relu", leak)(x))


def test_instance_norm_looks_at_each_picture_alone() -> None:
    x = pictures()
    together = DownBlock(3, 5, norm="instance").train()
    assert torch.allclose(together(x)[:1], together(x[:1]), atol=1e-5)
    mixed = DownBlock(3, 5, norm="batch").train()
    assert not torch.allclose(mixed(x)[:1], mixed(x[:1]), atol=1e-3)


def inner(picture: Tensor) -> Tensor:
    """Without the border, where padding has its own say."""
    return picture[..., 4:-4, 4:-4]


@pytest.mark.parametrize(("upsampling", "prints"), [("transposed", True), ("resize", False)])
def test_what_a_flat_map_becomes(upsampling: Any, prints: bool) -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(*double(3, 2, upsampling))
    doubled = inner(layers(torch.full((1, 3, 16, 16), 0.5))).detach()
    spread = float(doubled.std(dim=(2, 3)).max())
    assert (spread > 1e-2) == prints
    assert prints or spread < 1e-6
    # Whatever it prints comes again every two pixels: even and odd places have their own weights.
    assert torch.allclose(doubled[..., ::2, ::2], doubled[..., :1, :1], atol=1e-6)


@pytest.mark.parametrize(("upsampling", "prints"), [("transposed", True), ("resize", False)])
def test_an_untrained_network_on_a_flat_photo(upsampling: Any, prints: bool) -> None:
    torch.manual_seed(0)
    network = UNet(SIZE, WIDTH, upsampling=upsampling).eval()
    with torch.no_grad():
        corrected = network(torch.full((1, 3, SIZE, SIZE), 0.5))
    spread = float(corrected.std(dim=(2, 3)).max())
    assert spread > 1e-3 if prints else spread < 1e-6


def reached_by_one_pixel(network: UNet) -> Tensor:
    """Where the output changes at all when one pixel does: (H, W) of True and False."""
    network = network.double().eval()
    image = pictures(1).double()
    changed = image.clone()
    changed[..., 13, 18] *= -1
    with torch.no_grad():
        change: Tensor = (network(changed) - network(image)).abs().amax(dim=(0, 1))
    return change > 1e-12


def test_without_skips_one_pixel_comes_out_everywhere_or_nowhere() -> None:
    """All passes the 1x1 map, which knows no place: then each output pixel hangs on all of it."""
    torch.manual_seed(0)
    network = UNet(SIZE, WIDTH, skips=False)
    assert reached_by_one_pixel(network).float().mean() > 0.9
    network.bottleneck.register_forward_hook(lambda _, __, out: torch.zeros_like(out))
    assert not reached_by_one_pixel(network).any()


def test_with_skips_one_pixel_comes_out_at_its_place() -> None:
    torch.manual_seed(0)
    network = UNet(SIZE, WIDTH)
    network.bottleneck.register_forward_hook(lambda _, __, out: torch.zeros_like(out))
    assert reached_by_one_pixel(network)[13, 18]
