"""Collection in the tests of intake: a folder of submissions, and its students by their keys."""

from pathlib import Path

from notebook_maker import MANIFEST, Notebook, save

from exposure_lab.course.grading.submissions.collect import collect
from exposure_lab.course.grading.submissions.submission import Submission


def collected(path: Path, **options: object) -> dict[str, Submission]:
    work = path.parent / "work"
    return {one.student: one for one in collect(path, MANIFEST, work, **options)}  # type: ignore[arg-type]


def folder(tmp_path: Path, files: dict[str, Notebook | bytes]) -> Path:
    for name, content in files.items():
        save(tmp_path / "handed in" / name, content)
    return tmp_path / "handed in"
