"""What each network is asked to lower.

Logits are unbounded patch logits (B, 1, h, w); pictures are (B, 3, H, W), sRGB in [-1, 1].
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Binary cross entropy of D's answers: real pictures should score 1, the generator's 0.

    The mean of the two halves, as in pix2pix; a D that always answers one half scores log 2.

    Source: Goodfellow et al. 2014, equation 1; Isola et al. 2017, section 3.3 (the factor 1/2).
    """
    real = F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
    fake = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    return (real + fake) / 2


def adversarial_loss(fake_logits: Tensor) -> Tensor:
    """Binary cross entropy that asks D to take the generator's pictures for real.

    The non-saturating form: minimise -log D(G(x)) instead of log(1 - D(G(x))), which is flat where
    the generator is worst.

    Source: Goodfellow et al. 2014, section 3.
    """
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


def l1_loss(fake_target: Tensor, real_target: Tensor) -> Tensor:
    """Mean absolute difference on the [-1, 1] scale: twice the figure on the [0, 1] scale."""
    return F.l1_loss(fake_target, real_target)


def generator_loss(
    fake_logits: Tensor, fake_target: Tensor, real_target: Tensor, lambda_l1: float
) -> Tensor:
    """The adversarial term plus ``lambda_l1`` times L1.

    Source: Isola et al. 2017, equation 4.
    """
    return adversarial_loss(fake_logits) + lambda_l1 * l1_loss(fake_target, real_target)
