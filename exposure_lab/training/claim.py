"""Whose run a folder holds: nobody's yet, this one's, or another's."""

import sys
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from exposure_lab.checkpoint import checkpoint_folders, sweep_checkpoints
from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.files import read_json, write_json


def claim(out: Path, config: RunConfig, resume: bool) -> None:
    """Make a folder this run's own, or see that it is.

    Raises:
        RunError: it holds a run and `resume` is off, or a run with other settings.
    """
    file, settings = out / "config.json", config.model_dump(mode="json")
    if (file.exists() or checkpoint_folders(out)) and not resume:
        raise RunError(
            f"Expected a new folder, but {out} holds a run: go on with --resume or choose another."
        )
    if file.exists() and (differing := _first_difference(read_json(file), settings)):
        raise RunError(
            f"Expected the settings that {out} was started with, but {differing} differs: resume "
            "with the same settings or train in another folder."
        )
    sweep_checkpoints(out)
    if resume and not checkpoint_folders(out):
        tqdm.write(f"No checkpoint in {out} yet: starting from the beginning.", file=sys.stderr)
    write_json(file, settings)


def _first_difference(old: Any, new: Any, key: str = "") -> str | None:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return None if old == new else key
    for name in new.keys() | old.keys():
        dotted = f"{key}.{name}" if key else name
        if found := _first_difference(old.get(name), new.get(name), dotted):
            return found
    return None
