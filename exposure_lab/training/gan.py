"""Both networks with their optimisers, and one training step in pix2pix's order: D, then G."""

# B batch, H height, W width, h w height and width of the patch logits

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from exposure_lab import losses
from exposure_lab.config import LossConfig, RunConfig
from exposure_lab.data.loading.loader import Batch
from exposure_lab.networks.bilateral_grid import BilateralGridNet
from exposure_lab.networks.build import build_discriminator, build_generator
from exposure_lab.runtime import Runtime, unwrap

COMPILE_FROM = 2000
"""Steps from which a run wins back the minute or so that compiling takes."""


class StepLosses(NamedTuple):
    """Losses of one step, scalars on the device: reading them would make a GPU's host wait."""

    discriminator: Tensor
    adversarial: Tensor
    l1: Tensor


class GeneratorLosses(NamedTuple):
    """Total loss of the generator on a batch, and two of its terms before weighting.

    The total also has what a generator adds by itself: the roughness of a bilateral grid.
    """

    total: Tensor
    adversarial: Tensor
    l1: Tensor
    """On the [-1, 1] scale; the total holds it, or L2 in its place."""


@dataclass
class GAN:
    """Generator and discriminator with their optimisers; updates both, one batch at a time."""

    generator: nn.Module
    discriminator: nn.Module
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    loss: LossConfig
    runtime: Runtime
    scaler: torch.amp.GradScaler
    average: AveragedModel | None = None
    """Moving average of the generator's weights, where the settings ask for one."""

    @classmethod
    def build(cls, config: RunConfig, runtime: Runtime, steps: int = 0) -> "GAN":
        """Build both networks of the settings, with weights drawn from torch's global generator.

        Args:
            config: settings of the run.
            runtime: device, precision and processes.
            steps: length of the run, by which `compile = "auto"` decides.
        """
        networks = build_generator(config), build_discriminator(config)
        return cls.from_networks(*networks, config, runtime, steps)

    @classmethod
    def from_networks(
        cls,
        generator: nn.Module,
        discriminator: nn.Module,
        config: RunConfig,
        runtime: Runtime,
        steps: int = 0,
    ) -> "GAN":
        """Take two networks, give each its optimiser, and move both to the device.

        Args:
            generator: maps input images (B, 3, H, W), sRGB in [-1, 1], to the same.
            discriminator: maps input and target images to logits, one or several a picture.
            config, runtime, steps: as for `build`; the networks' own settings are not read.
        """
        for network in (generator, discriminator):
            network.to(runtime.device)
            network.to(memory_format=torch.channels_last)
            if _compiles(config.training.compile, runtime.device, steps):
                network.compile()

        def adam(network: nn.Module) -> Adam:
            settings = config.optimizer
            betas = (settings.beta1, settings.beta2)
            return Adam(network.parameters(), settings.lr, betas, fused=True)

        decay, sync = config.training.ema_decay, config.training.sync_batchnorm
        return cls(
            runtime.wrap(generator, sync),
            runtime.wrap(discriminator, sync),
            adam(generator),
            adam(discriminator),
            config.loss,
            runtime,
            runtime.scaler(),
            AveragedModel(generator, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)
            if decay
            else None,
        )

    @property
    def eval_generator(self) -> nn.Module:
        """Generator that is validated and kept: the average where there is one."""
        return unwrap(self.generator) if self.average is None else self.average.module

    @property
    def networks(self) -> dict[str, nn.Module]:
        """Networks by the names that a checkpoint knows them by."""
        networks = {
            "generator": unwrap(self.generator),
            "discriminator": unwrap(self.discriminator),
        }
        return networks if self.average is None else networks | {"average": self.average.module}

    @property
    def optimizers(self) -> dict[str, Optimizer]:
        """Optimisers by the names that a checkpoint knows them by."""
        return {
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }

    def set_lr(self, lr: float) -> None:
        """Set the learning rate of both optimisers."""
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = lr

    def step(self, batch: Batch, loss_weight: float = 1.0) -> StepLosses:
        """Update D, then G, on one batch. Without an adversarial term D rests and its loss is 0.

        Args:
            batch: on the device; both networks are in training mode.
            loss_weight: see `Runtime.loss_weight`.
        """
        with self.runtime.autocast():
            fake_target = self.generator(batch.real_input)  # (B, 3, H, W)
        loss_d = fake_target.new_zeros((), dtype=torch.float32)
        if self.loss.lambda_adversarial > 0:
            loss_d = self.discriminator_step(batch, fake_target, loss_weight)
        adversarial, l1 = self.generator_step(batch, fake_target, loss_weight)
        self.end_step()
        return StepLosses(loss_d, adversarial, l1)

    def discriminator_step(
        self, batch: Batch, fake_target: Tensor, loss_weight: float = 1.0
    ) -> Tensor:
        """Update D to tell the real targets from the generator's; G stays as it is.

        Returns:
            The loss of D.
        """
        loss = self.discriminator_loss(batch, fake_target)
        self._update(self.discriminator_optimizer, loss_weight * loss)
        return loss.detach()

    def generator_step(
        self, batch: Batch, fake_target: Tensor, loss_weight: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Update G to pass for real and to stay near the target; D stays as it is.

        Returns:
            The adversarial loss and the L1 loss on the [-1, 1] scale, before weighting.
        """
        with frozen(self.discriminator):
            loss = self.generator_loss(batch, fake_target)
            self._update(self.generator_optimizer, loss_weight * loss.total)
        return loss.adversarial.detach(), loss.l1.detach()

    def discriminator_loss(self, batch: Batch, fake_target: Tensor) -> Tensor:
        """Compute the loss of D on a batch, a scalar with a graph.

        Real and fake pass through D one after the other: BatchNorm over both together would let
        each batch's mean tell which half is which.
        """
        with self.runtime.autocast():
            real_logits = self.discriminator(*batch)  # (B, 1, h, w)
            fake_logits = self.discriminator(batch.real_input, fake_target.detach())
        return losses.discriminator_loss(
            real_logits.float(), fake_logits.float(), self.loss.adversarial
        )

    def generator_loss(self, batch: Batch, fake_target: Tensor) -> GeneratorLosses:
        """Compute the loss of G on a batch: adversarial and pixel term, as its settings weigh them.

        The losses are scalars with a graph.

        Args:
            batch: on the device.
            fake_target: what G has just made of its inputs.
        """
        pictures = fake_target.float(), batch.real_target
        l1 = losses.l1_loss(*pictures)
        pixel = l1 if self.loss.pixel == "l1" else losses.l2_loss(*pictures)
        adversarial = torch.zeros_like(l1)
        if self.loss.lambda_adversarial > 0:
            # D gets no gradients here, so what averages them over processes is left out.
            discriminator = unwrap(self.discriminator)
            with self.runtime.autocast():
                fake_logits = discriminator(batch.real_input, fake_target)
            adversarial = losses.adversarial_loss(fake_logits.float(), self.loss.adversarial)
        total = self.loss.lambda_adversarial * adversarial + self.loss.lambda_l1 * pixel
        generator = unwrap(self.generator)
        if isinstance(generator, BilateralGridNet):
            total = total + generator.take_penalty()
        return GeneratorLosses(total, adversarial, l1)

    def end_step(self) -> None:
        """Update the loss scale and the average of the weights, after both networks' updates."""
        self.scaler.update()
        if self.average is not None:
            self.average.update_parameters(unwrap(self.generator))

    def _update(self, optimizer: Optimizer, loss: Tensor) -> None:
        optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.step(optimizer)


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Freeze a network while the block runs: gradients pass through it, and it keeps none."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)


def _compiles(switch: str, device: torch.device, steps: int) -> bool:
    """Whether networks are compiled; ``auto`` compiles long runs on a GPU."""
    return switch == "on" or (switch == "auto" and device.type == "cuda" and steps >= COMPILE_FROM)
