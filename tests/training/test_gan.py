"""One step does what pix2pix does, and each network only moves in its own turn."""

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from exposure_lab.config import LossConfig, RunConfig
from exposure_lab.data.loading.loader import Batch
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import Runtime
from exposure_lab.training.gan import COMPILE_FROM, GAN

LOSS = load_profile("report").loss


@pytest.fixture
def gan(tiny: RunConfig, cpu: Runtime) -> GAN:
    torch.manual_seed(0)
    built = GAN.build(tiny, cpu)
    built.loss = LOSS
    return built


def weights(network: nn.Module) -> list[Tensor]:
    """What the network has learned, copied."""
    return [parameter.detach().clone() for parameter in network.parameters()]


def same(network: nn.Module, original: list[Tensor]) -> bool:
    """Whether all of it is what it was."""
    return all(torch.equal(a, b) for a, b in zip(network.parameters(), original, strict=True))


def test_discriminator_step_leaves_the_generator_alone(gan: GAN, batch: Batch) -> None:
    others, own = weights(gan.generator), weights(gan.discriminator)
    gan.discriminator_step(batch, gan.generator(batch.real_input))
    assert same(gan.generator, others)
    assert all(parameter.grad is None for parameter in gan.generator.parameters())
    assert not same(gan.discriminator, own)


def test_generator_step_leaves_the_discriminator_alone(gan: GAN, batch: Batch) -> None:
    others, own = weights(gan.discriminator), weights(gan.generator)
    gan.generator_step(batch, gan.generator(batch.real_input))
    assert same(gan.discriminator, others)
    assert all(parameter.grad is None for parameter in gan.discriminator.parameters())
    assert not same(gan.generator, own)
    assert all(parameter.requires_grad for parameter in gan.discriminator.parameters())  # thawed


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_every_weight_moves_in_one_step(gan: GAN, batch: Batch, network: str) -> None:
    original = {
        name: weight.detach().clone() for name, weight in getattr(gan, network).named_parameters()
    }
    gan.step(batch)
    now = dict(getattr(gan, network).named_parameters())
    assert [name for name, weight in original.items() if torch.equal(weight, now[name])] == []


