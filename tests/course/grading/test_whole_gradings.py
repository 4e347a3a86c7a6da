"""Whole gradings of a small class: nobody is lost, nothing is graded twice, all can be repeated."""

import json
from pathlib import Path

import pytest
from made_up_batch import Class, needs_sandbox

from exposure_lab.course.grading.batch import compare_records
from exposure_lab.course.grading.batch_folder import BatchFolder, BatchSettings, folder_name
from exposure_lab.course.grading.gradebook.standing import waits
from exposure_lab.course.grading.record import Record, list_records
from exposure_lab.errors import GradingError


@pytest.fixture
def small_class(tmp_path: Path) -> Class:
    return Class(tmp_path)


def marks(records: dict[str, Record]) -> dict[str, list[int]]:
    """Student to the points earned in each question."""
    return {
        student: [question.earned for question in record.questions]
        for student, record in records.items()
    }


@needs_sandbox
@pytest.mark.slow
def test_right_partly_right_and_hostile_answers(small_class: Class) -> None:
    small_class.hand_in_right("right")
    small_class.hand_in(
        "partly", f"def scale(x):\n    return abs(x) * {small_class.scale}", "squared = 'many'"
    )
    small_class.hand_in("leaves", "import os\ndef scale(x):\n    os._exit(0)", "squared = 0")
    (small_class.submissions / "printed.ipynb").write_text("%PDF-1.7")
    records = small_class.grade()
    assert marks(records) == {"right": [3, 2], "partly": [1, 0], "leaves": [0, 0], "printed": []}
    assert records["right"].written[0].text == "A stop is a doubling of the light."
    assert waits(records["right"].written[0])
    scale, square = records["partly"].questions
    assert [part.reason for part in scale.parts] == [
        "",
        "Expected the scaled values, but the values differ: go through the steps one by one.",
    ]
    assert square.parts[0].reason == "Expected the square as a number, but got a text."
    assert records["leaves"].questions[0].limit == "died"
    assert "ended Python itself" in records["leaves"].questions[0].parts[0].reason
    assert records["printed"].problems[0].startswith("Expected a notebook in printed.ipynb, but")


@needs_sandbox
@pytest.mark.slow
def test_only_what_changed_is_graded_again(small_class: Class) -> None:
    small_class.hand_in_right("anna")
    small_class.hand_in("ben", "def scale(x):\n    return x", "squared = 1")
    assert set(small_class.grade()) == {"anna", "ben"}
    plan = small_class.plan()
    assert (plan.tasks, plan.outdated, plan.unchanged) == ((), (), 2)
    small_class.hand_in_right("ben")
    assert marks(small_class.grade()) == {"ben": [3, 2]}
    assert {record.student for record in list_records(small_class.batch.root)} == {"anna", "ben"}


@needs_sandbox
@pytest.mark.slow
def test_other_questions_make_old_marks_outdated(
    small_class: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_class.hand_in_right("anna")
    before = small_class.grade()["anna"]
    references = small_class.batch.references / "01.json"
    data = json.loads(references.read_text())
    references.write_text(json.dumps({**data, "judged_by": "of an older version"}))
    folder = small_class.batch.chapter("anna", "01")
    record = json.loads((folder / "record.json").read_text())
    (folder / "record.json").write_text(json.dumps({**record, "judged_by": "older"}))
    plan = small_class.plan()
    assert [task.blank.student for task in plan.outdated] == ["anna"]
    assert plan.tasks == ()
    assert before.judged_by != "older"


def test_who_gained_and_who_lost(small_class: Class) -> None:
    def record(earned: int, reason: str = "") -> Record:
        part = {"part": "all", "points": 3, "earned": earned, "reason": reason}
        question = {"id": "01.scale", "tier": "A", "parts": [part]}
        return Record.model_validate(
            {"student": "anna", "name": "Anna", "chapter": "01", "questions": [question]}
        )

    assert compare_records(record(3), record(3)) == []
    (change,) = compare_records(record(3), record(1, "Expected more."))
    assert (change.before, change.after, change.reason) == (3, 1, "Expected more.")
    (change,) = compare_records(record(0, "Expected more."), record(3))
    assert (change.before, change.after, change.reason) == (0, 3, "")


def test_a_student_who_hands_in_later_leaves_no_empty_record(small_class: Class) -> None:
    (small_class.submissions / "anna.ipynb").write_text("{}")
    (record,) = small_class.grade().values()
    assert record.chapter == ""
    assert record.problems
    small_class.hand_in_right("anna")
    (task,) = small_class.plan().tasks
    assert task.blank.chapter == "01"
    assert list_records(small_class.batch.root) == []


def settings(release: str = "1" * 16) -> BatchSettings:
    return BatchSettings("release", release, seed=1)


def test_a_batch_keeps_its_seed(tmp_path: Path) -> None:
    batch = BatchFolder(tmp_path / "grades")
    batch.open(settings())
    batch.open(settings())
    with pytest.raises(GradingError, match="Expected seed 1, with which the grades in"):
        batch.open(BatchSettings("release", "1" * 16, seed=99))


def test_grades_of_another_release_are_refused(tmp_path: Path) -> None:
    batch = BatchFolder(tmp_path / "grades")
    batch.open(settings())
    with pytest.raises(GradingError, match=r"Expected grades of release 2{16} in .*, but they are"):
        batch.open(settings("2" * 16))


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(GradingError, match="Expected an empty folder for the grades, but"):
        BatchFolder(tmp_path).open(settings())


def test_folders_of_students_are_safe_and_differ() -> None:
    names = ["../../etc", "a/b", "a b", "Ana María", "山田", "山本", "CON", "x" * 300, "", "A B"]
    folders = [folder_name(name) for name in names]
    assert len({folder.casefold() for folder in folders}) == len(names)
    assert all("/" not in folder and not folder.startswith(".") for folder in folders)
    assert all(len(folder) < 60 for folder in folders)
