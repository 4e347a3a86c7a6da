"""What the loss functions are, held against their formulas and against what the report says."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from exposure_lab.study.samples import Sample

if TYPE_CHECKING:
    from torch import Tensor

FIGURES = (
    "discriminator_loss_is_bce",
    "generator_loss_without_error",
    "shares_answered_truly",
    "bce_by_sum_of_probabilities",
    "l1_off_absolute_difference",
    "pictures_that_l1_compares",
)

CASES = 50
"""Random batches of verdicts on which the discriminator's loss is compared with its formula."""

BATCH = 64
"""Pictures in a batch of the report's run."""


def measure_loss_functions(data: Path | None = None) -> list[Sample]:
    """Measure the losses of the package, which are those that the report describes.

    Args:
        data: not read.

    Returns:
        - ``discriminator_loss_is_bce``: share of random batches of verdicts on which the
          discriminator's loss is binary cross entropy by its formula, in floating point
        - ``generator_loss_without_error``: loss of the generator whose picture is the target, where
          the critic is in doubt
        - ``shares_answered_truly``: share of the mixtures of real and fake, one to nine in ten, for
          which binary cross entropy is lowest where the answer is the share of the real ones
        - ``bce_by_sum_of_probabilities``: binary cross entropy of four verdicts over the sum of the
          probabilities that they give to what is false
        - ``l1_off_absolute_difference``: L1 minus the mean absolute difference
        - ``pictures_that_l1_compares``: share of a batch's pictures on which its L1 depends
    """
    values = {
        "discriminator_loss_is_bce": _discriminator_loss_is_bce(),
        "generator_loss_without_error": _generator_loss_without_error(),
        "shares_answered_truly": _shares_answered_truly(),
        "bce_by_sum_of_probabilities": _bce_by_sum_of_probabilities(),
        "l1_off_absolute_difference": _l1_off_absolute_difference(),
        "pictures_that_l1_compares": _pictures_that_l1_compares(),
    }
    return [Sample(name, (value,)) for name, value in values.items()]


def _discriminator_loss_is_bce() -> float:
    import torch

    from exposure_lab.losses import discriminator_loss

    random, equal = np.random.default_rng(0), 0
    for _ in range(CASES):
        real, fake = random.normal(0, 3, (2, 4, 1, 5, 5))
        # The mean over both halves of -log of the probability that is given to what is true.
        formula = np.mean([np.log1p(np.exp(-real)).mean(), np.log1p(np.exp(fake)).mean()])
        loss = discriminator_loss(torch.from_numpy(real), torch.from_numpy(fake))
        equal += math.isclose(loss, formula, rel_tol=1e-9)
    return equal / CASES


def _generator_loss_without_error() -> float:
    import torch

    from exposure_lab.losses import generator_loss
    from exposure_lab.profiles.load import load_profile

    in_doubt = torch.zeros(1, 1, 30, 30)
    target = torch.linspace(-1, 1, 3 * 8 * 8).view(1, 3, 8, 8)
    weight = load_profile("report").loss.lambda_l1
    return float(generator_loss(in_doubt, target, target, weight))


def _shares_answered_truly() -> float:
    """Look for the answer, in hundredths, that costs least on average for each mixture."""
    import torch

    answers = torch.arange(1, 100, dtype=torch.float64) / 100
    if_real, if_fake = (_price(answers, real) for real in (True, False))
    shares = [tenth / 10 for tenth in range(1, 10)]
    best = [answers[(s * if_real + (1 - s) * if_fake).argmin()].item() for s in shares]
    return float(np.mean(np.isclose(best, shares)))


def _price(answers: "Tensor", real: bool) -> "Tensor":
    """What each probability of "real" costs on a picture that is real, or is not."""
    import torch

    from exposure_lab.losses import adversarial_loss, discriminator_loss

    logits = [logit.view(1) for logit in torch.logit(answers)]
    if_real = torch.stack([adversarial_loss(logit) for logit in logits])
    if real:
        return if_real
    # The discriminator's loss is the mean of both prices.
    return torch.stack([2 * discriminator_loss(logit, logit) for logit in logits]) - if_real


def _bce_by_sum_of_probabilities() -> float:
    import torch

    from exposure_lab.losses import discriminator_loss

    real, fake = torch.tensor([0.8, 0.6]).double(), torch.tensor([0.3, 0.1]).double()
    given_to_false = float((1 - real).sum() + fake.sum())
    return float(discriminator_loss(torch.logit(real), torch.logit(fake))) / given_to_false


def _l1_off_absolute_difference() -> float:
    import torch

    from exposure_lab.losses import l1_loss

    # Sums of multiples of 1/64 are exact in any order.
    fake, real = np.random.default_rng(0).integers(-64, 65, (2, 4, 3, 16, 16)) / 64
    loss = l1_loss(torch.from_numpy(fake), torch.from_numpy(real))
    return float(loss) - math.fsum(np.abs(fake - real).ravel().tolist()) / int(fake.size)


def _pictures_that_l1_compares() -> float:
    import torch

    from exposure_lab.losses import l1_loss

    fake = torch.zeros(BATCH, 3, 8, 8, requires_grad=True)
    real = torch.from_numpy(np.random.default_rng(0).uniform(0.1, 1, fake.shape)).float()
    (gradient,) = torch.autograd.grad(l1_loss(fake, real), fake)
    return float((gradient.abs().flatten(1).sum(1) > 0).double().mean())
