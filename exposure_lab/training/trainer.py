"""The training loop: steps, validation at the end of each epoch, checkpoints."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.dataset import PairedImages, fingerprint, open_photos
from exposure_lab.data.loading.gpu_resident import ResidentPhotos, fits_on_gpu
from exposure_lab.data.loading.loader import Batch, BatchPlan, load_batches
from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.errors import RunError
from exposure_lab.runtime import Runtime, start_runtime
from exposure_lab.training import run_lock
from exposure_lab.training.gan import GAN, StepLosses
from exposure_lab.training.history import Row
from exposure_lab.training.microbatches import OomRetryStep
from exposure_lab.training.run_folder import Progress, RunFolder
from exposure_lab.training.schedule import learning_rate
from exposure_lab.training.stop_signal import StopSignal
from exposure_lab.training.validation import Validator
from exposure_lab.training.warm_start import settle_origin, start_from

LOG_EVERY = 10
"""Steps between two reads of the losses: each read makes a GPU wait for the processor."""

EpochCallback = Callable[[Row], None]


def train(
    config: RunConfig,
    data: Path | str,
    out: Path | str,
    *,
    resume: bool = False,
    from_run: Path | str | None = None,
    stop_after: int | None = None,
    max_minutes: float | None = None,
    on_epoch: EpochCallback | None = None,
    runtime: Runtime | None = None,
    quiet: bool = False,
) -> Row:
    """Train a generator and a discriminator, and write the run to one folder.

    Args:
        config: settings, such as ``load_profile("smoke")``.
        data: folder in MSEC layout with training and validation pairs, or such a set packed.
        out: folder of the run: ``config.json``, ``history.jsonl``, ``checkpoints/``,
            ``validation/`` with a picture an epoch and the PSNR of each input, and at the end
            ``summary.json``.
        resume: go on from the last checkpoint there that the history reaches. On a CPU the result
            is bitwise that of a run that was never interrupted, given the same machine, versions,
            threads and precision; where one of them differs a warning says which, and the summary
            names the conditions of each stretch. With more epochs a run goes on where its learning
            rate is constant.
        from_run: start from the networks of this other run, with new optimisers; recorded in
            ``started_from.json`` and in the provenance.
        stop_after: leave after this many steps as Ctrl-C does, for trying `resume`.
        max_minutes: leave in the same way once this much time has passed.
        on_epoch: called with each epoch's row of the history, for a live plot.
        runtime: device and precision; found by itself where not given.
        quiet: no progress bar.

    Returns:
        The content of ``summary.json``.

    Raises:
        RunError: the folder holds a run already, or one of other settings, data or start; its
            history is gone or reaches no checkpoint; the loss is not finite; or the run was
            stopped.
        DataError: the pairs cannot be used.
        CheckpointError: the checkpoints cannot be read.
        FilesError: the disk is full, the folder holds files of somebody else, or another process
            trains in it.
    """
    out, runtime = Path(out), runtime or start_runtime(config.precision)
    trainer = Trainer(config, data, out, runtime, on_epoch=on_epoch, quiet=quiet)
    origin = None if from_run is None else start_from(from_run, trainer.gan, config)
    lock = run_lock.acquire(out, config, resume) if runtime.is_main else nullcontext()
    with StopSignal(stop_after, max_minutes) as stop, lock:
        if runtime.is_main:
            settle_origin(out, origin)
        runtime.barrier()
        trainer.start(resume)
        trainer.run(stop)
    runtime.barrier()
    return trainer.folder.summarize(trainer.progress)


class Trainer:
    """One run: its data, its networks and its folder, and the loop that brings them together."""

    def __init__(
        self,
        config: RunConfig,
        data: Path | str,
        out: Path,
        runtime: Runtime,
        *,
        on_epoch: EpochCallback | None = None,
        quiet: bool = False,
        build: Callable[[RunConfig, Runtime, int], GAN] = GAN.build,
    ) -> None:
        """Open the data and build the networks; the arguments are those of `train`.

        The folder is not touched yet, so that wrong data leave no trace there.

        Args:
            build: makes the networks; those of the settings where not given.

        Raises:
            DataError: the pairs cannot be used.
        """
        self.config, self.runtime = config, runtime
        self.on_epoch, self.quiet = on_epoch, quiet
        # Taken before the first step: whatever becomes of the files later, the run has seen these.
        data_fingerprint = fingerprint(data)
        photos = open_photos(data, "training", config.data)
        self.dataset = PairedImages(photos, config.data, config.seed)
        self.validator = Validator(config, self.dataset, data, out, runtime)
        settings = config.training
        self.plan = BatchPlan(
            len(self.dataset), settings.batch_size, config.seed, settings.steps_per_epoch
        )
        self.total_steps = self.plan.steps_per_epoch * settings.epochs
        torch.manual_seed(config.seed)
        self.gan = build(config, runtime, self.total_steps)
        self.folder = RunFolder(out, config, self.gan, runtime, data_fingerprint)
        self.progress = Progress()
        self._unwritten: list[tuple[int, StepLosses]] = []  # not in the history yet

    def start(self, resume: bool) -> None:
        """Restore the last checkpoint, or validate the untrained generator as epoch 0.

        Raises:
            RunError, CheckpointError: as `RunFolder.restore`.
        """
        self.progress = self.folder.restore(resume, self.total_steps)
        if self.progress.step == 0 and self.runtime.is_main:
            scores = self.validator.score(self.gan.eval_generator, 0)
            self.folder.record_epoch(0, 0, scores)

    def run(self, stop: StopSignal) -> None:
        """Train to the last step, or to where `stop` requests an end.

        Raises:
            RunError: it was stopped, or a loss or a weight is not finite.
        """
        take_step = OomRetryStep(self.gan)
        begun = time.perf_counter() - self.progress.seconds
        self.gan.generator.train()
        self.gan.discriminator.train()
        batches, done, hidden = self._load_batches(), self.progress.step, self.quiet or None
        with tqdm(total=self.total_steps, initial=done, unit="step", disable=hidden) as bar:
            for batch in batches:
                self.gan.set_lr(self._learning_rate())
                losses = take_step(batch, self._loss_weight())
                self._record(losses, bar)
                epoch_ends = self.progress.step % self.plan.steps_per_epoch == 0
                stopping = self._is_stopping(stop)
                if epoch_ends or stopping:
                    self._write_losses()
                    self.folder.check_weights(self.progress.step)
                if epoch_ends and self.runtime.is_main:
                    self._validate(bar)
                self.progress.seconds = time.perf_counter() - begun
                if epoch_ends or stopping:
                    self.folder.save(self.progress)
                if stopping:
                    planned = self.progress.step == stop.stop_after
                    if planned:
                        bar.total = self.progress.step  # ends full, not in a notebook's red
                    raise self._stopped("resume=True" if planned else "--resume")

    def _load_batches(self) -> Iterator[Batch]:
        """Load the batches of the steps that are left."""
        return load_batches(
            self.dataset,
            self.plan,
            self.progress.step,
            self.total_steps,
            self.runtime,
            self.config.data.workers,
            self._copy_to_gpu(),
        )

    def _copy_to_gpu(self) -> ResidentPhotos | None:
        """Copy the photos of a pack to the GPU, where it has room for them."""
        photos = self.dataset.photos
        if not (isinstance(photos, PackedPairs) and fits_on_gpu(photos, self.runtime.device)):
            return None
        resident = ResidentPhotos(photos, self.runtime.device)
        if self.runtime.is_main and not self.quiet:
            size = resident.pixels.numel() / 1e9
            tqdm.write(f"The photos are on the GPU, {size:.1f} GB of them.", file=sys.stderr)
        return resident

    def _learning_rate(self) -> float:
        return learning_rate(self.config.optimizer, self.progress.step / self.total_steps)

    def _loss_weight(self) -> float:
        return self.runtime.loss_weight(len(self.plan.batch(self.progress.step)))

    def _record(self, losses: StepLosses, bar: "tqdm[Any]") -> None:
        """Count a step and remember its losses; every so many steps they are written down."""
        self.progress.step += 1
        bar.update()
        self._unwritten.append((self.progress.step, losses))
        if len(self._unwritten) == LOG_EVERY:
            self._write_losses()

    def _write_losses(self) -> None:
        """Write the losses of the last few steps. Raises RunError where one is not finite."""
        self.folder.record_steps(self._unwritten)
        self._unwritten.clear()

    def _is_stopping(self, stop: StopSignal) -> bool:
        """Whether any process is asked to stop, and there are steps left."""
        requested = self.runtime.any_rank(stop.requested(self.progress.step))
        return requested and self.progress.step < self.total_steps

    def _validate(self, bar: "tqdm[Any]") -> None:
        """Validate the generator after an epoch, and show its scores."""
        epoch = self.progress.step // self.plan.steps_per_epoch
        scores = self.validator.score(self.gan.eval_generator, epoch)
        row = self.folder.record_epoch(epoch, self.progress.step, scores)
        speed = self.config.training.batch_size * (bar.format_dict["rate"] or 0)
        bar.set_postfix(val_psnr=f"{row['val_psnr']:.2f} dB", images_per_s=f"{speed:.0f}")
        if self.on_epoch is not None:
            self.on_epoch(row)

    def _stopped(self, way_on: str) -> RunError:
        return RunError(
            f"Stopped at step {self.progress.step} of {self.total_steps}: its checkpoint is in "
            f"{self.folder.path}, go on with {way_on}."
        )
