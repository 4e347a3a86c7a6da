"""The training loop: what happens, in the order in which it happens."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm.auto import tqdm

from exposure_lab.config import OptimizerConfig, RunConfig
from exposure_lab.data.loading.augment import Augment
from exposure_lab.data.loading.dataset import PairedImages, Photos, fingerprint, open_photos
from exposure_lab.data.loading.gpu_resident import ResidentPhotos, fits
from exposure_lab.data.loading.loader import BatchPlan, load_batches
from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.errors import RunError
from exposure_lab.files.ownership import folder_lock
from exposure_lab.runtime import Runtime, start_runtime
from exposure_lab.training.gan import GAN, StepLosses
from exposure_lab.training.history import Row
from exposure_lab.training.microbatches import FittingStep
from exposure_lab.training.run_folder import Position, RunFolder
from exposure_lab.training.run_lock import claim, refuse_used
from exposure_lab.training.stop_signal import Interrupt
from exposure_lab.training.validation import Scorer

LOG_EVERY = 10
"""Steps between two looks at the losses: each look makes a GPU wait for the processor."""

EpochCallback = Callable[[Row], None]


def train(
    config: RunConfig,
    data: Path | str,
    out: Path | str,
    *,
    resume: bool = False,
    stop_after: int | None = None,
    max_minutes: float | None = None,
    on_epoch: EpochCallback | None = None,
    runtime: Runtime | None = None,
    quiet: bool = False,
) -> Row:
    """Train a generator and a discriminator; leave everything in one folder.

    Args:
        config: settings, such as ``load_profile("smoke")``.
        data: folder in MSEC layout with training and validation pairs, or such a set packed.
        out: folder of the run: ``config.json``, ``history.jsonl``, ``checkpoints/``,
            ``validation/`` with a picture an epoch, and at the end ``summary.json``.
        resume: go on from the last checkpoint there that the history reaches. On a CPU the result
            is bitwise that of a run that was never interrupted, given the same machine, versions,
            threads and precision; where one of them differs a warning says which, and the summary
            names the conditions of each stretch.
        stop_after: leave after this many steps as Ctrl-C does, for trying `resume`.
        max_minutes: leave in the same way once this much time has passed, as on a machine that is
            lent for so long.
        on_epoch: called with each epoch's row of the history, as a live plot wants it.
        runtime: device and precision; found by itself where not given.
        quiet: no progress bar.

    Returns:
        The content of ``summary.json``.

    Raises:
        RunError: the folder holds a run already, or one of other settings or data; its history is
            gone or reaches no checkpoint; the loss is not finite; or the run was stopped.
        DataError: the pairs cannot be used.
        CheckpointError: the checkpoints cannot be read.
        FilesError: the disk is full, the folder holds files of somebody else, or another process
            trains in it.
    """
    runtime = runtime or start_runtime(config.precision)
    out = Path(out)
    # What can be wrong with the data is found before the folder is touched, and what they are is
    # written down as of now: whatever happens to them later, the run has seen these.
    made_from = fingerprint(data)
    dataset = PairedImages(open_photos(data, "training", config.data), config.data, config.seed)
    scorer = Scorer(config, dataset, data, out, runtime)
    settings = config.training
    plan = BatchPlan(len(dataset), settings.batch_size, config.seed, settings.steps_per_epoch)
    steps = plan.steps_per_epoch * settings.epochs
    if runtime.is_main:
        refuse_used(out, resume)
    lock = folder_lock(out) if runtime.is_main else nullcontext()
    with lock, Interrupt(stop_after, max_minutes) as interrupt:
        if runtime.is_main:
            claim(out, config, resume)
        runtime.barrier()
        torch.manual_seed(config.seed)
        gan = GAN.build(config, runtime, steps)
        folder = RunFolder(out, config, gan, runtime, made_from)
        position = folder.restore(resume, steps)
        if position.step == 0 and runtime.is_main:
            folder.record_epoch(0, 0, scorer.score(gan.best_generator, 0))
        resident = _on_device(dataset.photos, runtime, quiet)
        batches = load_batches(
            dataset, plan, position.step, steps, runtime, config.data.workers, resident
        )
        bar = tqdm(total=steps, initial=position.step, unit="step", disable=quiet or None)
        with bar:
            loop = _Loop(
                config, runtime, gan, dataset.augment, folder, scorer, interrupt, bar, on_epoch
            )
            loop.run(batches, plan, position, steps)
    runtime.barrier()
    return folder.summarize(position)


def _on_device(photos: Photos, runtime: Runtime, quiet: bool) -> ResidentPhotos | None:
    """The photos of a pack on the GPU, where it has room for them."""
    if not (isinstance(photos, PackedPairs) and fits(photos, runtime.device)):
        return None
    resident = ResidentPhotos(photos, runtime.device)
    if runtime.is_main and not quiet:
        size = resident.pixels.numel() / 1e9
        tqdm.write(f"The photos are on the GPU, {size:.1f} GB of them.", file=sys.stderr)
    return resident


@dataclass
class _Loop:
    config: RunConfig
    runtime: Runtime
    gan: GAN
    augment: Augment
    folder: RunFolder
    scorer: Scorer
    interrupt: Interrupt
    bar: "tqdm[Any]"
    on_epoch: EpochCallback | None

    def run(
        self, batches: Iterator[list[Tensor]], plan: BatchPlan, position: Position, steps: int
    ) -> None:
        """Train from the position to the last step."""
        losses: list[tuple[int, StepLosses]] = []
        train_step = FittingStep(self.gan, self.config.loss, self.runtime)
        started = time.perf_counter() - position.seconds
        self.gan.generator.train()
        self.gan.discriminator.train()
        for batch in batches:
            self.gan.set_lr(learning_rate(self.config.optimizer, position.step / steps))
            real_input, real_target = self.augment.vary(*batch)
            weight = self.runtime.weight(len(plan.batch(position.step)))
            step_losses = train_step(real_input, real_target, weight)
            position.step += 1
            losses.append((position.step, step_losses))
            self.bar.update()
            epoch, within = divmod(position.step, plan.steps_per_epoch)
            epoch_ends = within == 0
            stop = self.runtime.agree(self.interrupt.wanted(position.step))
            stop = stop and position.step < steps
            if stop or epoch_ends or len(losses) == LOG_EVERY:
                self.folder.record_steps(losses)
                losses.clear()
            if stop or epoch_ends:
                self.folder.check_weights(position.step)
            if epoch_ends and self.runtime.is_main:
                self._end_epoch(epoch, position)
            position.seconds = time.perf_counter() - started
            if stop or epoch_ends:
                self.folder.save(position)
            if stop:
                raise RunError(
                    f"Stopped at step {position.step} of {steps}: its checkpoint is in "
                    f"{self.folder.path}, go on with --resume."
                )

    def _end_epoch(self, epoch: int, position: Position) -> None:
        scores = self.scorer.score(self.gan.best_generator, epoch)
        row = self.folder.record_epoch(epoch, position.step, scores)
        speed = self.config.training.batch_size * (self.bar.format_dict["rate"] or 0)
        self.bar.set_postfix(val_psnr=f"{row['val_psnr']:.2f} dB", images_per_s=f"{speed:.0f}")
        if self.on_epoch is not None:
            self.on_epoch(row)


def learning_rate(settings: OptimizerConfig, progress: float) -> float:
    """The rate of a step: constant, then in a straight line to zero where `decay_from` asks so.

    Args:
        settings: `lr` and `decay_from`.
        progress: share of the run's steps that are done, 0 to 1.
    """
    left = (1 - progress) / (1 - settings.decay_from) if settings.decay_from < 1 else 1.0
    return settings.lr * min(1.0, left)
