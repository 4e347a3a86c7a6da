"""The history of a run: losses of each step and scores of each epoch, written, read and drawn.

``RUN/history.jsonl`` has one JSON object a line. ``{"kind": "step"}`` holds the losses of one step,
``{"kind": "epoch"}`` what was scored after an epoch; epoch 0 is before the first step.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exposure_lab.errors import CheckpointError, RunError
from exposure_lab.files.atomic import write_text

if TYPE_CHECKING:
    from exposure_lab.plots import Figure

Row = dict[str, Any]

HISTORY = "history.jsonl"

FIELDS = {
    "step": ("step", "discriminator", "adversarial", "l1"),
    "epoch": ("step", "epoch", "train_l1", "val_l1", "val_psnr", "val_psnr_identity"),
}
"""Fields of each kind of row, all of them numbers."""


class History:
    """Writer of a run's ``history.jsonl``."""

    def __init__(self, run: Path | str) -> None:
        self.path = Path(run) / HISTORY

    def append(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Append rows; a line that a crash cut short is dropped by `read_history`."""
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(row, allow_nan=False) + "\n" for row in rows)
            # A checkpoint that outlived a power cut is of no use without the history up to it.
            file.flush()
            os.fsync(file.fileno())

    def cut(self, step: int) -> None:
        """Remove the rows after a step, since the run goes on from that step's checkpoint."""
        rows = (
            [row for row in _parse_rows(self.path) if row["step"] <= step]
            if self.path.exists()
            else []
        )
        write_text(self.path, "".join(json.dumps(row) + "\n" for row in rows))


def read_history(run: Path | str, kind: str | None = None) -> list[Row]:
    """Read the history of a run, oldest row first; only rows of one kind where asked.

    Raises:
        RunError: the folder holds no run.
    """
    path = Path(run) / HISTORY
    if not path.exists():
        raise RunError(f"Expected a run in {run}, but it holds no history.jsonl: check the path.")
    return [row for row in _parse_rows(path) if kind in (None, row["kind"])]


class HistoryCheck:
    """Checks whether a run's history covers its checkpoints, and names the first gap."""

    def __init__(self, run: Path | str, steps_per_epoch: int) -> None:
        """Read the history, which may be gone; an epoch is scored after its last step."""
        self.run, self.steps_per_epoch = Path(run), steps_per_epoch
        self.rows = _parse_rows(self.run / HISTORY) if (self.run / HISTORY).exists() else []
        self.first_error: RunError | None = None
        """For the first checkpoint that was not covered; None where all were."""

    def check(self, folder: Path, step: int) -> None:
        """Check that the history holds all that was written before a checkpoint.

        Args:
            folder: of the checkpoint.
            step: of the checkpoint.

        Raises:
            CheckpointError: it does not.
        """
        gap = _first_gap(self.rows, step, self.steps_per_epoch)
        if gap is None:
            return
        self.first_error = self.first_error or RunError(
            f"Expected the history of {self.run} up to step {step}, but {gap}: bring {HISTORY} "
            "back or train in another folder."
        )
        raise CheckpointError(
            f"Expected a history that reaches {folder}, but {gap}: bring {HISTORY} back, or go on "
            "from the one before it."
        )


def draw_history(run: Path | str) -> "Figure":
    """Draw losses over steps, and held-out PSNR over epochs beside that of the untouched inputs.

    Raises:
        RunError: the folder holds no run.
    """
    from exposure_lab.plots import curves  # half a second, which a run need not wait for

    steps, epochs = read_history(run, "step"), read_history(run, "epoch")
    step_numbers = [row["step"] for row in steps]
    epoch_ends = [row["step"] for row in epochs]
    return curves(
        {
            "L1 loss": {"generator": (step_numbers, [row["l1"] for row in steps])},
            "Adversarial losses": {
                "generator": (step_numbers, [row["adversarial"] for row in steps]),
                "discriminator": (step_numbers, [row["discriminator"] for row in steps]),
            },
            "Held-out PSNR, dB": {
                "corrected": (epoch_ends, [row["val_psnr"] for row in epochs]),
                "untouched": (epoch_ends, [row["val_psnr_identity"] for row in epochs]),
            },
        },
        x_label="step",
    )


def _first_gap(rows: Sequence[Row], step: int, steps_per_epoch: int) -> str | None:
    """What is missing from the rows up to a step, in words; None where nothing is."""
    if not rows:
        return "it is gone"
    if rows[0]["kind"] != "epoch":
        return "its first row is of no epoch"
    last_step = max(row["step"] for row in rows)
    if last_step < step:
        return f"it ends at step {last_step}"
    scored = {row["step"] for row in rows if row["kind"] == "epoch"}
    if step % steps_per_epoch == 0 and step not in scored:
        return f"the scores after step {step} are missing"
    return None


def _parse_rows(path: Path) -> list[Row]:
    """Parse the rows up to the first line that is none, such as one that a crash cut short."""
    rows = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            break
        if not _is_row(row):
            break
        rows.append(row)
    return rows


def _is_row(row: Any) -> bool:
    fields = FIELDS.get(str(row.get("kind"))) if isinstance(row, dict) else None
    return fields is not None and all(type(row.get(field)) in (int, float) for field in fields)
