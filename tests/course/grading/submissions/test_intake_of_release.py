"""Intake of the very notebooks that a release hands out."""

import json
from pathlib import Path
from typing import Any

import pytest

from exposure_lab.course.grading.submissions.answers import read_answers
from exposure_lab.course.grading.submissions.collect import collect
from exposure_lab.course.grading.submissions.given import read_given
from exposure_lab.course.release.manifest import STUDENT, Manifest, read_manifest
from exposure_lab.course.release.release import Course
from exposure_lab.course.release.release_folder import write_release

BOOK = Path(__file__).parents[4] / "book"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Release of two chapters."""
    out = tmp_path_factory.mktemp("course") / "release"
    write_release(out, Course(BOOK, seed=3, chapters=("01", "05")).release())
    return out


def questions(manifest: Manifest, chapter: str) -> set[str]:
    found = {one.id for one in manifest.questions if one.chapter == chapter}
    assert found
    return found


def without_marks(notebook: dict[str, Any]) -> None:
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)


def test_every_answer_is_found_and_nothing_else_is_taken(release: Path) -> None:
    manifest = read_manifest(release)
    given = read_given(release, manifest)
    for chapter in manifest.chapters:
        answers = read_answers(release / STUDENT / chapter.file, manifest, given)
        assert answers.chapter == chapter.number
        assert {cell.question for cell in answers.cells} == questions(manifest, chapter.number)
        written = {one.id for one in manifest.written if one.chapter == chapter.number}
        assert set(answers.texts) == written
        assert not answers.remarks


def test_every_answer_is_found_where_all_marks_are_lost(release: Path, tmp_path: Path) -> None:
    manifest = read_manifest(release)
    given = read_given(release, manifest)
    for chapter in manifest.chapters:
        notebook = json.loads((release / STUDENT / chapter.file).read_text())
        whole = read_answers(release / STUDENT / chapter.file, manifest, given)
        without_marks(notebook)
        (tmp_path / "mine.ipynb").write_text(json.dumps(notebook))
        found = read_answers(tmp_path / "mine.ipynb", manifest, given)
        assert found.cells == whole.cells
        assert found.texts == whole.texts
        assert all("needs review" in sentence for sentence in found.remarks.values())


def test_the_folder_that_students_got_is_itself_a_submission(release: Path, tmp_path: Path) -> None:
    """All chapters of one student in a folder, with the handouts still beside them."""
    (tmp_path / "class").mkdir()
    (release / STUDENT).rename(tmp_path / "class/ana")
    (ana,) = collect(tmp_path / "class", read_manifest(release), tmp_path / "work")
    (tmp_path / "class/ana").rename(release / STUDENT)
    assert [path.name[:2] for path in ana.notebooks] == ["01", "05"]
    assert ana.problems == ()
