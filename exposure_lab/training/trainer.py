"""The training loop: what happens, in the order in which it happens."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from tqdm.auto import tqdm

from exposure_lab.checkpoint import latest_checkpoint, restore, save_checkpoint
from exposure_lab.config import RunConfig
from exposure_lab.data.pairs import BatchPlan, PairedImages, find_pairs
from exposure_lab.errors import RunError
from exposure_lab.files import folder_lock, write_json
from exposure_lab.provenance import data_fingerprint, provenance
from exposure_lab.runtime import Runtime, device_name, start_runtime
from exposure_lab.training.claim import claim
from exposure_lab.training.gan import GAN, StepLosses, train_step
from exposure_lab.training.history import History, Row, read_history
from exposure_lab.training.interrupt import Interrupt
from exposure_lab.training.scoring import Scorer

LOG_EVERY = 10
"""Steps between two looks at the losses: each look makes a GPU wait for the processor."""

EpochCallback = Callable[[Row], None]


@dataclass
class Position:
    """How far a run has come."""

    step: int = 0
    seconds: float = 0.0


def train(
    config: RunConfig,
    data: Path | str,
    out: Path | str,
    *,
    resume: bool = False,
    stop_after: int | None = None,
    on_epoch: EpochCallback | None = None,
    runtime: Runtime | None = None,
    quiet: bool = False,
) -> Row:
    """Train a generator and a discriminator; leave everything in one folder.

    Args:
        config: settings, such as ``load_profile("smoke")``.
        data: folder in MSEC layout with training and validation pairs.
        out: folder of the run: ``config.json``, ``history.jsonl``, ``checkpoints/``,
            ``validation/`` with a picture an epoch, and at the end ``summary.json``.
        resume: go on from the last checkpoint there; on a CPU the result is bitwise that of a run
            that was never interrupted.
        stop_after: leave after this many steps as Ctrl-C does, for trying `resume`.
        on_epoch: called with each epoch's row of the history, as a live plot wants it.
        runtime: device and precision; found by itself where not given.
        quiet: no progress bar.

    Returns:
        The content of ``summary.json``.

    Raises:
        RunError: the folder holds a run already, the loss is not finite, or the run was stopped.
        DataError: the pairs cannot be used.
        CheckpointError: the checkpoints cannot be read.
        FilesError: the disk is full, or another process trains in the same folder.
    """
    runtime = runtime or start_runtime(config.precision)
    out = Path(out)
    # What can be wrong with the data is found before the folder is touched.
    dataset = PairedImages(find_pairs(data, "training"), config.data, config.seed)
    scorer = Scorer(config, dataset, data, out, runtime)
    lock = folder_lock(out) if runtime.is_main else nullcontext()
    with lock, Interrupt(stop_after) as interrupt:
        if runtime.is_main:
            claim(out, config, resume)
        torch.manual_seed(config.seed)
        gan = GAN.build(config, runtime)
        settings = config.training
        plan = BatchPlan(len(dataset), settings.batch_size, config.seed, settings.steps_per_epoch)
        run = _Run(config, runtime, gan, plan, out, scorer)
        position = run.begin(resume)
        steps = plan.steps_per_epoch * settings.epochs
        batches = _batches(dataset, plan, position.step, steps, runtime, config.data.workers)
        bar = tqdm(total=steps, initial=position.step, unit="step", disable=quiet or None)
        with bar:
            run.loop(batches, steps, position, interrupt, bar, on_epoch)
    return run.finish(position, data_fingerprint(data))


@dataclass
class _Run:
    config: RunConfig
    runtime: Runtime
    gan: GAN
    plan: BatchPlan
    out: Path
    scorer: Scorer

    def __post_init__(self) -> None:
        self.history = History(self.out)
        self.modules = {"generator": self.gan.generator, "discriminator": self.gan.discriminator}
        self.optimizers = {
            "generator_optimizer": self.gan.generator_optimizer,
            "discriminator_optimizer": self.gan.discriminator_optimizer,
        }

    def begin(self, resume: bool) -> Position:
        """Start at step 0 with a score of the untrained network, or where a checkpoint stands."""
        checkpoint = latest_checkpoint(self.out) if resume else None
        if checkpoint is not None:
            restore(checkpoint, self.modules, self.optimizers)
            self.gan.scaler.load_state_dict(checkpoint.state["scaler"])
            if self.runtime.is_main:
                self.history.cut(checkpoint.state["step"])
            return Position(checkpoint.state["step"], checkpoint.state["seconds"])
        if self.runtime.is_main:
            self.history.cut(-1)
        row = {"kind": "epoch", "epoch": 0, "step": 0} | self.scorer.score(self.gan.generator, 0)
        self._record([row])
        return Position()

    def loop(
        self,
        batches: Iterator[list[Tensor]],
        steps: int,
        position: Position,
        interrupt: Interrupt,
        bar: "tqdm[Any]",
        on_epoch: EpochCallback | None,
    ) -> None:
        """Train from the position to the last step."""
        waiting: list[tuple[int, StepLosses]] = []
        started = time.perf_counter() - position.seconds
        self.gan.generator.train()
        self.gan.discriminator.train()
        for batch in batches:
            self._set_lr(position.step / steps)
            real_input, real_target = self.runtime.to_device(batch)
            losses = train_step(
                self.gan, real_input, real_target, self.config.loss.lambda_l1, self.runtime
            )
            position.step += 1
            waiting.append((position.step, losses))
            bar.update()
            epoch, within = divmod(position.step, self.plan.steps_per_epoch)
            stop = interrupt.wanted(position.step) and position.step < steps
            if stop or not within or len(waiting) == LOG_EVERY:
                self._log(waiting, bar)
            if not within:
                scores = self.scorer.score(self.gan.generator, epoch)
                row = {"kind": "epoch", "epoch": epoch, "step": position.step, **scores}
                self._record([row])
                bar.set_postfix(val_psnr=f"{row['val_psnr']:.2f} dB")
                if on_epoch is not None:
                    on_epoch(row)
            position.seconds = time.perf_counter() - started
            if stop or not within:
                self._save(position)
            if stop:
                raise RunError(
                    f"Stopped at step {position.step} of {steps}: its checkpoint is in {self.out}, "
                    "go on with --resume."
                )

    def finish(self, position: Position, fingerprint: str) -> Row:
        """Sum the run up in ``summary.json``."""
        epochs = read_history(self.out, "epoch")
        first, last = epochs[0], epochs[-1]
        images = position.step * self.config.training.batch_size
        device = device_name(self.runtime.device)
        summary = {
            "steps": position.step,
            "seconds": round(position.seconds, 2),
            "images_per_s": round(images / position.seconds, 2),
            "train_l1_first": first["train_l1"],
            "train_l1_last": last["train_l1"],
            "val_psnr_first": first["val_psnr"],
            "val_psnr_last": last["val_psnr"],
            "val_psnr_identity": last["val_psnr_identity"],
            "provenance": provenance(device, self.config.seed, fingerprint)
            | {"profile": self.config.profile, "precision": self.runtime.precision},
        }
        if self.runtime.is_main:
            write_json(self.out / "summary.json", summary)
        return summary

    def _set_lr(self, progress: float) -> None:
        settings = self.config.optimizer
        left = (1 - progress) / (1 - settings.decay_from) if settings.decay_from < 1 else 1.0
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = settings.lr * min(1.0, left)

    def _log(self, waiting: list[tuple[int, StepLosses]], bar: "tqdm[Any]") -> None:
        if not waiting:
            return
        table = torch.stack([torch.stack(losses) for _, losses in waiting]).tolist()
        rows = [
            {"kind": "step", "step": step, **dict(zip(StepLosses._fields, values, strict=True))}
            for (step, _), values in zip(waiting, table, strict=True)
        ]
        waiting.clear()
        if not all(math.isfinite(value) for values in table for value in values):
            raise RunError(
                f"Expected finite losses, but they are not at step {rows[-1]['step']}: lower "
                "optimizer.lr or check the data; the last checkpoint is from before it."
            )
        self._record(rows)

    def _record(self, rows: list[Row]) -> None:
        if self.runtime.is_main:
            self.history.append(rows)

    def _save(self, position: Position) -> None:
        if self.runtime.is_main:
            state = {
                "seconds": position.seconds,
                "scaler": self.gan.scaler.state_dict(),
                "config": self.config.model_dump(),
            }
            save_checkpoint(self.out, position.step, self.modules, self.optimizers, state)
        self.runtime.barrier()


def _batches(
    dataset: PairedImages, plan: BatchPlan, first: int, steps: int, runtime: Runtime, workers: int
) -> Iterator[list[Tensor]]:
    """Batches (real_input, real_target), each (B, 3, S, S), from step ``first`` on."""
    items = (runtime.mine(plan.batch(step)) for step in range(first, steps))
    pin = runtime.device.type == "cuda"
    loader = DataLoader(
        dataset,
        batch_sampler=items,
        num_workers=workers,
        pin_memory=pin,
        # Starting to iterate draws a number. From torch's own generator it would shift the dropout
        # of a resumed run, which starts once more than an uninterrupted one.
        generator=torch.Generator(),
    )
    return iter(loader)
