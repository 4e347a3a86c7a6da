"""Training steps that fit into memory: on a whole batch, or accumulated over microbatches of it."""

import sys

import torch
from tqdm.auto import tqdm

from exposure_lab.data.loading.loader import Batch
from exposure_lab.errors import RunError
from exposure_lab.training.gan import GAN, StepLosses, frozen


class OomRetryStep:
    """Training step that halves the microbatch where memory runs out, says so, and tries again.

    The gradients of the microbatches add up to those of the whole batch, with one difference:
    BatchNorm normalises over a microbatch, and not over the batch.
    """

    def __init__(self, gan: GAN) -> None:
        self.gan = gan
        self.microbatches = 1

    def __call__(self, batch: Batch, loss_weight: float = 1.0) -> StepLosses:
        """Update D, then G, on one batch, as `GAN.step` does.

        Raises:
            RunError: not even one image fits, or there are other processes, which can't wait.
        """
        while True:
            try:
                if self.microbatches == 1:
                    return self.gan.step(batch, loss_weight)
                return accumulated_step(self.gan, batch, self.microbatches)
            except torch.OutOfMemoryError as error:
                self._halve(len(batch.real_input), error)

    def _halve(self, batch_size: int, error: Exception) -> None:
        """Halve the microbatch. Raises RunError where it can't be halved."""
        if self.microbatches >= batch_size or self.gan.runtime.world_size > 1:
            raise RunError(
                f"Expected memory for a batch of {batch_size}, but it ran out in microbatches of "
                f"{-(-batch_size // self.microbatches)}: lower training.batch_size or "
                "data.image_size and go on with --resume."
            ) from error
        self.microbatches *= 2
        # Whatever the failed step had built is let go before the next attempt.
        for optimizer in self.gan.optimizers.values():
            optimizer.zero_grad()
        if self.gan.runtime.device.type == "cuda":
            torch.cuda.empty_cache()
        tqdm.write(
            f"Not enough memory for this batch: going on in {self.microbatches} microbatches.",
            file=sys.stderr,
        )


def accumulated_step(gan: GAN, batch: Batch, count: int) -> StepLosses:
    """Update D, then G, by gradients that are accumulated over microbatches.

    G runs twice on each microbatch, since keeping the graphs of all of them is what memory is too
    small for.

    Args:
        gan: both networks in training mode.
        batch: on the device.
        count: microbatches.
    """
    pieces = [Batch(*sides) for sides in zip(*(side.chunk(count) for side in batch), strict=True)]
    shares = [len(piece.real_input) / len(batch.real_input) for piece in pieces]
    sums = torch.zeros(3, device=batch.real_input.device)
    if gan.loss.lambda_adversarial > 0:
        gan.discriminator_optimizer.zero_grad()
        for share, piece in zip(shares, pieces, strict=True):
            with torch.no_grad(), gan.runtime.autocast():
                fake_target = gan.generator(piece.real_input)
            loss = gan.discriminator_loss(piece, fake_target)
            gan.scaler.scale(share * loss).backward()
            sums[0] += share * loss.detach()
        gan.scaler.step(gan.discriminator_optimizer)
    with frozen(gan.discriminator):
        gan.generator_optimizer.zero_grad()
        for share, piece in zip(shares, pieces, strict=True):
            with gan.runtime.autocast():
                fake_target = gan.generator(piece.real_input)
            total, adversarial, l1 = gan.generator_loss(piece, fake_target)
            gan.scaler.scale(share * total).backward()
            sums[1:] += share * torch.stack([adversarial.detach(), l1.detach()])
        gan.scaler.step(gan.generator_optimizer)
    gan.end_step()
    return StepLosses(*sums.unbind())
