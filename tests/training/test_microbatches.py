"""A batch that does not fit is taken in microbatches, with the same gradients."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.loader import Batch
from exposure_lab.errors import RunError
from exposure_lab.runtime import Runtime
from exposure_lab.training import microbatches
from exposure_lab.training.gan import GAN
from exposure_lab.training.microbatches import OomRetryStep, accumulated_step


@pytest.fixture
def gan(tiny: RunConfig, cpu: Runtime) -> GAN:
    """Nothing in it looks at more than one picture: instance norm, no dropout."""
    torch.manual_seed(0)
    generator = tiny.generator.model_copy(update={"norm": "instance", "dropout": 0.0})
    discriminator = tiny.discriminator.model_copy(update={"norm": "instance"})
    networks = {"generator": generator, "discriminator": discriminator}
    built = GAN.build(tiny.model_copy(update=networks), cpu)
    built.generator_optimizer = torch.optim.SGD(built.generator.parameters(), 1e-2)
    built.discriminator_optimizer = torch.optim.SGD(built.discriminator.parameters(), 1e-2)
    return built


def weights(gan: GAN) -> list[Tensor]:
    return [
        p.detach().clone() for net in (gan.generator, gan.discriminator) for p in net.parameters()
    ]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_same_step_in_microbatches(gan: GAN, batch: Batch, count: int) -> None:
    other = deepcopy(gan)
    other.generator_optimizer = torch.optim.SGD(other.generator.parameters(), 1e-2)
    other.discriminator_optimizer = torch.optim.SGD(other.discriminator.parameters(), 1e-2)
    whole = gan.step(batch)
    accumulated = accumulated_step(other, batch, count)
    assert torch.stack(accumulated).tolist() == pytest.approx(torch.stack(whole).tolist(), rel=1e-4)
    for a, b in zip(weights(gan), weights(other), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_memory_that_runs_out_halves_the_microbatch(
    gan: GAN,
    batch: Batch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    forward = type(gan.generator).forward

    def small(self: nn.Module, image: Tensor) -> Tensor:
        if len(image) > 1:
            raise torch.OutOfMemoryError
        return forward(self, image)

    monkeypatch.setattr(type(gan.generator), "forward", small)
    step = OomRetryStep(gan)
    original = weights(gan)
    losses = step(batch)
    assert step.microbatches == len(batch.real_input)
    assert all(torch.isfinite(loss) for loss in losses)
    assert not any(torch.equal(a, b) for a, b in zip(original, weights(gan), strict=True))
    assert "going on in 2 microbatches" in capsys.readouterr().err
    step(batch)
    assert step.microbatches == len(batch.real_input)  # it does not try the whole batch again


def run_out(*_: object) -> None:
    raise torch.OutOfMemoryError


def test_not_even_one_image(gan: GAN, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GAN, "step", run_out)
    monkeypatch.setattr(microbatches, "accumulated_step", run_out)
    with pytest.raises(RunError, match=r"memory for a batch of \d, .* in microbatches of 1: lower"):
        OomRetryStep(gan)(batch)


def test_one_of_two_processes_does_not_halve_alone(
    gan: GAN, batch: Batch, cpu: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other would wait for ever: it averages gradients once a step, this one more often."""
    monkeypatch.setattr(GAN, "step", run_out)
    gan.runtime = replace(cpu, world_size=2)
    step = OomRetryStep(gan)
    with pytest.raises(RunError, match=r"memory for a batch of 4, .* in microbatches of 4: lower"):
        step(batch)
    assert step.microbatches == 1
