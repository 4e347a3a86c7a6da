"""Loss functions of both networks.

Logits are unbounded patch logits (B, 1, h, w); pictures are (B, 3, H, W), sRGB in [-1, 1].

Three kinds of adversarial loss, the report's first: ``bce`` reads a logit as the log-odds of
"real"; ``lsgan`` wants the logit itself to be 1 for real and 0 for fake; ``hinge`` wants it beyond
1 or below -1, and no further.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Adversarial = Literal["bce", "lsgan", "hinge"]


def discriminator_loss(
    real_logits: Tensor, fake_logits: Tensor, kind: Adversarial = "bce"
) -> Tensor:
    """Loss of D: low where real pictures count as real, and the generator's as fake.

    The mean of the two halves, as in pix2pix; under ``bce`` a D that always answers one half scores
    log 2.

    Source: ``bce`` Goodfellow et al. 2014, equation 1, and Isola et al. 2017, section 3.3 (the
    factor 1/2); ``lsgan`` Mao et al. 2017, equation 2; ``hinge`` Lim and Ye 2017.
    """
    if kind == "bce":
        real = F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
        fake = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    elif kind == "lsgan":
        real, fake = (real_logits - 1).square().mean(), fake_logits.square().mean()
    else:
        real, fake = F.relu(1 - real_logits).mean(), F.relu(1 + fake_logits).mean()
    return (real + fake) / 2


def adversarial_loss(fake_logits: Tensor, kind: Adversarial = "bce") -> Tensor:
    """Adversarial term of G's loss: low where D takes the generator's pictures for real.

    ``bce`` has the non-saturating form: minimise -log D(G(x)) instead of log(1 - D(G(x))), which is
    flat where the generator is worst.

    Source: ``bce`` Goodfellow et al. 2014, section 3; ``lsgan`` Mao et al. 2017, equation 2;
    ``hinge`` Lim and Ye 2017.
    """
    if kind == "bce":
        return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))
    if kind == "lsgan":
        return (fake_logits - 1).square().mean()
    return -fake_logits.mean()


def l1_loss(fake_target: Tensor, real_target: Tensor) -> Tensor:
    """Mean absolute difference on the [-1, 1] scale: twice the figure on the [0, 1] scale."""
    return F.l1_loss(fake_target, real_target)


def l2_loss(fake_target: Tensor, real_target: Tensor) -> Tensor:
    """Mean squared difference on the [-1, 1] scale: four times the figure on the [0, 1] scale."""
    return F.mse_loss(fake_target, real_target)


def generator_loss(
    fake_logits: Tensor, fake_target: Tensor, real_target: Tensor, lambda_l1: float
) -> Tensor:
    """Loss of G: the adversarial term plus ``lambda_l1`` times L1.

    Source: Isola et al. 2017, equation 4.
    """
    return adversarial_loss(fake_logits) + lambda_l1 * l1_loss(fake_target, real_target)
