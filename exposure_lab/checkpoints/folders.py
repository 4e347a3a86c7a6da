"""Checkpoints of a run as folders: listed, pruned, swept."""

import shutil
from collections.abc import Collection
from pathlib import Path

from exposure_lab.checkpoints.checks import is_step
from exposure_lab.files.atomic import sweep_leftovers

KEEP_LAST = 2
"""Newest checkpoints that are kept: two, so that one is left where the other is unreadable."""


def prune_checkpoints(
    run: Path | str, keep: Collection[int] = (), newest: int | None = None
) -> None:
    """Remove all checkpoints of a run but the last two and those of the steps to keep.

    Args:
        run: folder of the run.
        keep: steps.
        newest: the step that the run has reached. Checkpoints of later steps are those that it
            went back behind, since it could not use them; they neither count nor go.
    """
    folders = checkpoint_folders(run)
    reached = [path for path in folders if newest is None or int(path.name) <= newest]
    for old in reached[:-KEEP_LAST]:
        if int(old.name) not in keep:
            # What cannot go yet, such as a file that somebody reads over a network, does not end
            # a run: whatever is left is tried again after the next checkpoint.
            shutil.rmtree(old, ignore_errors=True)


def sweep_checkpoints(run: Path | str) -> None:
    """Remove half-written checkpoints of a killed process; only the run's owner may call it."""
    sweep_leftovers(Path(run) / "checkpoints")


def checkpoint_folders(run: Path | str) -> list[Path]:
    """List the checkpoints of a run, oldest first; other files beside them are left out."""
    folder = Path(run) / "checkpoints"
    if not folder.is_dir():
        return []
    checkpoints = [path for path in folder.iterdir() if is_step(path.name) and path.is_dir()]
    return sorted(checkpoints, key=lambda path: int(path.name))
