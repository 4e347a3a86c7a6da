"""A batch that does not fit is taken in portions, with the same gradients."""

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.runtime import Runtime
from exposure_lab.training import microbatches as module
from exposure_lab.training.gan import GAN, train_step
from exposure_lab.training.microbatches import FittingStep, portioned_step

Batch = tuple[Tensor, Tensor]


@pytest.fixture
def gan(tiny: RunConfig, cpu: Runtime) -> GAN:
    """Nothing in it looks at more than one picture: instance norm, no dropout."""
    torch.manual_seed(0)
    generator = tiny.generator.model_copy(update={"norm": "instance", "dropout": 0.0})
    discriminator = tiny.discriminator.model_copy(update={"norm": "instance"})
    parts = {"generator": generator, "discriminator": discriminator}
    made = GAN.build(tiny.model_copy(update=parts), cpu)
    made.generator_optimizer = torch.optim.SGD(made.generator.parameters(), 1e-2)
    made.discriminator_optimizer = torch.optim.SGD(made.discriminator.parameters(), 1e-2)
    return made


def weights(gan: GAN) -> list[Tensor]:
    return [
        p.detach().clone() for net in (gan.generator, gan.discriminator) for p in net.parameters()
    ]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_same_step_in_portions(
    gan: GAN, tiny: RunConfig, batch: Batch, cpu: Runtime, count: int
) -> None:
    other = deepcopy(gan)
    other.generator_optimizer = torch.optim.SGD(other.generator.parameters(), 1e-2)
    other.discriminator_optimizer = torch.optim.SGD(other.discriminator.parameters(), 1e-2)
    whole = train_step(gan, *batch, tiny.loss, cpu)
    parts = portioned_step(other, *batch, tiny.loss, cpu, count)
    assert torch.stack(parts).tolist() == pytest.approx(torch.stack(whole).tolist(), rel=1e-4)
    for a, b in zip(weights(gan), weights(other), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_memory_that_runs_out_halves_the_portion(
    gan: GAN,
    tiny: RunConfig,
    batch: Batch,
    cpu: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    forward = type(gan.generator).forward

    def small(self: nn.Module, image: Tensor) -> Tensor:
        if len(image) > 1:
            raise torch.OutOfMemoryError
        return forward(self, image)

    monkeypatch.setattr(type(gan.generator), "forward", small)
    step = FittingStep(gan, tiny.loss, cpu)
    before = weights(gan)
    losses = step(*batch)
    assert step.portions == len(batch[0])
    assert all(torch.isfinite(loss) for loss in losses)
    assert not any(torch.equal(a, b) for a, b in zip(before, weights(gan), strict=True))
    assert "going on in 2 portions" in capsys.readouterr().err
    step(*batch)
    assert step.portions == len(batch[0])  # it does not try the whole batch again


def test_not_even_one_image(
    gan: GAN, tiny: RunConfig, batch: Batch, cpu: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(module, "train_step", never)
    monkeypatch.setattr(module, "portioned_step", never)
    with pytest.raises(RunError, match=r"memory for a batch of \d, .* in portions of 1: lower"):
        FittingStep(gan, tiny.loss, cpu)(*batch)
    assert all(p.requires_grad for p in gan.discriminator.parameters())
