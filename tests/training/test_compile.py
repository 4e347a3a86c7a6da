"""Compiled networks take the same steps, and each still learns in its own turn alone."""

from functools import partialmethod
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._dynamo.backends.registry import lookup_backend
from torch.fx import GraphModule

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.loader import Batch
from exposure_lab.runtime import Runtime
from exposure_lab.training.gan import GAN


def build(config: RunConfig, switch: str, cpu: Runtime) -> GAN:
    """Plain descent: Adam would blow rounding up. No dropout: compiled code draws it otherwise."""
    training = config.training.model_copy(update={"compile": switch})
    torch.manual_seed(0)
    gan = GAN.build(config.model_copy(update={"training": training}), cpu)
    gan.generator_optimizer = torch.optim.SGD(gan.generator.parameters(), 1e-2)
    gan.discriminator_optimizer = torch.optim.SGD(gan.discriminator.parameters(), 1e-2)
    return gan


def weights(gan: GAN) -> dict[str, Tensor]:
    networks = {"generator": gan.generator, "discriminator": gan.discriminator}
    return {
        f"{name}/{key}": parameter.detach().clone()
        for name, network in networks.items()
        for key, parameter in network.named_parameters()
    }


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> list[GraphModule]:
    """What is traced; it is differentiated as always, and no C++ is written: that takes minutes."""
    traced: list[GraphModule] = []

    def backend(graph: GraphModule, inputs: Any) -> Any:
        traced.append(graph)
        return lookup_backend("aot_eager")(graph, inputs)

    compile_it = nn.Module.compile
    monkeypatch.setattr(nn.Module, "compile", partialmethod(compile_it, backend=backend))
    return traced


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")  # torch's own
@pytest.mark.filterwarnings("ignore:Guards may run slower on Python 3.13.0:RuntimeWarning")
def test_compiled_is_what_plain_is(
    tiny: RunConfig, batch: Batch, cpu: Runtime, graphs: list[GraphModule]
) -> None:
    plain, compiled = (build(tiny, switch, cpu) for switch in ("off", "on"))
    assert weights(compiled).keys() == weights(plain).keys()  # so checkpoints fit both
    # G's turn first: D is compiled while it is frozen, and has to learn all the same.
    for name, turn in (
        ("generator", GAN.generator_step),
        ("discriminator", GAN.discriminator_step),
    ):
        original = weights(compiled)
        for gan in (plain, compiled):
            turn(gan, batch, gan.generator(batch.real_input))
        now = weights(compiled)
        moved = {key for key in now if not torch.equal(original[key], now[key])}
        assert moved == {key for key in now if key.startswith(name)}
    losses = [
        [torch.stack(gan.step(batch)).tolist() for _ in range(2)] for gan in (plain, compiled)
    ]
    assert torch.allclose(*map(torch.tensor, losses), rtol=1e-3)
    assert len(graphs) >= 3  # G, D frozen, D learning
    now = weights(compiled)
    for key, expected in weights(plain).items():
        assert torch.allclose(expected, now[key], rtol=1e-3, atol=1e-4), key
