"""Unpacking in the tests of archives: small limits, and what came out."""

from collections.abc import Callable
from pathlib import Path

from exposure_lab.course.grading.submissions.archive import unpack
from exposure_lab.course.grading.submissions.found import Found
from exposure_lab.course.grading.submissions.limits import Budget, Limits

SMALL = Limits(packed=10**6, members=20, size=100_000, file=50_000, notebook=10_000, ratio=50)


def take(path: Path, limits: Limits = SMALL, budget: Budget | None = None) -> list[Found]:
    """Unpack beside the archive."""
    return unpack(
        path, path.parent / "out", limits, budget or Budget.whole(limits), shown=path.name
    )


def contents(found: list[Found]) -> dict[str, bytes]:
    return {file.shown: file.path.read_bytes() for file in found if file.path is not None}


def problems(found: list[Found]) -> list[str]:
    return [file.problem for file in found if file.problem is not None]


def files_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def rewritten(path: Path, change: Callable[[bytearray], None]) -> Path:
    raw = bytearray(path.read_bytes())
    change(raw)
    path.write_bytes(raw)
    return path
