"""Whole notebooks rebuilt: the release's cells, with a student's code in its places."""

import json
from pathlib import Path
from typing import Any

import pytest
from formative_class import CHECK, FormativeClass
from made_up_batch import Class

from exposure_lab.course.grading.formative.whole_notebook import CodeCell, rebuild
from exposure_lab.course.grading.submissions.answers import Answers, CellSource, read_answers
from exposure_lab.course.grading.submissions.given import read_given

RIGHT = "def scale(x):\n    return x"


@pytest.fixture
def small(tmp_path: Path) -> FormativeClass:
    return FormativeClass(tmp_path)


def rebuilt(small: Class, student: str) -> list[CodeCell]:
    given = read_given(small.release, small.manifest)
    answers = read_answers(small.submissions / f"{student}.ipynb", small.manifest, given)
    return rebuild(small.release, small.manifest, answers)


def test_answers_and_added_cells_stand_in_their_places(small: FormativeClass) -> None:
    small.hand_in("anna", RIGHT, "squared = 4")
    small.add_cell("anna", "helper = 1")
    small.add_cell("anna", "below = 2", before="check-01-square")
    cells = rebuilt(small, "anna")
    assert [(cell.kind, cell.question) for cell in cells] == [
        ("given", ""),
        ("answer", "01.scale"),
        ("check", "01.scale"),
        ("given", ""),
        ("added", ""),
        ("answer", "01.square"),
        ("check", "01.square"),
        ("added", ""),
    ]
    assert [cell.source for cell in cells if cell.kind in ("answer", "added")] == [
        RIGHT,
        "helper = 1",
        "squared = 4",
        "below = 2",
    ]


def test_a_notebook_without_answers_is_the_one_that_was_handed_out(small: FormativeClass) -> None:
    cells = rebuild(small.release, small.manifest, Answers("01", (), {}, {}))
    assert [cell.kind for cell in cells].count("answer") == 2
    assert "raise NotImplementedError" in cells[1].source


def test_a_given_cell_that_was_changed_runs_as_well(small: FormativeClass) -> None:
    small.hand_in("anna", RIGHT, "squared = 4")
    path = small.submissions / "anna.ipynb"
    notebook: Any = json.loads(path.read_text(encoding="utf-8"))
    imports = next(cell for cell in notebook["cells"] if cell["id"] == "imports")
    imports["source"] = "import math"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    first, second, third, *_ = rebuilt(small, "anna")
    assert (first.source, first.kind) == (CHECK, "given")
    assert (second.source, second.kind) == ("import math", "added")
    assert third.question == "01.scale"


@pytest.mark.parametrize("source", ["# your number\nunmarked = 7", "unmarked = 7"])
def test_an_exercise_without_points_keeps_its_place(tmp_path: Path, source: str) -> None:
    small = Class(tmp_path)  # its last exercise earns none
    answers = (
        CellSource("unmarked_helper = 3", None),
        CellSource(source, None),
        CellSource("squared = 4", "01.square"),
    )
    cells = rebuild(small.release, small.manifest, Answers("01", answers, {}, {}))
    *_, square, _, exercise, check = cells
    assert (square.source, square.question) == ("squared = 4", "01.square")
    assert (exercise.source, exercise.question) == (source, "01.unmarked")
    assert (check.kind, check.question) == ("check", "01.unmarked")
    assert [cell.source for cell in cells if cell.kind == "added"] == ["unmarked_helper = 3"]


def test_empty_cells_are_left_out(small: FormativeClass) -> None:
    cells = (CellSource("", "01.scale"), CellSource(" \n", None))
    made = rebuild(small.release, small.manifest, Answers("01", cells, {}, {}))
    assert all(cell.source.strip() for cell in made)
    assert "01.scale" not in [cell.question for cell in made if cell.kind == "answer"]
