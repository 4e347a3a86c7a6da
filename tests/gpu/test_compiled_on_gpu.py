"""Networks that are compiled for the GPU take the steps of those that are not."""

from functools import partialmethod

import pytest
import torch
from torch import Tensor, nn

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.loader import Batch
from exposure_lab.runtime import Runtime
from exposure_lab.training.gan import GAN

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning"),  # torch's own
    pytest.mark.filterwarnings("ignore:Guards may run slower on Python 3.13.0:RuntimeWarning"),
]

RATE = 1e-2


def build(config: RunConfig, switch: str, runtime: Runtime) -> GAN:
    """Plain descent: Adam would blow rounding up. No dropout: compiled code draws it otherwise."""
    training = config.training.model_copy(update={"compile": switch})
    torch.manual_seed(0)
    gan = GAN.build(config.model_copy(update={"training": training}), runtime)
    for name, network in gan.networks.items():
        setattr(gan, f"{name}_optimizer", torch.optim.SGD(network.parameters(), RATE))
    return gan


def state(gan: GAN) -> dict[str, Tensor]:
    return {
        f"{name}/{key}": parameter.detach()
        for name, network in gan.networks.items()
        for key, parameter in network.named_parameters()
    }


def test_a_compiled_step_is_the_eager_one(
    tiny: RunConfig, batch: Batch, device: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    if device.type == "cpu":  # its own compiler writes C++, which takes minutes
        quick = partialmethod(nn.Module.compile, backend="aot_eager")
        monkeypatch.setattr(nn.Module, "compile", quick)
    runtime = Runtime(device, "fp32")
    on_device = Batch(*runtime.to_device(batch))
    # In TF32 both would be off by a thousandth, each in its own way.
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        plain, compiled = (build(tiny, switch, runtime) for switch in ("off", "on"))
        original = {key: tensor.clone() for key, tensor in state(plain).items()}
        losses = [
            torch.stack([torch.stack(gan.step(on_device)) for _ in range(2)])
            for gan in (plain, compiled)
        ]
    assert torch.allclose(*losses, rtol=1e-3)
    expected, found = state(plain), state(compiled)
    for key, before in original.items():
        assert not torch.equal(before, found[key]), key  # D learns, though G's turn froze it
        assert torch.allclose(expected[key], found[key], rtol=1e-3, atol=1e-4), key
