"""One training step, in the order of pix2pix: first the discriminator, then the generator."""

# B batch, H height, W width, h w height and width of the patch logits

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from exposure_lab.config import LossConfig, RunConfig
from exposure_lab.losses import adversarial_loss, discriminator_loss, l1_loss, l2_loss
from exposure_lab.networks.patchgan import PatchGAN
from exposure_lab.networks.unet import UNet
from exposure_lab.runtime import Runtime, unwrap

COMPILE_FROM = 2000
"""Steps that win back the minute or so which compiling takes."""


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
    average: AveragedModel | None = None
    """A running average of the generator's weights, where it is asked for."""

    @classmethod
    def build(cls, config: RunConfig, runtime: Runtime, steps: int = 0) -> "GAN":
        """Make both networks, with weights drawn from torch's global generator.

        Args:
            config: their settings.
            runtime: where they go.
            steps: of the run, by which `compile = "auto"` decides.
        """
        generator = UNet(config.data.image_size, **config.generator.model_dump())
        discriminator = PatchGAN(**config.discriminator.model_dump())
        wanted = config.training.compile
        long_on_gpu = runtime.device.type == "cuda" and steps >= COMPILE_FROM
        for network in (generator, discriminator):
            network.to(runtime.device)
            network.to(memory_format=torch.channels_last)
            if wanted == "on" or (wanted == "auto" and long_on_gpu):
                network.compile()

        def adam(network: nn.Module) -> Adam:
            settings = config.optimizer
            betas = (settings.beta1, settings.beta2)
            return Adam(network.parameters(), settings.lr, betas, fused=True)

        decay = config.training.ema_decay
        sync = config.training.sync_batchnorm
        return cls(
            runtime.wrap(generator, sync),
            runtime.wrap(discriminator, sync),
            adam(generator),
            adam(discriminator),
            runtime.scaler(),
            AveragedModel(generator, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)
            if decay
            else None,
        )

    @property
    def best_generator(self) -> nn.Module:
        """What is scored and kept: the average where there is one, else the generator itself."""
        return unwrap(self.generator) if self.average is None else self.average.module

    def set_lr(self, lr: float) -> None:
        """Give both optimisers a learning rate."""
        for optimizer in (self.generator_optimizer, self.discriminator_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = lr


def train_step(
    gan: GAN,
    real_input: Tensor,
    real_target: Tensor,
    loss: LossConfig,
    runtime: Runtime,
    weight: float = 1.0,
) -> StepLosses:
    """Update D, then G, on one batch. Without an adversarial term D rests and its losses are 0.

    Args:
        gan: networks in training mode.
        real_input, real_target: (B, 3, H, W), sRGB in [-1, 1], on the device.
        loss: which losses, and their weights.
        runtime: precision.
        weight: of this process's images among those of all, see `Runtime.weight`.
    """
    with runtime.autocast():
        fake_target = gan.generator(real_input)  # (B, 3, H, W)
    batch = real_input, real_target, fake_target
    loss_d = fake_target.new_zeros((), dtype=torch.float32)
    if loss.lambda_adversarial > 0:
        loss_d = discriminator_step(gan, *batch, loss, runtime, weight)
    adversarial, l1 = generator_step(gan, *batch, loss, runtime, weight)
    end_step(gan)
    return StepLosses(loss_d, adversarial, l1)


def end_step(gan: GAN) -> None:
    """What follows both updates: the loss scale, and the average of the weights."""
    gan.scaler.update()
    if gan.average is not None:
        gan.average.update_parameters(unwrap(gan.generator))


def discriminator_step(
    gan: GAN,
    real_input: Tensor,
    real_target: Tensor,
    fake_target: Tensor,
    loss: LossConfig,
    runtime: Runtime,
    weight: float = 1.0,
) -> Tensor:
    """Teach D to tell the real targets from the generator's; G is left alone."""
    total = discriminator_total(gan, real_input, real_target, fake_target, loss, runtime)
    _update(gan.discriminator_optimizer, weight * total, gan.scaler)
    return total.detach()


def generator_step(
    gan: GAN,
    real_input: Tensor,
    real_target: Tensor,
    fake_target: Tensor,
    loss: LossConfig,
    runtime: Runtime,
    weight: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """Teach G to pass for real and to stay near the target; D is frozen meanwhile.

    Returns:
        The adversarial loss and the L1 loss on the [-1, 1] scale, before weighting.
    """
    gan.discriminator.requires_grad_(False)
    total, adversarial, l1 = generator_total(
        gan, real_input, real_target, fake_target, loss, runtime
    )
    _update(gan.generator_optimizer, weight * total, gan.scaler)
    gan.discriminator.requires_grad_(True)
    return adversarial.detach(), l1.detach()


def discriminator_total(
    gan: GAN,
    real_input: Tensor,
    real_target: Tensor,
    fake_target: Tensor,
    loss: LossConfig,
    runtime: Runtime,
) -> Tensor:
    """What D lowers on a batch, as a scalar with a graph.

    Real and fake pass through D one after the other: BatchNorm over both together would let each
    batch's mean tell which half is which.
    """
    with runtime.autocast():
        real_logits = gan.discriminator(real_input, real_target)  # (B, 1, h, w)
        fake_logits = gan.discriminator(real_input, fake_target.detach())
    return discriminator_loss(real_logits.float(), fake_logits.float(), loss.adversarial)


def generator_total(
    gan: GAN,
    real_input: Tensor,
    real_target: Tensor,
    fake_target: Tensor,
    loss: LossConfig,
    runtime: Runtime,
) -> tuple[Tensor, Tensor, Tensor]:
    """What G lowers on a batch, and the two terms of it: adversarial and L1, before weighting."""
    pictures = fake_target.float(), real_target
    l1 = l1_loss(*pictures)
    pixel = l1 if loss.pixel == "l1" else l2_loss(*pictures)
    adversarial = torch.zeros_like(l1)
    if loss.lambda_adversarial > 0:
        # D's own gradients are not wanted here, so neither is what averages them over processes.
        discriminator = unwrap(gan.discriminator)
        with runtime.autocast():
            fake_logits = discriminator(real_input, fake_target)
        adversarial = adversarial_loss(fake_logits.float(), loss.adversarial)
    return loss.lambda_adversarial * adversarial + loss.lambda_l1 * pixel, adversarial, l1


def _update(optimizer: Optimizer, loss: Tensor, scaler: torch.amp.GradScaler) -> None:
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
