"""The best-known pix2pix implementation's networks and step, typed anew from their description.

What `benchmarks/train.py` compares with. The description: a U-Net whose blocks each hold the next
one between their own way down and up, pre-activated, padded with zeros; a PatchGAN of three layers;
Adam as torch builds it by default; both networks in fp32 and in torch's default memory layout; the
order of one step. None of its code is copied.

Source: Isola et al. 2017; github.com/junyanz/pytorch-CycleGAN-and-pix2pix, as of 2025.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

GENERATOR_PARAMETERS = 54_413_955
DISCRIMINATOR_PARAMETERS = 2_768_705


class Level(nn.Module):
    """One halving, what lies below it, and the doubling that undoes it; the input beside it all."""

    def __init__(self, outer: int, inner: int, below: nn.Module | None, dropout: bool) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.LeakyReLU(0.2), nn.Conv2d(outer, inner, 4, 2, 1, bias=False)]
        if below is not None:
            layers += [nn.BatchNorm2d(inner), below]
        layers += [
            nn.ReLU(),
            nn.ConvTranspose2d(inner if below is None else 2 * inner, outer, 4, 2, 1, bias=False),
            nn.BatchNorm2d(outer),
        ]
        if dropout:
            layers.append(nn.Dropout(0.5))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.layers(x)], dim=1)


def generator(width: int = 64) -> nn.Module:
    """For 256 px: eight halvings."""
    level: nn.Module = Level(8 * width, 8 * width, None, dropout=False)
    for _ in range(3):
        level = Level(8 * width, 8 * width, level, dropout=True)
    for factor in (4, 2, 1):
        level = Level(factor * width, 2 * factor * width, level, dropout=False)
    return nn.Sequential(
        nn.Conv2d(3, width, 4, 2, 1, bias=False),
        level,
        nn.ReLU(),
        nn.ConvTranspose2d(2 * width, 3, 4, 2, 1),
        nn.Tanh(),
    )


def discriminator(width: int = 64) -> nn.Module:
    """Three layers with stride 2, 70 px."""
    layers: list[nn.Module] = [nn.Conv2d(6, width, 4, 2, 1), nn.LeakyReLU(0.2)]
    for factor, stride in ((1, 2), (2, 2), (4, 1)):
        layers += [
            nn.Conv2d(factor * width, 2 * factor * width, 4, stride, 1, bias=False),
            nn.BatchNorm2d(2 * factor * width),
            nn.LeakyReLU(0.2),
        ]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))


class Peer:
    """Both networks with their optimisers, and one step."""

    def __init__(self, device: torch.device) -> None:
        self.generator, self.discriminator = generator().to(device), discriminator().to(device)
        self.by_g, self.by_d = (
            torch.optim.Adam(network.parameters(), 2e-4, (0.5, 0.999))
            for network in (self.generator, self.discriminator)
        )

    def step(self, real_input: Tensor, real_target: Tensor) -> None:
        """Forward; D: on, zero, backward, step; G: D off, zero, backward, step."""
        fake = self.generator(real_input)
        self.discriminator.requires_grad_(True)
        self.by_d.zero_grad()
        on_fake = self.discriminator(torch.cat([real_input, fake.detach()], 1))
        on_real = self.discriminator(torch.cat([real_input, real_target], 1))
        loss_d = 0.5 * (_bce(on_fake, 0.0) + _bce(on_real, 1.0))
        loss_d.backward()
        self.by_d.step()
        self.discriminator.requires_grad_(False)
        self.by_g.zero_grad()
        on_fake = self.discriminator(torch.cat([real_input, fake], 1))
        loss_g = _bce(on_fake, 1.0) + 100 * F.l1_loss(fake, real_target)
        loss_g.backward()
        self.by_g.step()


def _bce(logits: Tensor, target: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))
