"""Losses against the formulas, written out with logarithms."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from exposure_lab.losses import (
    Adversarial,
    adversarial_loss,
    discriminator_loss,
    generator_loss,
    l1_loss,
    l2_loss,
)

KINDS: list[Adversarial] = ["bce", "lsgan", "hinge"]


@pytest.fixture
def logits() -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(0)
    real, fake = (torch.randn(2, 1, 5, 5, generator=draw, dtype=torch.float64) for _ in "ab")
    return 3 * real, 3 * fake


def test_discriminator_loss_is_the_formula(logits: tuple[Tensor, Tensor]) -> None:
    real, fake = (1 / (1 + torch.exp(-x)) for x in logits)  # probabilities of being real
    by_hand = (-torch.log(real).mean() - torch.log(1 - fake).mean()) / 2
    assert float(discriminator_loss(*logits)) == pytest.approx(float(by_hand))


def test_adversarial_loss_is_the_non_saturating_form(logits: tuple[Tensor, Tensor]) -> None:
    fake = 1 / (1 + torch.exp(-logits[1]))
    assert float(adversarial_loss(logits[1])) == pytest.approx(float(-torch.log(fake).mean()))


def test_undecided_discriminator_scores_log_2() -> None:
    zeros = torch.zeros(1, 1, 30, 30)
    assert float(discriminator_loss(zeros, zeros)) == pytest.approx(math.log(2))
    assert float(adversarial_loss(zeros)) == pytest.approx(math.log(2))


def test_direction_of_each_network() -> None:
    high, low = torch.full((1, 1, 2, 2), 8.0), torch.full((1, 1, 2, 2), -8.0)
    assert discriminator_loss(high, low) < 0.001 < 7 < discriminator_loss(low, high)
    assert adversarial_loss(high) < 0.001 < 7 < adversarial_loss(low)


def test_bad_generator_still_gets_a_gradient() -> None:
    logit = torch.full((1, 1, 1, 1), -20.0, requires_grad=True)
    adversarial_loss(logit).backward()
    assert logit.grad is not None
    assert float(logit.grad) == pytest.approx(-1)  # log(1 - D) would give -2e-9


@pytest.mark.parametrize("value", [-1e4, 1e4])
def test_huge_logits_stay_finite(value: float) -> None:
    extreme = torch.full((1, 1, 2, 2), value)
    assert torch.isfinite(discriminator_loss(extreme, extreme))
    assert torch.isfinite(adversarial_loss(extreme))


def test_generator_loss_is_the_sum(logits: tuple[Tensor, Tensor]) -> None:
    fake, real = torch.full((1, 3, 4, 4), 0.5), torch.full((1, 3, 4, 4), -0.25)
    assert float(l1_loss(fake, real)) == 0.75
    total = generator_loss(logits[1], fake, real, 100)
    assert float(total) == pytest.approx(float(F.softplus(-logits[1]).mean()) + 75)
    assert float(generator_loss(logits[1], fake, real, 0)) == pytest.approx(float(total) - 75)


def test_lsgan_is_the_formula(logits: tuple[Tensor, Tensor]) -> None:
    real, fake = (logit.flatten().tolist() for logit in logits)
    by_hand = sum((z - 1) ** 2 for z in real) / 50 + sum(z**2 for z in fake) / 50
    assert float(discriminator_loss(*logits, "lsgan")) == pytest.approx(by_hand / 2)
    for_g = sum((z - 1) ** 2 for z in fake) / 50
    assert float(adversarial_loss(logits[1], "lsgan")) == pytest.approx(for_g)


def test_hinge_is_the_formula(logits: tuple[Tensor, Tensor]) -> None:
    real, fake = (logit.flatten().tolist() for logit in logits)
    by_hand = sum(max(0, 1 - z) for z in real) / 50 + sum(max(0, 1 + z) for z in fake) / 50
    assert float(discriminator_loss(*logits, "hinge")) == pytest.approx(by_hand / 2)
    assert float(adversarial_loss(logits[1], "hinge")) == pytest.approx(-sum(fake) / 50)


def test_each_kind_by_hand_on_one_logit() -> None:
    real, fake = torch.full((1, 1, 1, 1), 3.0), torch.full((1, 1, 1, 1), 0.5)
    # D gives 3 to a real and 0.5 to a fake picture.
    assert float(discriminator_loss(real, fake, "lsgan")) == pytest.approx((4 + 0.25) / 2)
    assert float(discriminator_loss(real, fake, "hinge")) == pytest.approx((0 + 1.5) / 2)
    by_hand = (math.log(1 + math.exp(-3)) + math.log(1 + math.exp(0.5))) / 2
    assert float(discriminator_loss(real, fake, "bce")) == pytest.approx(by_hand)


@pytest.mark.parametrize("kind", KINDS)
def test_a_beginner_is_told_up_for_real_and_down_for_fake(kind: Adversarial) -> None:
    real, fake = (torch.zeros(1, 1, 3, 3, requires_grad=True) for _ in "ab")
    discriminator_loss(real, fake, kind).backward()
    assert real.grad is not None and fake.grad is not None
    assert bool((real.grad < 0).all())  # descent raises the logit of a real picture
    if kind == "lsgan":
        assert not fake.grad.any()  # zero is what it wants of a fake one
    else:
        assert bool((fake.grad > 0).all())
    logit = torch.full((1, 1, 3, 3), -4.0, requires_grad=True)
    adversarial_loss(logit, kind).backward()
    assert logit.grad is not None
    assert bool((logit.grad < 0).all())  # G is told to raise it


def test_only_hinge_lets_a_sure_discriminator_rest() -> None:
    for kind, rests in (("bce", False), ("lsgan", False), ("hinge", True)):
        real = torch.full((1, 1, 1, 1), 2.0, requires_grad=True)
        fake = torch.full((1, 1, 1, 1), -2.0, requires_grad=True)
        discriminator_loss(real, fake, kind).backward()  # type: ignore[arg-type]
        assert real.grad is not None and fake.grad is not None
        assert (not real.grad.any() and not fake.grad.any()) is rests, kind
    real = torch.full((1, 1, 1, 1), 2.0, requires_grad=True)
    discriminator_loss(real, real.detach(), "lsgan").backward()
    assert real.grad is not None
    assert float(real.grad) > 0  # least squares pulls a logit above one back down


def test_l2_is_the_mean_square() -> None:
    fake, real = torch.tensor([[0.5, -0.5]]), torch.tensor([[0.25, 0.5]])
    assert float(l2_loss(fake, real)) == pytest.approx((0.0625 + 1) / 2)
    assert float(l1_loss(fake, real)) == pytest.approx((0.25 + 1) / 2)


def test_l1_pulls_alike_from_near_and_far_and_l2_does_not() -> None:
    near_and_far = torch.tensor([0.01, -0.02, 0.8, -1.6], requires_grad=True)
    truth = torch.zeros(4)
    l1_loss(near_and_far, truth).backward()
    assert near_and_far.grad is not None
    assert near_and_far.grad.tolist() == pytest.approx([0.25, -0.25, 0.25, -0.25])
    near_and_far.grad = None
    l2_loss(near_and_far, truth).backward()
    assert near_and_far.grad is not None
    assert near_and_far.grad.tolist() == pytest.approx([0.005, -0.01, 0.4, -0.8])
