"""A class whose small notebook brings its own check, so that it runs to its end in a second."""

import json
from pathlib import Path
from typing import Any

import pytest
from made_up_batch import Class
from made_up_course import OWN_QUESTIONS, cells, course, package_has, write_book
from nbformat.v4 import new_code_cell

from exposure_lab.course.grading.batch_folder import BatchFolder
from exposure_lab.course.grading.formative.formative_pass import FormativePass, formative_pass
from exposure_lab.course.grading.formative.result import Formative, read_formative
from exposure_lab.course.grading.grade import Request
from exposure_lab.course.grading.record import list_records
from exposure_lab.course.release.manifest import read_manifest
from exposure_lab.course.release.release_folder import write_release

CHECK = """import numpy as np
def check(question, answer, variant=None):
    print(f'{question}: looked at')"""


class FormativeClass(Class):
    """Folder of submissions to a release of such a notebook."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.release = root / "release"
        small = cells()[:-3]  # the last exercise earns no points
        small[1].source = CHECK  # the package knows no made-up question
        book = write_book(root / "book", small)
        with pytest.MonkeyPatch.context() as monkeypatch:
            package_has(monkeypatch)
            write_release(self.release, course(book, 5).release())
        self.manifest = read_manifest(self.release)
        self.submissions = root / "submissions"
        self.submissions.mkdir()
        self.batch = BatchFolder(root / "grades")
        scale, square = self.manifest.questions
        self.scale, self.square = scale.variant["factor"], square.variant["factor"]

    def add_cell(self, student: str, source: str, before: str = "answer-01-square") -> None:
        """Add a cell of the student's own before another one."""
        path = self.submissions / f"{student}.ipynb"
        notebook: Any = json.loads(path.read_text(encoding="utf-8"))
        place = [cell["id"] for cell in notebook["cells"]].index(before)
        notebook["cells"].insert(place, dict(new_code_cell(source)))  # type: ignore[no-untyped-call]
        path.write_text(json.dumps(notebook), encoding="utf-8")

    def request(self, formative: float | None = None) -> Request:
        """What an instructor asks for."""
        return Request(
            self.submissions,
            self.release,
            self.batch.root,
            seed=3,
            questions=OWN_QUESTIONS,
            formative=formative,
        )

    def run(self, seconds: float = 60.0) -> FormativePass:
        """Run the whole notebooks of what was graded."""
        records = list_records(self.batch.root)
        return formative_pass(self.batch, records, seconds, lambda _done, _of: None)

    def result(self, student: str) -> Formative | None:
        """Result of a student."""
        return read_formative(self.batch.chapter(student, "01"))