def test_an_error_in_the_generators_turn_leaves_no_frozen_discriminator(
    gan: GAN, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_out(batch: Batch, fake_target: Tensor) -> None:
        assert not any(weight.requires_grad for weight in gan.discriminator.parameters())
        raise torch.OutOfMemoryError

    monkeypatch.setattr(gan, "generator_loss", run_out)
    with pytest.raises(torch.OutOfMemoryError):
        gan.step(batch)
    assert all(weight.requires_grad for weight in gan.discriminator.parameters())


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[nn.Module]:
    """Networks that are compiled; nothing is, and nothing is moved to a GPU."""
    networks: list[nn.Module] = []
    monkeypatch.setattr(nn.Module, "compile", lambda network: networks.append(network))
    monkeypatch.setattr(nn.Module, "to", lambda network, *args, **options: network)
    return networks


@pytest.mark.parametrize(
    ("switch", "device", "steps", "count"),
    [
        ("auto", "cpu", 10 * COMPILE_FROM, 0),
        ("auto", "cuda", COMPILE_FROM - 1, 0),
        ("auto", "cuda", COMPILE_FROM, 2),
        ("on", "cpu", 1, 2),
        ("off", "cuda", 10 * COMPILE_FROM, 0),
    ],
)
def test_long_runs_on_a_gpu_are_compiled(
    tiny: RunConfig, compiled: list[nn.Module], switch: str, device: str, steps: int, count: int
) -> None:
    training = tiny.training.model_copy(update={"compile": switch})
    config = tiny.model_copy(update={"training": training})
    gan = GAN.build(config, Runtime(torch.device(device), "fp32"), steps)
    assert compiled == [gan.generator, gan.discriminator][:count]


def by_hand(generator: nn.Module, discriminator: nn.Module, batch: Batch, lr: float) -> list[float]:
    """A step of pix2pix: D on real and fake with half the loss, then G against the new D."""
    real_input, real_target = batch
    fake_target = generator(real_input)

    real = discriminator(real_input, real_target)
    fake = discriminator(real_input, fake_target.detach())
    loss_d = 0.5 * (F.softplus(-real).mean() + F.softplus(fake).mean())
    for parameter, grad in zip(
        discriminator.parameters(),
        torch.autograd.grad(loss_d, list(discriminator.parameters())),
        strict=True,
    ):
        parameter.data -= lr * grad

    adversarial = F.softplus(-discriminator(real_input, fake_target)).mean()
    l1 = (fake_target - real_target).abs().mean()
    loss_g = adversarial + 100 * l1
    for parameter, grad in zip(
        generator.parameters(),
        torch.autograd.grad(loss_g, list(generator.parameters())),
        strict=True,
    ):
        parameter.data -= lr * grad
    return [loss_d.item(), adversarial.item(), l1.item()]


def test_two_steps_agree_with_steps_by_hand(gan: GAN, batch: Batch) -> None:
    # Plain descent in both: Adam divides by the gradient's size and would blow rounding up.
    lr = 1e-3
    gan.generator_optimizer = torch.optim.SGD(gan.generator.parameters(), lr)
    gan.discriminator_optimizer = torch.optim.SGD(gan.discriminator.parameters(), lr)
    copies = deepcopy(gan.generator), deepcopy(gan.discriminator)
    for number in range(2):
        torch.manual_seed(number)  # dropout
        losses = gan.step(batch)
        torch.manual_seed(number)
        assert [loss.item() for loss in losses] == pytest.approx(
            by_hand(*copies, batch, lr), rel=1e-4
        )
    for network, copy in zip((gan.generator, gan.discriminator), copies, strict=True):
        expected = copy.state_dict()
        for name, tensor in network.state_dict().items():
            assert torch.allclose(tensor, expected[name], rtol=1e-3, atol=1e-5), name


def test_optimisers_follow_the_settings(gan: GAN, tiny: RunConfig) -> None:
    for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
        assert isinstance(optimizer, torch.optim.Adam)
        (group,) = optimizer.param_groups
        assert group["lr"] == tiny.optimizer.lr
        assert group["betas"] == (tiny.optimizer.beta1, tiny.optimizer.beta2)


def test_lambda_weighs_l1(gan: GAN, batch: Batch) -> None:
    gan.generator_optimizer = torch.optim.SGD(gan.generator.parameters(), 0)
    head = gan.generator.head[0].weight
    grads = []
    for weight in (0.0, 100.0, 200.0):
        torch.manual_seed(1)
        gan.loss = LOSS.model_copy(update={"lambda_l1": weight})
        gan.generator_step(batch, gan.generator(batch.real_input))
        grads.append(head.grad.clone())
    assert torch.allclose(grads[2] - grads[0], 2 * (grads[1] - grads[0]), rtol=1e-2, atol=1e-5)


def test_losses_are_read_without_a_graph(gan: GAN, batch: Batch) -> None:
    losses = gan.step(batch)
    assert losses._fields == ("discriminator", "adversarial", "l1")
    assert all(loss.ndim == 0 and not loss.requires_grad for loss in losses)


def test_half_precision_trains_as_well(gan: GAN, batch: Batch) -> None:
    copy = deepcopy(gan.generator), deepcopy(gan.discriminator)
    torch.manual_seed(3)
    full = gan.step(batch)
    gan.generator, gan.discriminator = copy
    gan.generator_optimizer = torch.optim.Adam(copy[0].parameters(), 1e-3)
    gan.discriminator_optimizer = torch.optim.Adam(copy[1].parameters(), 1e-3)
    torch.manual_seed(3)
    gan.runtime = Runtime(torch.device("cpu"), "bf16")
    half = gan.step(batch)
    assert [x.item() for x in half] == pytest.approx([x.item() for x in full], rel=0.05)
    assert all(x.dtype == torch.float32 for x in half)
    assert all(p.dtype == torch.float32 for p in gan.generator.parameters())


def changed(**settings: object) -> LossConfig:
    """The report's losses, with other settings."""
    return LOSS.model_copy(update=settings)


def test_without_an_adversarial_term_the_discriminator_rests(gan: GAN, batch: Batch) -> None:
    judge = deepcopy(gan.discriminator.state_dict())  # weights and BatchNorm's running averages
    own = weights(gan.generator)
    gan.loss = changed(lambda_adversarial=0.0)
    losses = gan.step(batch)
    assert float(losses.discriminator) == float(losses.adversarial) == 0
    assert float(losses.l1) > 0
    assert all(torch.equal(now, judge[n]) for n, now in gan.discriminator.state_dict().items())
    assert all(parameter.grad is None for parameter in gan.discriminator.parameters())
    assert all(parameter.requires_grad for parameter in gan.discriminator.parameters())
    assert not same(gan.generator, own)


def head_gradient(gan: GAN, batch: Batch, loss: LossConfig) -> Tensor:
    """What one turn of G leaves in its last layer; plain descent at rate 0 keeps the weights."""
    gan.generator_optimizer = torch.optim.SGD(gan.generator.parameters(), 0)
    torch.manual_seed(1)  # dropout
    gan.loss = loss
    gan.generator_step(batch, gan.generator(batch.real_input))
    gradient: Tensor = gan.generator.head[0].weight.grad.clone()
    return gradient


def test_pixel_loss_is_the_one_that_was_asked_for(gan: GAN, batch: Batch) -> None:
    real_input, real_target = batch
    head = gan.generator.head[0].weight
    for pixel, distance in (("l1", F.l1_loss), ("l2", F.mse_loss)):
        loss = changed(lambda_adversarial=0.0, lambda_l1=7.0, pixel=pixel)
        torch.manual_seed(1)
        total = 7 * distance(gan.generator(real_input), real_target)
        (expected,) = torch.autograd.grad(total, head)
        gradient = head_gradient(gan, batch, loss)
        assert torch.allclose(gradient, expected, rtol=1e-4, atol=1e-7), pixel


def test_the_l1_that_is_written_down_is_l1_under_either_pixel_loss(gan: GAN, batch: Batch) -> None:
    torch.manual_seed(1)
    fake_target = gan.generator(batch.real_input)
    expected = F.l1_loss(fake_target, batch.real_target).item()
    gan.loss = changed(pixel="l2")
    _, l1 = gan.generator_step(batch, fake_target)
    assert float(l1) == pytest.approx(expected)


def test_lambda_adversarial_weighs_the_critic(gan: GAN, batch: Batch) -> None:
    grads = [
        head_gradient(gan, batch, changed(lambda_l1=0.0, lambda_adversarial=weight))
        for weight in (1.0, 3.0)
    ]
    assert grads[0].abs().max() > 0
    assert torch.allclose(grads[1], 3 * grads[0], rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize(
    ("kind", "real_term", "fake_term", "for_g"),
    [
        ("lsgan", lambda z: (z - 1) ** 2, lambda z: z**2, lambda z: (z - 1) ** 2),
        ("hinge", lambda z: F.relu(1 - z), lambda z: F.relu(1 + z), lambda z: -z),
    ],
)
def test_other_kinds_reach_both_turns(
    gan: GAN, batch: Batch, kind, real_term, fake_term, for_g
) -> None:
    for network in ("generator", "discriminator"):  # weights that stay, so that we can look again
        stays = torch.optim.SGD(getattr(gan, network).parameters(), 0)
        setattr(gan, f"{network}_optimizer", stays)
    judge = deepcopy(gan.discriminator)
    torch.manual_seed(1)
    gan.loss = changed(adversarial=kind)
    losses = gan.step(batch)
    torch.manual_seed(1)
    with torch.no_grad():
        fake_target = gan.generator(batch.real_input)
        real, fake = judge(*batch), judge(batch.real_input, fake_target)
    by_hand = (real_term(real).mean() + fake_term(fake).mean()) / 2
    assert float(losses.discriminator) == pytest.approx(float(by_hand), rel=1e-4)
    assert float(losses.adversarial) == pytest.approx(float(for_g(fake).mean()), rel=1e-4)
