"""Staged folder: what a sandbox sees of this package, made once for all submissions of a batch."""

import compileall
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from exposure_lab.course.grading.sandbox.interpreter import PACKAGE
from exposure_lab.course.grading.sandbox.modules import in_short
from exposure_lab.fingerprints import digest, package_digest

NEVER_STAGED = ("course", "results", "study", "publishing", "weights", "cli")
"""Parts of the package that hold answers, or that no answer needs."""

INSIDE = ("worker", "worker_cells", "worker_question", "worker_statements", "wire")
"""Files of `course/grading` that run in the sandbox."""


def stage_package(left_out: Iterable[str], folder: Path) -> Path:
    """Stage the worker and this package without some modules, unless that was done before.

    Several processes may do so at once: a folder is there whole or not at all.

    Args:
        left_out: modules such as ``images.srgb``, whose sources and bytecode are both left out.
        folder: of this batch, outside any submission; it is made.

    Returns:
        A folder in it with ``packages/exposure_lab`` and ``worker``; another version of this
        package gets a folder of its own.

    Raises:
        GradingError: there is no such module.
    """
    left_out = in_short(left_out)
    return _stage(folder / _mark(*left_out), (*left_out, *NEVER_STAGED), ())


def stage_whole_package(folder: Path, script: Path) -> Path:
    """Stage this package as students have it, answers and all, and a script that runs beside it.

    It is for runs that no mark comes from. A grading must never see it.

    Args:
        folder: for such stages alone; it is made.
        script: what runs in the sandbox.

    Returns:
        As `stage_package`.
    """
    return _stage(folder / _mark(), (), (script,))


@cache
def _mark(*left_out: str) -> str:
    """Name of a staged folder: one for each version of the package and what is left out of it."""
    return digest(package_digest(), *left_out)[:16]


def _stage(stage: Path, left_out: Iterable[str], scripts: Iterable[Path]) -> Path:
    if stage.is_dir():
        return stage
    stage.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=stage.parent))
    try:
        _copy_package(left_out, unfinished / "packages" / PACKAGE.name)
        stage_worker(unfinished, scripts)
        compileall.compile_dir(unfinished, quiet=2)
        unfinished.rename(stage)
    except OSError:
        if not stage.is_dir():  # else another process was first
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return stage


def stage_worker(folder: Path, extra: Iterable[Path] = ()) -> None:
    """Copy what runs in the sandbox into the folder ``worker`` of a staged folder."""
    worker = folder / "worker"
    worker.mkdir()
    for path in (*(PACKAGE / f"course/grading/{name}.py" for name in INSIDE), *extra):
        shutil.copy2(path, worker / path.name)


def _copy_package(left_out: Iterable[str], target: Path) -> None:
    """Copy the package's sources and data, but no bytecode: that of a left-out module answers."""
    without = {PACKAGE.joinpath(*name.split(".")) for name in left_out}

    def ignored(folder: str, names: list[str]) -> set[str]:
        here = Path(folder)
        return {name for name in names if name == "__pycache__"} | {
            name for name in names if {here / name, (here / name).with_suffix("")} & without
        }

    shutil.copytree(PACKAGE, target, ignore=ignored)
