"""What a run leaves on the disk: its history, its checkpoints and, at the end, its summary."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from exposure_lab.checkpoints.checkpoint import (
    Checkpoint,
    checkpoint_folders,
    prune_checkpoints,
    restore_latest,
    save_checkpoint,
)
from exposure_lab.checkpoints.checks import Kind, NewerCheckpointError, check_scaler
from exposure_lab.config import RunConfig
from exposure_lab.errors import CheckpointError, FilesError, RunError
from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.runtime import Runtime, unwrap
from exposure_lab.training.conditions import (
    Stretch,
    check_data,
    check_stretches,
    continued,
    differences,
    record_of,
    run_provenance,
    stretches_of,
)
from exposure_lab.training.gan import GAN, StepLosses
from exposure_lab.training.history import History, Reach, Row, read_history
from exposure_lab.training.run_lock import SUMMARY

NEEDED: dict[str, Kind] = {"seconds": (int, float), "scaler": dict, "averaged": int}
"""What a run must find in the state of a checkpoint."""


@dataclass
class Position:
    """How far a run has come."""

    step: int = 0
    seconds: float = 0.0


class RunFolder:
    """The files of one run. Where there are several processes only the first one writes."""

    def __init__(
        self, path: Path, config: RunConfig, gan: GAN, runtime: Runtime, fingerprint: str
    ) -> None:
        """`fingerprint` is of the data, from before the first step."""
        self.path, self.config, self.gan, self.runtime = path, config, gan, runtime
        self.fingerprint = fingerprint
        self.history = History(path)
        self.resumed_at = 0
        self.stretches: list[Stretch] = []  # up to there
        self.modules = {
            "generator": unwrap(gan.generator),
            "discriminator": unwrap(gan.discriminator),
        }
        if gan.average is not None:
            self.modules["average"] = gan.average.module
        self.optimizers = {
            "generator_optimizer": gan.generator_optimizer,
            "discriminator_optimizer": gan.discriminator_optimizer,
        }

    def restore(self, resume: bool, steps: int) -> Position:
        """Put the networks where the last checkpoint left them; step 0 where there is none.

        What the history says about later steps is forgotten, as is the summary where there are
        any: they will be done again.

        Args:
            resume: whether to look for a checkpoint.
            steps: of the whole run.

        Raises:
            CheckpointError: there are checkpoints, and none can be used.
            RunError: other data, or a history that reaches none of the checkpoints.
        """
        position = (self._restored(steps) if resume else None) or Position()
        self.resumed_at = position.step
        self.runtime.barrier()  # each process has read the history that is now cut
        if self.runtime.is_main:
            self.history.cut(position.step if position.step else -1)
            if position.step < steps:
                (self.path / SUMMARY).unlink(missing_ok=True)
        self.runtime.seed(self.config.seed, position.step)
        self.runtime.barrier()
        return position

    def _restored(self, steps: int) -> Position | None:
        checkpoint = self._newest_reached(steps // self.config.training.epochs)
        if checkpoint is None:
            return None
        position = self._put_back(checkpoint)
        then, now = checkpoint.state.get("provenance"), self._provenance()
        check_data(self.path, then, now)
        self.stretches = stretches_of(checkpoint.state)
        if self.runtime.is_main and position.step < steps and (others := differences(then, now)):
            warnings.warn(
                f"Expected the conditions that {checkpoint.folder} was written under, but some "
                f"differ ({'; '.join(others)}): the run goes on, and may end in other bits than "
                "without the stop.",
                stacklevel=2,
            )
        return position

    def _newest_reached(self, steps_per_epoch: int) -> Checkpoint | None:
        """Put back the newest checkpoint that the history reaches.

        Every process reads the history for itself, so that all choose the same checkpoint.
        """
        history = Reach(self.path, steps_per_epoch)

        def check(checkpoint: Checkpoint) -> None:
            check_scaler(checkpoint.folder, checkpoint.state["scaler"])
            check_stretches(checkpoint.folder, checkpoint.state)
            history.check(checkpoint.folder, checkpoint.state["step"])

        try:
            return restore_latest(self.path, self.modules, self.optimizers, NEEDED, check)
        except NewerCheckpointError:
            raise
        except CheckpointError as error:
            if history.missed is None:
                raise
            raise history.missed from error  # with its history there would be one to go on from

    def _put_back(self, checkpoint: Checkpoint) -> Position:
        state = checkpoint.state
        # A run that went on in another precision has no scale of a loss to go on from.
        if state["scaler"] and self.gan.scaler.is_enabled():
            self.gan.scaler.load_state_dict(state["scaler"])
        if self.gan.average is not None:
            self.gan.average.n_averaged.fill_(state["averaged"])
        return Position(state["step"], state["seconds"])

    def record_steps(self, losses: Sequence[tuple[int, StepLosses]]) -> None:
        """Write the losses of some steps to the history.

        Raises:
            RunError: one of them is not finite.
        """
        if not losses:
            return
        table = torch.stack([torch.stack(values) for _, values in losses]).tolist()
        rows = [
            {"kind": "step", "step": step, **dict(zip(StepLosses._fields, values, strict=True))}
            for (step, _), values in zip(losses, table, strict=True)
        ]
        self._append(rows)

    def record_epoch(self, epoch: int, step: int, scores: dict[str, float]) -> Row:
        """Write what was scored after an epoch to the history, and give the row back.

        Raises:
            RunError: a score is not finite.
        """
        row: Row = {"kind": "epoch", "epoch": epoch, "step": step, **scores}
        self._append([row])
        return row

    def check_weights(self, step: int) -> None:
        """See that the last update broke nothing: its effect shows in no loss yet.

        Raises:
            RunError: a weight is not finite.
        """
        for module in self.modules.values():
            finite = torch.stack([t.isfinite().all() for t in module.state_dict().values()])
            if not bool(finite.all()):
                raise self._diverged("a weight", step)

    def save(self, position: Position) -> None:
        """Write a checkpoint, and remove those that are not worth their space any more.

        Raises:
            FilesError: no space; the checkpoints before it stay.
        """
        if self.runtime.is_main:
            average = self.gan.average
            state = {
                "seconds": position.seconds,
                "scaler": self.gan.scaler.state_dict(),
                "averaged": 0 if average is None else int(average.n_averaged),
                "config": self.config.model_dump(),
                **self._record(position.step),
            }
            save_checkpoint(self.path, position.step, self.modules, self.optimizers, state)
            prune_checkpoints(self.path, self._worth_keeping(), position.step)
        self.runtime.barrier()

    def _worth_keeping(self) -> set[int]:
        """Steps of the best epoch so far, and of every so many epochs."""
        epochs = read_history(self.path, "epoch")
        every = self.config.training.keep_every
        kept = {row["step"] for row in epochs if every and row["epoch"] % every == 0}
        return kept | {max(epochs, key=lambda row: float(row["val_psnr"]))["step"]}

    def summarize(self, position: Position) -> Row:
        """Sum a finished run up in ``summary.json``, and give its content back.

        Where the run had come to its end before, the summary of then stays.
        """
        epochs = read_history(self.path, "epoch")
        first, last = epochs[0], epochs[-1]
        images = position.step * self.config.training.batch_size
        summary = {
            "steps": position.step,
            "seconds": round(position.seconds, 2),
            "images_per_s": round(images / position.seconds, 2),
            "train_l1_first": first["train_l1"],
            "train_l1_last": last["train_l1"],
            "val_psnr_first": first["val_psnr"],
            "val_psnr_last": last["val_psnr"],
            "val_psnr_identity": last["val_psnr_identity"],
            **self._record(position.step),
        }
        if position.step == self.resumed_at and (kept := self._kept_summary(summary)) is not None:
            return kept
        if self.runtime.is_main:
            write_json(self.path / SUMMARY, summary)
        return summary

    def _kept_summary(self, anew: Row) -> Row | None:
        """The summary that is there, where it is a whole one of the run's last step."""
        try:
            found = read_json_object(self.path / SUMMARY)
        except FilesError:
            return None
        is_whole = found.keys() >= anew.keys() and found["steps"] == anew["steps"]
        return found if is_whole else None

    def _record(self, step: int) -> dict[str, Any]:
        """What made the run up to a step; a process that did none of the steps is no part of it."""
        if self.stretches and step == self.resumed_at:
            return record_of(self.stretches)
        return record_of(continued(self.stretches, self.resumed_at, self._provenance()))

    def _append(self, rows: list[Row]) -> None:
        """Write rows up to the first that has a figure which is not finite."""
        for number, row in enumerate(rows):
            for key, value in row.items():
                if isinstance(value, float) and not math.isfinite(value):
                    self._append(rows[:number])
                    raise self._diverged(key, row["step"])
        if self.runtime.is_main:
            self.history.append(rows)

    def _provenance(self) -> dict[str, Any]:
        return run_provenance(self.config, self.runtime, self.fingerprint)

    def _diverged(self, what: str, step: int) -> RunError:
        kept = checkpoint_folders(self.path)
        return RunError(
            f"Expected finite losses and weights, but {what} is not after step {step}: lower "
            "optimizer.lr or check the data, and train in another folder; "
            + (f"{kept[-1]} is from before it." if kept else "no checkpoint was written yet.")
        )
