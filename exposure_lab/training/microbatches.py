"""Training steps that fit into memory: in one piece, or in as many portions as it takes."""

import sys

import torch
from torch import Tensor
from tqdm.auto import tqdm

from exposure_lab.config import LossConfig
from exposure_lab.errors import RunError
from exposure_lab.runtime import Runtime
from exposure_lab.training.gan import (
    GAN,
    StepLosses,
    discriminator_total,
    end_step,
    generator_total,
    train_step,
)


class FittingStep:
    """Takes steps; where memory runs out it halves the portion, says so, and goes on.

    The gradients of the portions add up to those of the whole batch, with one difference:
    BatchNorm normalises over a portion, and not over the batch.
    """

    def __init__(self, gan: GAN, loss: LossConfig, runtime: Runtime) -> None:
        self.gan, self.loss, self.runtime = gan, loss, runtime
        self.portions = 1

    def __call__(self, real_input: Tensor, real_target: Tensor, weight: float = 1.0) -> StepLosses:
        """Update D, then G, on one batch; the arguments are those of `train_step`.

        Raises:
            RunError: not even one image fits, or there are other processes, which can't wait.
        """
        while True:
            try:
                return self._step(real_input, real_target, weight)
            except torch.OutOfMemoryError as error:
                self._halve(len(real_input), error)

    def _step(self, real_input: Tensor, real_target: Tensor, weight: float) -> StepLosses:
        if self.portions == 1:
            return train_step(self.gan, real_input, real_target, self.loss, self.runtime, weight)
        return portioned_step(
            self.gan, real_input, real_target, self.loss, self.runtime, self.portions
        )

    def _halve(self, batch_size: int, error: Exception) -> None:
        if self.portions >= batch_size or self.runtime.world_size > 1:
            raise RunError(
                f"Expected memory for a batch of {batch_size}, but it ran out in portions of "
                f"{-(-batch_size // self.portions)}: lower training.batch_size or "
                "data.image_size and go on with --resume."
            ) from error
        self.portions *= 2
        # Whatever the failed step had built is let go before the next attempt.
        self.gan.discriminator.requires_grad_(True)
        for optimizer in (self.gan.generator_optimizer, self.gan.discriminator_optimizer):
            optimizer.zero_grad()
        if self.runtime.device.type == "cuda":
            torch.cuda.empty_cache()
        tqdm.write(
            f"Not enough memory for this batch: going on in {self.portions} portions of it.",
            file=sys.stderr,
        )


def portioned_step(
    gan: GAN,
    real_input: Tensor,
    real_target: Tensor,
    loss: LossConfig,
    runtime: Runtime,
    portions: int,
) -> StepLosses:
    """One step whose gradients are gathered over portions of the batch.

    G runs twice on each portion, since keeping the graphs of all of them is what memory is too
    small for.
    """
    batch = list(zip(real_input.chunk(portions), real_target.chunk(portions), strict=True))
    shares = [len(x) / len(real_input) for x, _ in batch]
    losses = torch.zeros(3, device=real_input.device)
    if loss.lambda_adversarial > 0:
        gan.discriminator_optimizer.zero_grad()
        for share, (x, y) in zip(shares, batch, strict=True):
            with torch.no_grad(), runtime.autocast():
                fake_target = gan.generator(x)
            total = discriminator_total(gan, x, y, fake_target, loss, runtime)
            gan.scaler.scale(share * total).backward()
            losses[0] += share * total.detach()
        gan.scaler.step(gan.discriminator_optimizer)
    gan.discriminator.requires_grad_(False)
    gan.generator_optimizer.zero_grad()
    for share, (x, y) in zip(shares, batch, strict=True):
        with runtime.autocast():
            fake_target = gan.generator(x)
        total, adversarial, l1 = generator_total(gan, x, y, fake_target, loss, runtime)
        gan.scaler.scale(share * total).backward()
        losses[1:] += share * torch.stack([adversarial.detach(), l1.detach()])
    gan.scaler.step(gan.generator_optimizer)
    gan.discriminator.requires_grad_(True)
    end_step(gan)
    return StepLosses(*losses.unbind())
