"""Run the chapters with papermill into `build/chapters/`.

Each chapter runs in a kernel of its own, in an empty folder, so that it proves to need nothing but
the installed package. An execution is judged by papermill's exit code and by what the cells hold.
"""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from exposure_lab.errors import ChapterError, FilesError
from exposure_lab.files.disk import check_free_space
from exposure_lab.files.json_files import read_json, write_json
from exposure_lab.files.ownership import folder_lock
from exposure_lab.fingerprints import KERNEL_PACKAGES, digest, package_digest, versions
from exposure_lab.profiles.load import load_profile
from exposure_lab.publishing.chapter_names import select_chapters
from exposure_lab.publishing.notebook_files import Notebook, read_notebook, tags, write_notebook
from exposure_lab.publishing.papermill_run import Stopped, execute

Say = Callable[[str], None]

ROOM = 10_000_000
"""Bytes that an executed copy may take; they must be free before its chapter runs."""


@dataclass(frozen=True)
class ChapterResult:
    """Outcome of one chapter."""

    name: str
    path: Path
    """The executed copy; where the chapter failed, the copy that shows where."""
    seconds: float
    ran: bool
    """False where an earlier copy, made from the same inputs, was kept."""
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the chapter ran to its end."""
        return self.error is None


def run_chapters(
    names: Sequence[str] = (),
    profile: str = "smoke",
    root: Path | str = ".",
    *,
    out: Path | str | None = None,
    parameters: Mapping[str, Any] | None = None,
    force: bool = False,
    jobs: int = 1,
    say: Say = print,
) -> list[ChapterResult]:
    """Execute chapters; a failing one does not stop the others.

    The copy of an earlier run stays until the chapter has run again; where it fails, it goes. After
    Ctrl-C it stays too; the kernels have ended when KeyboardInterrupt reaches the caller.

    Args:
        names: such as ``"01_exposure"`` or ``"1"``; none means all.
        profile: one of the profiles, injected as the parameter ``profile``.
        root: a checkout with ``book/``.
        out: where the copies go; ``build/chapters`` of the checkout where not given.
        parameters: further values for the chapter's ``parameters`` cell.
        force: run even those whose inputs have not changed.
        jobs: chapters that run at once.
        say: takes one line per chapter.

    Raises:
        ConfigError: unknown profile or chapter.
        ChapterError: a parameter that a chapter does not have, or a notebook where a copy would go
            that no earlier run made.
        FilesError: the disk has no room for a copy.
    """
    load_profile(profile)
    chosen = select_chapters(names, root)
    values = {"profile": profile, **(parameters or {})}
    folder = Path(out) if out else Path(root) / "build" / "chapters"
    for path in chosen:
        _check_parameters(path, values)
        _check_target(folder / path.name)
    stop = threading.Event()
    # Each runs in processes of its own, for which a thread waits.
    with folder_lock(folder), ThreadPoolExecutor(jobs) as pool:
        run = partial(_run_chapter, values=values, folder=folder.resolve(), force=force)
        runs = [pool.submit(run, path, say=say, stop=stop) for path in chosen]
        try:
            # In short waits: on Windows Ctrl-C does not reach a thread that waits for another.
            while (state := wait(runs, timeout=0.5, return_when=FIRST_EXCEPTION)).not_done:
                for ended in state.done:
                    ended.result()
            return [ended.result() for ended in runs]
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def executed(name: str, root: Path | str) -> tuple[Path, str | None]:
    """Path of a chapter's executed copy, and the profile it was last run at; None if it was not."""
    path = Path(root) / "build" / "chapters" / f"{name}.ipynb"
    return path, _read_record(path).get("profile")


def _run_chapter(
    source: Path,
    values: Mapping[str, Any],
    folder: Path,
    force: bool,
    say: Say,
    stop: threading.Event,
) -> ChapterResult:
    target = folder / source.name
    failed = folder / f"{source.stem}.failed.ipynb"
    key = _cache_key(source, values)
    record = _read_record(target)
    if not force and target.exists() and record.get("key") == key:
        say(f"{source.stem:<20} unchanged")
        return ChapterResult(source.stem, target, float(record["seconds"]), ran=False)
    for place in (folder, tempfile.gettempdir()):  # papermill writes there first
        check_free_space(place, ROOM)
    failed.unlink(missing_ok=True)
    start = time.monotonic()
    try:
        notebook, error, retry = execute(source, values, stop)
        if error and retry and not stop.is_set():
            say(f"{source.stem:<20} {error}; once more")
            notebook, error, _ = execute(source, values, stop)
    except Stopped:
        say(f"{source.stem:<20} stopped")
        raise
    seconds = round(time.monotonic() - start, 1)
    if error:
        for stale in (target, target.with_suffix(".json")):  # or it would pass for what came now
            stale.unlink(missing_ok=True)
        if notebook is not None:
            write_notebook(failed, notebook)
        say(f"{source.stem:<20} FAILED after {seconds:.1f} s: {error}")
        return ChapterResult(source.stem, failed, seconds, ran=True, error=error)
    _write_copy(target, notebook, {"key": key, "seconds": seconds, "profile": values["profile"]})
    say(f"{source.stem:<20} {seconds:6.1f} s")
    return ChapterResult(source.stem, target, seconds, ran=True)


def _write_copy(target: Path, notebook: Notebook, record: dict[str, Any]) -> None:
    """Replace an executed copy, so that a kill at any moment leaves a whole one, known for ours."""
    # A copy without a record is somebody's own, so there is one first. It gets the key last: with
    # it, the older copy would pass for this one.
    write_json(target.with_suffix(".json"), {**record, "key": "none yet"})
    write_notebook(target, notebook)
    write_json(target.with_suffix(".json"), record)


def _check_parameters(path: Path, values: Mapping[str, Any]) -> None:
    """Raise ChapterError for an unknown parameter, which papermill only mentions."""
    import papermill

    if not any("parameters" in tags(cell) for cell in read_notebook(path).cells):
        raise ChapterError(f"Expected a cell tagged `parameters` in {path}, but there is none.")
    known = set(papermill.inspect_notebook(str(path)))
    if unknown := sorted(set(values) - known):
        raise ChapterError(
            f"Unknown parameter {', '.join(unknown)} of {path.name}; known: "
            f"{', '.join(sorted(known)) or 'none'}. Add it to the chapter's `parameters` cell or "
            "leave it out."
        )


def _check_target(target: Path) -> None:
    """Raise ChapterError where a copy would replace what no run made, such as a chapter."""
    if "key" in _read_record(target):
        return
    for path in (target, target.with_suffix(".json")):
        if path.exists():
            raise ChapterError(
                f"Expected room for an executed copy, but {path} is there and no earlier run made "
                "it: move it, or choose another folder."
            )


def _cache_key(source: Path, values: Mapping[str, Any]) -> str:
    notebook = read_notebook(source)
    cells = [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
    data = os.environ.get("EXPOSURE_LAB_DATA", "")
    return digest(
        cells, notebook.metadata, values, package_digest(), versions(KERNEL_PACKAGES), data
    )


def _read_record(target: Path) -> dict[str, Any]:
    try:
        record = read_json(target.with_suffix(".json"))
    except FilesError:
        return {}
    return record if isinstance(record, dict) else {}
