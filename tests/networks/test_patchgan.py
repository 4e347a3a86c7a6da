"""The discriminator judges patches of 70 px."""

import pytest
import torch

from exposure_lab.networks.patchgan import PatchGAN, receptive_field


def test_parameter_count_of_the_report() -> None:
    def convolution(a: int, b: int) -> int:
        return 4 * 4 * a * b

    first = convolution(6, 64) + 64  # the input beside the picture; a bias and no norm
    blocks = sum(convolution(a, b) + 2 * b for a, b in [(64, 128), (128, 256), (256, 512)])
    last = convolution(512, 1) + 1
    assert first + blocks + last == 2_768_705
    network = PatchGAN(64, 3)
    assert sum(parameter.numel() for parameter in network.parameters()) == 2_768_705


# Three layers: 70 px, as Isola et al. 2017 name it; one: their 16 px; five: their 286 px.
@pytest.mark.parametrize(("layers", "side"), [(1, 16), (2, 34), (3, 70), (4, 142), (5, 286)])
def test_receptive_field_by_formula(layers: int, side: int) -> None:
    assert receptive_field(layers) == side


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_receptive_field_by_gradient(layers: int) -> None:
    torch.manual_seed(0)
    network = PatchGAN(4, layers).eval()  # BatchNorm in training mode sees the whole picture
    pictures = [torch.randn(1, 3, 128, 128, requires_grad=True) for _ in range(2)]
    logits = network(*pictures)
    middle = logits.shape[-1] // 2
    logits[0, 0, middle, middle].backward()
    for picture in pictures:
        assert picture.grad is not None
        reached = picture.grad[0].abs().sum(0) > 0
        assert int(reached.any(0).sum()) == int(reached.any(1).sum()) == receptive_field(layers)


@pytest.mark.parametrize(
    ("size", "layers", "side"), [(256, 3, 30), (128, 3, 14), (64, 3, 6), (16, 1, 6)]
)
def test_logits_of_each_patch(size: int, layers: int, side: int) -> None:
    pictures = torch.zeros(2, 3, size, size)
    assert PatchGAN(2, layers)(pictures, pictures).shape == (2, 1, side, side)


def test_no_sigmoid_at_the_end() -> None:
    torch.manual_seed(0)
    picture = 50 * torch.randn(2, 3, 64, 64)
    logits = PatchGAN(4)(picture, picture)
    assert logits.min() < 0 < logits.max()


def test_judgement_depends_on_input_and_picture() -> None:
    torch.manual_seed(0)
    network = PatchGAN(4).eval()
    a, b = torch.randn(1, 3, 64, 64), torch.randn(1, 3, 64, 64)
    assert not torch.allclose(network(a, a), network(b, a))
    assert not torch.allclose(network(a, a), network(a, b))


def test_every_parameter_gets_a_gradient() -> None:
    torch.manual_seed(0)
    network = PatchGAN(4)
    network(torch.randn(2, 3, 64, 64), torch.randn(2, 3, 64, 64)).square().mean().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_flat_picture_is_judged_the_same_everywhere() -> None:
    flat = torch.full((1, 3, 64, 64), 0.5)
    logits = PatchGAN(4).eval()(flat, flat)  # padding with zeros would mark the border
    assert torch.allclose(logits, logits[..., :1, :1].expand_as(logits), atol=1e-5)


def test_layers_of_the_report() -> None:
    leaky = [m for m in PatchGAN(4).modules() if isinstance(m, torch.nn.LeakyReLU)]
    assert [m.negative_slope for m in leaky] == [0.2] * 4
