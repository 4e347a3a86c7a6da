"""The lock of a run's folder, and the check whose run it holds: none, this one or another."""

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from exposure_lab.checkpoints.folders import checkpoint_folders, sweep_checkpoints
from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.files.atomic import sweep_leftovers
from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.files.names import LEFTOVER, name_mark
from exposure_lab.files.ownership import folder_lock, refuse_foreign
from exposure_lab.training.history import HISTORY
from exposure_lab.training.summary import SUMMARY
from exposure_lab.training.validation import VALIDATION
from exposure_lab.training.warm_start import ORIGIN

CONFIG = "config.json"
"""Settings of a run; a folder that has them is known as a run's."""


@contextmanager
def acquire(out: Path, config: RunConfig, resume: bool) -> Iterator[None]:
    """Lock a run's folder while the block runs, and make it this run's own, or see that it is.

    Raises:
        RunError: it holds a run and `resume` is off, or a run with other settings.
        FilesError: it holds something else, its settings cannot be read, or another process is
            writing in it.
    """
    _refuse_used(out, resume)
    with folder_lock(out):
        _refuse_used(out, resume)  # by now another process may have used it
        file, settings = out / CONFIG, config.model_dump(mode="json")
        if file.exists():
            _refuse_other_settings(out, read_json_object(file), settings)
        sweep_checkpoints(out)
        _sweep(out, (CONFIG, HISTORY, SUMMARY, ORIGIN))
        epochs = range(config.training.epochs + 1)
        of_epochs = [f"epoch_{epoch:03d}.{kind}" for epoch in epochs for kind in ("png", "json")]
        _sweep(out / VALIDATION, of_epochs)
        if resume and not checkpoint_folders(out):
            tqdm.write(f"No checkpoint in {out} yet: starting from the beginning.", file=sys.stderr)
        write_json(file, settings)
        yield


def _refuse_used(out: Path, resume: bool) -> None:
    """Refuse a folder that holds anything but the run to go on with, before it is touched.

    Raises:
        RunError: it holds a run, and `resume` is off.
        FilesError: it holds something else.
    """
    is_run = (out / CONFIG).exists() or bool(checkpoint_folders(out))
    if is_run and not resume:
        raise RunError(
            f"Expected a new folder, but {out} holds a run: go on with --resume or choose another."
        )
    if not is_run:
        refuse_foreign(out, CONFIG)


def _sweep(folder: Path, names: Collection[str]) -> None:
    """Remove half-written versions of these files, which only the holder of the lock writes.

    Others write in a run's folder too and take no lock, such as a table of scores: what they have
    half-written is theirs.
    """
    if not folder.is_dir():
        return
    marks = {match[2] for path in folder.iterdir() if (match := LEFTOVER.fullmatch(path.name))}
    for name in names:  # a long run has thousands, and a look at the folder each would take long
        if name_mark(name) in marks:
            sweep_leftovers(folder, name)


def _refuse_other_settings(out: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Refuse settings by which the steps that are done would have been others. Raises RunError.

    Under a constant learning rate more epochs change nothing of them.
    """
    before, now = (_epochs(settings) for settings in (old, new))
    key = _first_difference(old, new)
    if key is None:
        return
    longer = type(before) is int and before < now
    longer = longer and old | {"training": old["training"] | {"epochs": now}} == new
    optimizer = new["optimizer"]
    points = [optimizer["decay_from"], optimizer["halve_from"]]
    if longer and min(points) >= 1:
        return
    if longer:
        first = min(points)
        raise RunError(
            f"Expected the settings that {out} was started with, but training.epochs was {before} "
            f"and is {now}: the learning rate began to fall after epoch {first * before:g} and "
            f"would then fall after epoch {first * now:g} only, so that other steps would have "
            f"been done; start a new run from these weights with --from {out} in another folder."
        )
    raise RunError(
        f"Expected the settings that {out} was started with, but {key} differs: resume with the "
        f"same settings or train in another folder, where --from {out} starts from these weights."
    )


def _epochs(settings: dict[str, Any]) -> Any:
    training = settings.get("training")
    return training.get("epochs") if isinstance(training, dict) else None


def _first_difference(old: Any, new: Any, key: str = "") -> str | None:
    """The dotted key of the first setting that differs; None where none does."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return None if old == new else key
    for name in new.keys() | old.keys():
        dotted = f"{key}.{name}" if key else name
        if differing := _first_difference(old.get(name), new.get(name), dotted):
            return differing
    return None
