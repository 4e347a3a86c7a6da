"""One training step, in the order of pix2pix: first the discriminator, then the generator."""

# B batch, H height, W width, h w height and width of the patch logits

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from exposure_lab.config import LossConfig, RunConfig
from exposure_lab.losses import adversarial_loss, discriminator_loss, l1_loss, l2_loss
from exposure_lab.networks.patchgan import PatchGAN
from exposure_lab.networks.unet import UNet
from exposure_lab.runtime import Runtime


class StepLosses(NamedTuple):
    """Losses of one step, scalars on the device: reading them would make it wait."""

    discriminator: Tensor
    adversarial: Tensor
    l1: Tensor


@dataclass
class GAN:
    """Generator, discriminator and what updates them."""

    generator: nn.Module
    discriminator: nn.Module
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    scaler: torch.amp.GradScaler

    @classmethod
    def build(cls, config: RunConfig, runtime: Runtime) -> "GAN":
        """Make both networks, with weights drawn from torch's global generator."""
        generator = UNet(config.data.image_size, **config.generator.model_dump())
        discriminator = PatchGAN(**config.discriminator.model_dump())
        for network in (generator, discriminator):
            network.to(runtime.device)
            network.to(memory_format=torch.channels_last)

        def adam(network: nn.Module) -> Adam:
            settings = config.optimizer
            betas = (settings.beta1, settings.beta2)
            return Adam(network.parameters(), settings.lr, betas, fused=True)

        return cls(
            runtime.wrap(generator),
            runtime.wrap(discriminator),
            adam(generator),
            adam(discriminator),
            runtime.scaler(),
        )

    def set_lr(self, lr: float) -> None:
        """Give both optimisers a learning rate."""
        for optimizer in (self.generator_optimizer, self.discriminator_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = lr


def train_step(
    gan: GAN, real_input: Tensor, real_target: Tensor, loss: LossConfig, runtime: Runtime
) -> StepLosses:
    """Update D, then G, on one batch. Without an adversarial term D rests and its losses are 0.

    Args:
        gan: networks in training mode.
        real_input, real_target: (B, 3, H, W), sRGB in [-1, 1], on the device.
        loss: which losses, and their weights.
        runtime: precision.
    """
    with runtime.autocast():
        fake_target = gan.generator(real_input)  # (B, 3, H, W)
    loss_d = fake_target.new_zeros((), dtype=torch.float32)
    if loss.lambda_adversarial > 0:
        loss_d = discriminator_step(gan, real_input, real_target, fake_target, loss, runtime)
    adversarial, l1 = generator_step(gan, real_input, real_target, fake_target, loss, runtime)
    gan.scaler.update()
    return StepLosses(loss_d, adversarial, l1)


def discriminator_step(
    gan: GAN,
    real_input: Tensor,
    real_target: Tensor,
    fake_target: Tensor,
    loss: LossConfig,
    runtime: Runtime,
) -> Tensor:
    """Teach D to tell the real targets from the generator's; G is left alone.

    Real and fake pass through D one after the other: BatchNorm over both together would let each
    batch's mean tell which half is which.
    """
    with runtime.autocast():
        real_logits = gan.discriminator(real_input, real_target)  # (B, 1, h, w)
        fake_logits = gan.discriminator(real_input, fake_target.detach())
    total = discriminator_loss(real_logits.float(), fake_logits.float(), loss.adversarial)
    _update(gan.discriminator_optimizer, total, gan.scaler)
    return total.detach()


def generator_step(
    gan: GAN,
    real_input: Tensor,
    real_target: Tensor,
    fake_target: Tensor,
    loss: LossConfig,
    runtime: Runtime,
) -> tuple[Tensor, Tensor]:
    """Teach G to pass for real and to stay near the target; D is frozen meanwhile.

    Returns:
        The adversarial loss and the L1 loss on the [-1, 1] scale, before weighting.
    """
    pictures = fake_target.float(), real_target
    l1 = l1_loss(*pictures)
    pixel = l1 if loss.pixel == "l1" else l2_loss(*pictures)
    adversarial = torch.zeros_like(l1)
    gan.discriminator.requires_grad_(False)
    if loss.lambda_adversarial > 0:
        with runtime.autocast():
            fake_logits = gan.discriminator(real_input, fake_target)
        adversarial = adversarial_loss(fake_logits.float(), loss.adversarial)
    total = loss.lambda_adversarial * adversarial + loss.lambda_l1 * pixel
    _update(gan.generator_optimizer, total, gan.scaler)
    gan.discriminator.requires_grad_(True)
    return adversarial.detach(), l1.detach()


def _update(optimizer: Optimizer, loss: Tensor, scaler: torch.amp.GradScaler) -> None:
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
