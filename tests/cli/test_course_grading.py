"""course grade and replay: from notebooks to a gradebook, and once more for an appeal."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from made_up_batch import OWN_QUESTIONS, Class, needs_sandbox

from exposure_lab.course.grading.sandbox import probe


class Outcome(NamedTuple):
    code: int
    text: str
    """What was printed, in one line."""


Course = Callable[..., Outcome]


@pytest.fixture
def course(call: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> Course:
    """Runs ``exposure-lab course ...`` in this process."""

    def run(*arguments: object) -> Outcome:
        code = call("course", *arguments)
        printed = capsys.readouterr()
        return Outcome(code, " ".join((printed.out + printed.err).split()))

    return run


def grading(small: Class) -> list[object]:
    """Arguments that grade the small class."""
    out = small.root / "grades"
    options = ["--release", small.release, "--out", out, "--questions", OWN_QUESTIONS]
    return ["grade", small.submissions, *options]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def small(tmp_path: Path) -> Class:
    return Class(tmp_path)


@needs_sandbox
@pytest.mark.slow
def test_from_a_folder_to_a_gradebook_and_an_appeal(small: Class, course: Course) -> None:
    small.hand_in_right("anna")
    small.hand_in("ben", f"def scale(x):\n    return abs(x) * {small.scale}", "squared = 0")
    first = course(*grading(small), "--seed", 3)
    assert first.code == 0, first.text
    assert "Network: it is unreachable from inside." in first.text
    assert "Graded 2 chapters, left 0 as they were; seed 3." in first.text
    grades = small.root / "grades"
    by_student = {row["student"]: row for row in rows(grades / "grades.csv")}
    assert [by_student[name]["01.scale (3)"] for name in ("anna", "ben")] == ["3", "1"]
    page = next(grades.glob("students/ben*/feedback.html")).read_text(encoding="utf-8")
    assert "the values differ" in page
    assert "<script" not in page
    again = course(*grading(small))
    assert again.code == 0
    assert "Graded 0 chapters, left 2 as they were; seed 3." in again.text
    replayed = course("replay", grades, "ben")
    assert replayed.code == 0, replayed.text
    assert "Chapter 01: 1 of 5 points." in replayed.text
    assert "The same marks as before." in replayed.text


@needs_sandbox
@pytest.mark.slow
def test_an_appeal_that_comes_out_otherwise_ends_with_1(small: Class, course: Course) -> None:
    small.hand_in_right("anna")
    assert course(*grading(small)).code == 0
    record = next((small.root / "grades").glob("students/anna*/01/record.json"))
    data = json.loads(record.read_text())
    data["questions"][0]["parts"][0]["earned"] = 0
    record.write_text(json.dumps(data))
    replayed = course("replay", small.root / "grades", "anna")
    assert replayed.code == 1
    assert "01.scale had 2 points, and has 3 now." in replayed.text


@needs_sandbox
def test_nobody_is_lost_and_the_command_ends_with_1(small: Class, course: Course) -> None:
    (small.submissions / "anna.ipynb").write_text("%PDF-1.7")
    (small.submissions / "ben.ipynb").write_text("{}")
    result = course(*grading(small))
    assert result.code == 1
    assert "2 students; need a person: 2; have a problem: 2;" in result.text
    problems = {row["student"]: row["problems"] for row in rows(small.root / "grades/grades.csv")}
    assert problems["anna"].startswith("Expected a notebook in anna.ipynb, but it is a PDF")
    assert set(problems) == {"anna", "ben"}


def test_no_sandbox_no_grading(
    small: Class, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "version", lambda: None)
    small.hand_in_right("anna")
    result = course(*grading(small))
    assert result.code == 1
    assert "Expected a sandbox for what students wrote, but: Sandbox: bubblewrap is not" in (
        result.text
    )
    assert not (small.root / "grades").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["grade", "none", "--release", "none", "--out", "x"], "Expected a release with"),
        (["replay", "none", "anna"], "there are none: choose the folder that `course grade` wrote"),
    ],
)
def test_bad_usage(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = course(*arguments)
    assert result.code == 1
    assert sentence in result.text
    assert list(tmp_path.iterdir()) == []


@needs_sandbox
@pytest.mark.slow
def test_replay_of_somebody_else(small: Class, course: Course) -> None:
    small.hand_in_right("anna")
    course(*grading(small))
    result = course("replay", small.root / "grades", "ana")
    assert result.code == 2
    assert "Unknown student 'ana'; did you mean 'anna'?" in result.text
