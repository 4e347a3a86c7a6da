"""Networks that are compiled for the GPU take the steps of those that are not."""

from functools import partialmethod

import pytest
import torch
from rounding import gradient_error, loss_error
from torch import Tensor, nn

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.loader import Batch
from exposure_lab.runtime import Runtime
from exposure_lab.training.gan import GAN

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning"),  # torch's own
    pytest.mark.filterwarnings("ignore:Guards may run slower on Python 3.13.0:RuntimeWarning"),
]

RATE = 1e-2
SCALE = 2.0**8
"""Of the loss in fp16: from torch's own 2**16 on the first gradients overflow."""


def build(config: RunConfig, switch: str, runtime: Runtime) -> GAN:
    """Plain descent: Adam would blow rounding up. No dropout: compiled code draws it otherwise."""
    training = config.training.model_copy(update={"compile": switch})
    torch.manual_seed(0)
    gan = GAN.build(config.model_copy(update={"training": training}), runtime)
    for name, network in gan.networks.items():
        setattr(gan, f"{name}_optimizer", torch.optim.SGD(network.parameters(), RATE))
    if gan.scaler.is_enabled():
        gan.scaler = torch.amp.GradScaler(runtime.device.type, init_scale=SCALE)
    return gan


def state(gan: GAN) -> dict[str, Tensor]:
    return {
        f"{name}/{key}": parameter.detach()
        for name, network in gan.networks.items()
        for key, parameter in network.named_parameters()
    }


@pytest.mark.parametrize("runtime", ["half", "fp32"], indirect=True)  # as runs compute, first
def test_a_compiled_step_is_the_eager_one(
    tiny: RunConfig, batch: Batch, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    if runtime.device.type == "cpu":  # its own compiler writes C++, which takes minutes
        quick = partialmethod(nn.Module.compile, backend="aot_eager")
        monkeypatch.setattr(nn.Module, "compile", quick)
    on_device = Batch(*runtime.to_device(batch))
    # In TF32 both would be off by a thousandth, each in its own way.
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        plain, compiled = (build(tiny, switch, runtime) for switch in ("off", "on"))
        original = {key: tensor.clone() for key, tensor in state(plain).items()}
        losses = [
            torch.stack([torch.stack(gan.step(on_device)) for _ in range(2)])
            for gan in (plain, compiled)
        ]
    expected, found = state(plain), state(compiled)
    for key, before in original.items():
        assert not torch.equal(before, found[key]), key  # D learns, though G's turn froze it
    if runtime.precision == "fp32":
        assert torch.allclose(*losses, rtol=1e-3)
        for key in original:
            assert torch.allclose(expected[key], found[key], rtol=1e-3, atol=1e-4), key
        return
    # What is compiled rounds between fewer operations, so that each way is off by its own rounding.
    assert torch.allclose(*losses, rtol=2 * loss_error(plain, runtime.precision))
    for name in plain.networks:
        ways = [
            torch.cat([(after[k] - original[k]).flatten() for k in original if k.startswith(name)])
            for after in (expected, found)
        ]
        allowed = 2 * gradient_error(plain, runtime.precision)
        assert float((ways[0] - ways[1]).norm() / ways[0].norm()) < allowed, name
