"""The folder of a run: its history, its checkpoints and, at the end, its summary."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from exposure_lab.checkpoints.checkpoint import save_checkpoint
from exposure_lab.checkpoints.folders import checkpoint_folders, prune_checkpoints
from exposure_lab.config import RunConfig
from exposure_lab.errors import DivergedError
from exposure_lab.files.json_files import write_json
from exposure_lab.runtime import Runtime
from exposure_lab.training.conditions import (
    Stretch,
    check_data,
    continued,
    differences,
    record_of,
    run_provenance,
    stretches_of,
)
from exposure_lab.training.gan import GAN, StepLosses
from exposure_lab.training.history import History, Row, read_history
from exposure_lab.training.resume import restore_newest
from exposure_lab.training.summary import SUMMARY, read_kept_summary, summarize
from exposure_lab.training.warm_start import read_origin


@dataclass
class Progress:
    """How far a run has come: steps done, and seconds spent on them."""

    step: int = 0
    seconds: float = 0.0


class RunFolder:
    """Files of one run. Where there are several processes only the first one writes."""

    def __init__(
        self, path: Path, config: RunConfig, gan: GAN, runtime: Runtime, fingerprint: str
    ) -> None:
        """Name the folder and what is kept in it; nothing is read or written yet.

        Args:
            path: the folder.
            config: settings of the run.
            gan: networks and optimisers that checkpoints hold.
            runtime: device and processes.
            fingerprint: of the data, from before the first step.
        """
        self.path, self.config, self.gan, self.runtime = path, config, gan, runtime
        self.fingerprint = fingerprint
        self.history = History(path)
        self.resumed_at = 0
        self.stretches: list[Stretch] = []  # up to the step that it was resumed at

    def restore(self, resume: bool, steps: int) -> Progress:
        """Restore networks, optimisers and random state from the last checkpoint that can be used.

        The history's rows of later steps are removed, as is the summary where there are any: those
        steps will be done again.

        Args:
            resume: whether to look for a checkpoint.
            steps: of the whole run.

        Returns:
            The progress that the checkpoint was written at; step 0 where there is none.

        Raises:
            CheckpointError: there are checkpoints, and none can be used.
            RunError: other data, or a history that reaches none of the checkpoints.
        """
        progress = (self._restore_newest(steps) if resume else None) or Progress()
        self.resumed_at = progress.step
        self.runtime.barrier()  # each process has read the history that is now cut
        if self.runtime.is_main:
            self.history.cut(progress.step if progress.step else -1)
            if progress.step < steps:
                (self.path / SUMMARY).unlink(missing_ok=True)
        self.runtime.seed(self.config.seed, progress.step)
        self.runtime.barrier()
        return progress

    def _restore_newest(self, steps: int) -> Progress | None:
        """Restore the newest checkpoint of use, and check that the run goes on as it was begun."""
        steps_per_epoch = steps // self.config.training.epochs
        checkpoint = restore_newest(self.path, self.gan, steps_per_epoch)
        if checkpoint is None:
            return None
        progress = Progress(checkpoint.state["step"], checkpoint.state["seconds"])
        past, now = checkpoint.state.get("provenance"), self._provenance()
        check_data(self.path, past, now)
        self.stretches = stretches_of(checkpoint.state)
        if self.runtime.is_main and progress.step < steps and (changes := differences(past, now)):
            warnings.warn(
                f"Expected the conditions that {checkpoint.folder} was written under, but some "
                f"differ ({'; '.join(changes)}): the run goes on, and may end in other bits than "
                "without the stop.",
                stacklevel=2,
            )
        return progress

    def record_steps(self, losses: Sequence[tuple[int, StepLosses]]) -> None:
        """Append the losses of some steps to the history.

        Raises:
            DivergedError: one of them is not finite.
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
        """Append the scores after an epoch to the history, and return the row.

        Raises:
            DivergedError: a score is not finite.
        """
        row: Row = {"kind": "epoch", "epoch": epoch, "step": step, **scores}
        self._append([row])
        return row

    def check_weights(self, step: int) -> None:
        """Check that all weights are finite: the last update's effect shows in no loss yet.

        Raises:
            DivergedError: a weight is not finite.
        """
        for module in self.gan.networks.values():
            finite = torch.stack([t.isfinite().all() for t in module.state_dict().values()])
            if not bool(finite.all()):
                raise self._diverged("a weight", step)

    def save(self, progress: Progress) -> None:
        """Write a checkpoint, and prune those that are not worth their space any more.

        Raises:
            FilesError: no space; the checkpoints before it stay.
        """
        if self.runtime.is_main:
            average = self.gan.average
            state = {
                "seconds": progress.seconds,
                "scaler": self.gan.scaler.state_dict(),
                "averaged": 0 if average is None else int(average.n_averaged),
                "config": self.config.model_dump(),
                **self._record(progress.step),
            }
            networks, optimizers = self.gan.networks, self.gan.optimizers
            save_checkpoint(self.path, progress.step, networks, optimizers, state)
            prune_checkpoints(self.path, self._steps_to_keep(), progress.step)
        self.runtime.barrier()

    def _steps_to_keep(self) -> set[int]:
        """Steps of the best epoch so far, and of every `keep_every` epochs."""
        epochs = read_history(self.path, "epoch")
        every = self.config.training.keep_every
        kept = {row["step"] for row in epochs if every and row["epoch"] % every == 0}
        return kept | {max(epochs, key=lambda row: float(row["val_psnr"]))["step"]}

    def summarize(self, progress: Progress) -> Row:
        """Write the summary of a finished run, and return it.

        Where the run had come to its end before, the summary of then stays.
        """
        batch_size, record = self.config.training.batch_size, self._record(progress.step)
        summary = summarize(self.path, progress.step, progress.seconds, batch_size, record)
        if progress.step == self.resumed_at:
            if (kept := read_kept_summary(self.path, summary)) is not None:
                return kept
        if self.runtime.is_main:
            write_json(self.path / SUMMARY, summary)
        return summary

    def _record(self, step: int) -> dict[str, Any]:
        """Conditions of the run up to a step; a process that did no step is left out."""
        if self.stretches and step == self.resumed_at:
            return record_of(self.stretches)
        return record_of(continued(self.stretches, self.resumed_at, self._provenance()))

    def _append(self, rows: list[Row]) -> None:
        """Append rows up to the first figure that is not finite. Raises DivergedError for it."""
        for number, row in enumerate(rows):
            for key, value in row.items():
                if isinstance(value, float) and not math.isfinite(value):
                    self._append(rows[:number])
                    raise self._diverged(key, row["step"])
        if self.runtime.is_main:
            self.history.append(rows)

    def _provenance(self) -> dict[str, Any]:
        origin = read_origin(self.path)
        own = run_provenance(self.config, self.runtime, self.fingerprint)
        return own if origin is None else own | {"started_from": origin}

    def _diverged(self, what: str, step: int) -> DivergedError:
        checkpoints = checkpoint_folders(self.path)
        return DivergedError(
            f"Expected finite losses and weights, but {what} is not after step {step}: lower "
            "optimizer.lr or check the data, and train in another folder; "
            + (
                f"{checkpoints[-1]} is from before it."
                if checkpoints
                else "no checkpoint was written yet."
            )
        )
