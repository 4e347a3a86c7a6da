"""The discriminator judges patches of 70 px."""

import pytest
import torch

from exposure_lab.networks.blocks import Norm
from exposure_lab.networks.patchgan import PatchGAN


def test_parameter_count_of_the_report() -> None:
    def convolution(a: int, b: int) -> int:
        return 4 * 4 * a * b

    first = convolution(6, 64) + 64  # the input beside the picture; a bias and no norm
    blocks = sum(convolution(a, b) + 2 * b for a, b in [(64, 128), (128, 256), (256, 512)])
    last = convolution(512, 1) + 1
    assert first + blocks + last == 2_768_705
    network = PatchGAN(64, 3)
    assert sum(parameter.numel() for parameter in network.parameters()) == 2_768_705


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


def test_unconditional_never_sees_the_input() -> None:
    torch.manual_seed(0)
    network = PatchGAN(4, conditional=False).eval()
    a, b = torch.randn(1, 3, 64, 64), torch.randn(1, 3, 64, 64)
    assert torch.equal(network(a, a), network(b, a))
    assert not torch.allclose(network(a, a), network(a, b))
    # Three channels fewer in the first convolution, and nothing else.
    parameters = [
        sum(p.numel() for p in PatchGAN(64, 3, conditional).parameters())
        for conditional in (True, False)
    ]
    assert parameters[0] - parameters[1] == 3 * 4 * 4 * 64


@pytest.mark.parametrize(("norm", "alone"), [("batch", False), ("instance", True)])
def test_norm_decides_whose_company_matters(norm: Norm, alone: bool) -> None:
    torch.manual_seed(0)
    network = PatchGAN(4, norm=norm)  # in training mode
    pictures, others = torch.randn(1, 3, 64, 64), 3 * torch.randn(3, 3, 64, 64)
    together = torch.cat([pictures, others])
    with torch.no_grad():
        by_itself, in_company = network(pictures, pictures), network(together, together)[:1]
    assert torch.allclose(by_itself, in_company, atol=1e-4) == alone


def test_norm_has_the_same_number_of_weights() -> None:
    counts = {
        sum(p.numel() for p in PatchGAN(8, norm=norm).parameters())
        for norm in ("batch", "instance")
    }
    assert len(counts) == 1


def test_spectral_norm_bounds_every_convolution() -> None:
    torch.manual_seed(0)
    network = PatchGAN(8, spectral_norm=True)
    picture = torch.randn(2, 3, 64, 64)
    for _ in range(100):  # each pass in training mode takes one step of the power iteration
        network(picture, picture)
    convolutions = [m for m in network.eval().modules() if isinstance(m, torch.nn.Conv2d)]
    assert len(convolutions) == 5
    for convolution in convolutions:
        largest = torch.linalg.matrix_norm(convolution.weight.detach().flatten(1), ord=2)
        assert float(largest) == pytest.approx(1, abs=0.02)
    plain = PatchGAN(8).layers[0].weight.detach().flatten(1)
    assert float(torch.linalg.matrix_norm(plain, ord=2)) != pytest.approx(1, abs=0.02)


def test_spectral_norm_learns_and_loads() -> None:
    torch.manual_seed(0)
    network, other = PatchGAN(4, spectral_norm=True), PatchGAN(4, spectral_norm=True)
    picture = torch.randn(2, 3, 64, 64)
    network(picture, picture).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in network.parameters())
    other.load_state_dict(network.state_dict())
    assert torch.allclose(network.eval()(picture, picture), other.eval()(picture, picture))
