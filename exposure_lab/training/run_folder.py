"""What a run leaves on the disk: its history, its checkpoints and, at the end, its summary."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from exposure_lab.checkpoint import (
    Checkpoint,
    checkpoint_folders,
    prune_checkpoints,
    restore_latest,
    save_checkpoint,
)
from exposure_lab.checkpoint_checks import Kind
from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.json_files import write_json
from exposure_lab.runtime import Runtime, unwrap
from exposure_lab.training.conditions import check_data, differences, run_provenance
from exposure_lab.training.gan import GAN, StepLosses
from exposure_lab.training.history import History, Row, read_history

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

    def restore(self, resume: bool) -> Position:
        """Put the networks where the last checkpoint left them; step 0 where there is none.

        What the history says about later steps is forgotten: they will be done again.

        Raises:
            CheckpointError: there are checkpoints, and none can be used.
            RunError: other data, or a history that ends before the checkpoint.
        """
        position = (self._restored() if resume else None) or Position()
        if self.runtime.is_main:
            self.history.cut(position.step if position.step else -1)
        self.runtime.seed(self.config.seed, position.step)
        self.runtime.barrier()
        return position

    def _restored(self) -> Position | None:
        checkpoint = restore_latest(self.path, self.modules, self.optimizers, NEEDED)
        if checkpoint is None:
            return None
        position = self._put_back(checkpoint)
        then, now = checkpoint.state.get("provenance"), self._provenance()
        check_data(self.path, then, now)
        if self.runtime.is_main:
            self._check_history(position.step)
            if others := differences(then, now):
                warnings.warn(
                    f"Expected the conditions that {checkpoint.folder} was written under, but some "
                    f"differ ({'; '.join(others)}): the run goes on, and may end in other bits "
                    "than without the stop.",
                    stacklevel=2,
                )
        return position

    def _put_back(self, checkpoint: Checkpoint) -> Position:
        state = checkpoint.state
        # A run that went on in another precision has no scale of a loss to go on from.
        if state["scaler"] and self.gan.scaler.is_enabled():
            self.gan.scaler.load_state_dict(state["scaler"])
        if self.gan.average is not None:
            self.gan.average.n_averaged.fill_(state["averaged"])
        return Position(state["step"], state["seconds"])

    def _check_history(self, step: int) -> None:
        """See that the history reaches a checkpoint's step. Raises RunError."""
        rows = read_history(self.path) if self.history.path.exists() else []
        reached = max((row["step"] for row in rows), default=-1)
        if reached < step or rows[0]["kind"] != "epoch":
            state = f"it ends at step {reached}" if reached >= 0 else "it is gone"
            raise RunError(
                f"Expected the history of {self.path} up to step {step}, but {state}: bring "
                "history.jsonl back or train in another folder."
            )

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
                "provenance": self._provenance(),
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
        """Sum a finished run up in ``summary.json``, and give its content back."""
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
            "provenance": self._provenance(),
        }
        if self.runtime.is_main:
            write_json(self.path / "summary.json", summary)
        return summary

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
