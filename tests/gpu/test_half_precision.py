"""A step on the GPU, in each precision, is the processor's in float64, but for rounding."""

from collections.abc import Sequence
from copy import deepcopy

import pytest
import torch
from rounding import gradient_error, loss_error
from torch import Tensor, nn

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.loader import Batch
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import DTYPES, Runtime
from exposure_lab.training.gan import GAN

pytestmark = pytest.mark.gpu

SIZE = (
    "data.image_size=64",
    "generator.width=8",
    "discriminator.width=8",
    "generator.dropout=0.0",  # two devices draw different units
)

SCALE = 2.0**8
"""Of the loss in fp16: from torch's own 2**16 on the first gradients overflow, and no step is
taken."""


@pytest.fixture(scope="module")
def config() -> RunConfig:
    return load_profile("smoke", SIZE)


def pair_of_gans(config: RunConfig, runtime: Runtime) -> tuple[GAN, GAN]:
    """The same networks twice: on the device, and on the processor in float64."""
    torch.manual_seed(1)
    exact = GAN.build(config, Runtime(torch.device("cpu"), "fp32"))
    gan = GAN.build(config, runtime)
    for name, network in gan.networks.items():
        network.load_state_dict(exact.networks[name].state_dict())
        exact.networks[name].double()
    if gan.scaler.is_enabled():
        gan.scaler = torch.amp.GradScaler(runtime.device.type, init_scale=SCALE)
    return gan, exact


def pictures(config: RunConfig, runtime: Runtime) -> tuple[Batch, Batch]:
    """Eight pairs of smooth pictures, on the device and in float64."""
    torch.manual_seed(2)
    side = config.data.image_size
    small = torch.rand(2, 8, 3, 8, 8)
    pair = [nn.functional.interpolate(one, side, mode="bilinear") * 2 - 1 for one in small]
    return Batch(*runtime.to_device(pair)), Batch(*(one.double() for one in pair))


def gradients(network: nn.Module) -> Tensor:
    return torch.cat([p.grad.detach().double().cpu().flatten() for p in network.parameters()])


def relative(one: Tensor, exact: Tensor) -> float:
    return float((one - exact).norm() / exact.norm())


def test_gradients_are_those_of_float64(config: RunConfig, runtime: Runtime) -> None:
    gan, exact = pair_of_gans(config, runtime)
    batch, exact_batch = pictures(config, runtime)
    for one in (gan, exact):  # at rate 0, so that G meets the same D in both
        for name, network in one.networks.items():
            setattr(one, f"{name}_optimizer", torch.optim.SGD(network.parameters(), 0))
    losses, exact_losses = gan.step(batch), exact.step(exact_batch)
    for name, loss, expected in zip(losses._fields, losses, exact_losses, strict=True):
        assert loss.dtype == torch.float32
        allowed = loss_error(gan, runtime.precision)
        assert float(loss) == pytest.approx(float(expected), rel=allowed), name
    for name, network in gan.networks.items():
        found, expected = gradients(network), gradients(exact.networks[name])
        assert relative(found, expected) < gradient_error(gan, runtime.precision), name


def test_steps_of_adam_go_where_those_of_float64_go(config: RunConfig, runtime: Runtime) -> None:
    """After some steps a loss is off by its own rounding, and by the gradients' of its way."""
    gan, exact = pair_of_gans(config, runtime)
    batch, exact_batch = pictures(config, runtime)
    for one in (gan, exact):
        one.set_lr(2e-4)
    found = torch.stack([torch.stack(gan.step(batch)).cpu() for _ in range(4)])
    expected = torch.stack([torch.stack(exact.step(exact_batch)).float() for _ in range(4)])
    way = (expected - expected[0]).abs()
    assert float(way[-1, 2]) > 0.02 * float(expected[0, 2])  # of the L1 loss: it learns
    allowed = loss_error(gan, runtime.precision) * expected
    allowed += 2 * gradient_error(gan, runtime.precision) * way  # both ways may turn by as much
    assert ((found - expected).abs() <= allowed).all(), (found - expected, allowed)


def test_networks_compute_in_that_precision(config: RunConfig, runtime: Runtime) -> None:
    gan, _ = pair_of_gans(config, runtime)
    batch, _ = pictures(config, runtime)
    seen: list[torch.dtype] = []
    for network in gan.networks.values():
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                layer.register_forward_hook(lambda *arguments: seen.append(arguments[2].dtype))
    gan.step(batch)
    assert set(seen) == {DTYPES[runtime.precision]}
    assert all(p.dtype == torch.float32 for n in gan.networks.values() for p in n.parameters())


def test_an_overflow_in_fp16_costs_a_step_and_halves_the_scale(
    config: RunConfig, device: torch.device
) -> None:
    runtime = Runtime(device, "fp16")
    gan, _ = pair_of_gans(config, runtime)
    batch, _ = pictures(config, runtime)
    gan.scaler = torch.amp.GradScaler(device.type, init_scale=2.0**60)
    original = deepcopy({name: weights(one) for name, one in gan.networks.items()})
    gan.step(batch)
    assert gan.scaler.get_scale() == 2.0**59
    for name, network in gan.networks.items():
        for one, before in zip(weights(network), original[name], strict=True):
            assert torch.equal(one, before)


def weights(network: nn.Module) -> Sequence[Tensor]:
    return [parameter.detach() for parameter in network.parameters()]
