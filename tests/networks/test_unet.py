"""The generator is the report's, layer by layer."""

import pytest
import torch

from exposure_lab.errors import ConfigError
from exposure_lab.networks.unet import UNet


def parameters(network: torch.nn.Module) -> int:
    """How many numbers a network learns."""
    return sum(parameter.numel() for parameter in network.parameters())


def pictures(count: int, height: int, width: int, seed: int = 0) -> torch.Tensor:
    """(count, 3, height, width) in [-1, 1]."""
    draw = torch.Generator().manual_seed(seed)
    return torch.rand(count, 3, height, width, generator=draw) * 2 - 1


def test_parameter_count_of_the_report() -> None:
    def convolution(a: int, b: int) -> int:
        return 4 * 4 * a * b

    def normed(a: int, b: int) -> int:  # no bias; a scale and a shift per channel
        return convolution(a, b) + 2 * b

    stem = convolution(3, 64) + 64
    downs = normed(64, 128) + normed(128, 256) + normed(256, 512) + 3 * normed(512, 512)
    bottleneck = convolution(512, 512) + 512
    # After the first block up, each sees its own output beside the skip: twice the channels.
    ups = normed(512, 512) + 3 * normed(2 * 512, 512)
    ups += normed(2 * 512, 256) + normed(2 * 256, 128) + normed(2 * 128, 64)
    head = convolution(2 * 64, 3) + 3
    assert stem + downs + bottleneck + ups + head == 54_414_531
    with torch.device("meta"):
        assert parameters(UNet(256, 64)) == 54_414_531


@pytest.mark.parametrize(("size", "halvings"), [(8, 3), (16, 4), (64, 6), (256, 8)])
def test_depth_follows_the_size(size: int, halvings: int) -> None:
    with torch.device("meta"):
        network = UNet(size, 4)
    assert 1 + len(network.downs) + 1 == halvings  # stem, blocks, bottleneck
    assert len(network.ups) + 1 == halvings  # blocks, head
    assert 2**halvings == size


@pytest.mark.parametrize("size", [8, 16, 32, 64])
def test_bottleneck_is_one_pixel(size: int) -> None:
    network = UNet(size, 2)
    seen: list[tuple[int, ...]] = []
    network.bottleneck.register_forward_hook(lambda _, __, out: seen.append(tuple(out.shape[2:])))
    assert network(pictures(2, size, size)).shape == (2, 3, size, size)
    assert seen == [(1, 1)]


@pytest.mark.parametrize("shape", [(16, 16), (32, 16), (48, 64)])
def test_shape_range_and_type(shape: tuple[int, int]) -> None:
    corrected = UNet(16, 4)(pictures(2, *shape))
    assert corrected.shape == (2, 3, *shape)
    assert corrected.dtype == torch.float32
    assert -1 <= corrected.min() <= corrected.max() <= 1


@pytest.mark.parametrize("size", [0, 1, 4, 12, 100, 255])
def test_size_that_cannot_be_halved_is_refused(size: int) -> None:
    with pytest.raises(ConfigError, match=f"power of two from 8 up, .* but got {size}"):
        UNet(size, 4)


@pytest.mark.parametrize("shape", [(17, 16), (16, 24), (8, 8)])
def test_sides_that_do_not_fit_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match=rf"multiples of 16 px, but got {shape[0]}x{shape[1]}"):
        UNet(16, 4)(pictures(1, *shape))


def test_every_parameter_gets_a_gradient() -> None:
    torch.manual_seed(0)
    network = UNet(16, 4, dropout=0)
    network(pictures(4, 16, 16)).square().mean().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().max() > 0, name


def test_skips_carry_detail_around_the_bottleneck() -> None:
    network = UNet(16, 4).eval()
    image = pictures(1, 16, 16)
    with_bottleneck = network(image)
    network.bottleneck.register_forward_hook(lambda _, __, out: torch.zeros_like(out))
    changed = image.clone()
    changed[..., 3, 5] *= -1
    assert not torch.equal(network(changed), network(image))
    assert not torch.equal(network(image), with_bottleneck)  # and the bottleneck counts as well


@pytest.fixture
def trained() -> UNet:
    """Running statistics that are no longer those of a new network."""
    torch.manual_seed(0)
    network = UNet(16, 4)
    for seed in range(3):
        network(pictures(4, 16, 16, seed))
    return network.eval()


def test_evaluation_mode_is_deterministic(trained: UNet) -> None:
    image = pictures(2, 16, 16, 9)
    assert torch.equal(trained(image), trained(image))
    trained.train()
    assert not torch.equal(trained(image), trained(image))  # dropout draws again


def test_evaluation_mode_ignores_the_other_pictures(trained: UNet) -> None:
    image, others = pictures(1, 16, 16, 9), pictures(3, 16, 16, 10)
    together = trained(torch.cat([image, others]))[:1]
    assert torch.allclose(trained(image), together, atol=1e-6)
    trained.train()
    for block in trained.modules():
        if isinstance(block, torch.nn.Dropout):
            block.eval()
    together = trained(torch.cat([image, others]))[:1]
    assert not torch.allclose(trained(image), together, atol=1e-3)  # BatchNorm mixes them


def test_dropout_in_the_first_three_blocks_up_alone() -> None:
    with torch.device("meta"):
        network = UNet(256, 4, dropout=0.3)
    rates = [m.p for m in network.ups.modules() if isinstance(m, torch.nn.Dropout)]
    assert [p for p in rates if p] == [0.3] * 3
    assert rates[:3] == [0.3] * 3


def test_no_norm_in_stem_and_bottleneck() -> None:
    network = UNet(16, 4)
    for part in (network.stem, network.bottleneck, network.head):
        assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in part.modules())
    for block in (*network.downs, *network.ups):
        assert any(isinstance(m, torch.nn.BatchNorm2d) for m in block.modules())


def test_layers_of_the_report() -> None:
    network = UNet(16, 4)
    modules = list(network.modules())
    assert {m.padding_mode for m in modules if isinstance(m, torch.nn.Conv2d)} == {"reflect"}
    assert {m.negative_slope for m in modules if isinstance(m, torch.nn.LeakyReLU)} == {0.2}
    assert isinstance(modules[-1], torch.nn.Tanh)


def test_flat_picture_has_no_border() -> None:
    # Padding with zeros would darken the edge of every picture.
    features = UNet(16, 4).stem(torch.full((1, 3, 16, 16), 0.5))
    assert torch.allclose(features, features[..., :1, :1].expand_as(features), atol=1e-6)


def test_pictures_that_are_not_normalised_reach_the_layers_in_0_1() -> None:
    """Scaled by hand before it, the normalised network of the same weights gives the same."""
    torch.manual_seed(0)
    raw = UNet(16, width=4, normalised=False).eval()
    plain = UNet(16, width=4).eval()
    plain.load_state_dict(raw.state_dict())
    image = torch.rand(2, 3, 16, 16) * 2 - 1
    assert torch.equal(raw(image), plain((image + 1) / 2))
