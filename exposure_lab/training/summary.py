"""The summary of a finished run, ``RUN/summary.json``."""

from pathlib import Path
from typing import Any

from exposure_lab.errors import FilesError
from exposure_lab.files.json_files import read_json_object
from exposure_lab.training.history import Row, read_history

SUMMARY = "summary.json"
"""Summary of a run, written once it has ended."""


def summarize(run: Path, steps: int, seconds: float, batch_size: int, record: Row) -> Row:
    """Sum up a finished run: steps, speed, first and last scores.

    Args:
        run: its folder, whose history is read.
        steps: of the whole run.
        seconds: that it trained, over all its processes' restarts.
        batch_size: over all processes together.
        record: its provenance, see `conditions.record_of`.
    """
    epochs = read_history(run, "epoch")
    first, last = epochs[0], epochs[-1]
    return {
        "steps": steps,
        "seconds": round(seconds, 2),
        "images_per_s": round(steps * batch_size / seconds, 2),
        "train_l1_first": first["train_l1"],
        "train_l1_last": last["train_l1"],
        "val_psnr_first": first["val_psnr"],
        "val_psnr_last": last["val_psnr"],
        "val_psnr_identity": last["val_psnr_identity"],
        **record,
    }


def read_kept_summary(run: Path, summary: dict[str, Any]) -> Row | None:
    """Read the summary that a folder holds; None where it is not a whole one of the same step.

    Args:
        run: the folder.
        summary: a new one, whose keys and last step the kept one must have.
    """
    try:
        kept = read_json_object(run / SUMMARY)
    except FilesError:
        return None
    is_whole = kept.keys() >= summary.keys() and kept["steps"] == summary["steps"]
    return kept if is_whole else None
