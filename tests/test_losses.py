"""Losses against the formulas, written out with logarithms."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from exposure_lab.losses import adversarial_loss, discriminator_loss, generator_loss, l1_loss


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
