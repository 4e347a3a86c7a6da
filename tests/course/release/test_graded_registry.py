"""Registry of graded questions: the package's, an instructor's over them, and what is refused."""

import os
import pickle
import sys
from pathlib import Path

import pytest
from made_up_course import OWN_QUESTIONS, package_has

from exposure_lab.course.checks import find_question
from exposure_lab.course.graded.registry import (
    graded_questions,
    private_questions,
    written_questions,
)
from exposure_lab.errors import GradingError

CODE = (OWN_QUESTIONS / "ch01.py").read_text(encoding="utf-8")


def folder(path: Path, code: str, name: str = "ch01.py") -> Path:
    path.mkdir(exist_ok=True)
    (path / name).write_text(code, encoding="utf-8")
    return path


def test_every_question_of_the_package_is_an_exercise_with_its_points() -> None:
    questions = graded_questions()
    assert "01.render-ev" in questions
    for id_, question in questions.items():
        assert find_question(id_).points == question.points, id_
    assert list(questions) == sorted(questions, key=lambda id_: id_[:2])
    first = graded_questions("01")
    assert set(first) == {id_ for id_ in questions if id_.startswith("01.")}
    assert graded_questions("99") == {}
    assert {one.after for one in written_questions().values()} <= set(questions)


def test_own_questions_replace_and_add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package_has(monkeypatch)
    own = folder(tmp_path / "own", CODE.replace("01.square", "01.cube").replace("squared", "cubed"))
    folder(own, CODE.replace("01.", "03."), "ch03.py")
    folder(own, "not python", "notes.py")
    questions = graded_questions(folder=own)
    assert list(questions) == ["01.scale", "01.square", "01.cube", "03.scale", "03.square"]
    assert questions["01.scale"] is not graded_questions()["01.scale"]
    assert questions["01.square"] is graded_questions()["01.square"]
    assert private_questions(own) == {"01.scale", "01.cube", "03.scale", "03.square"}
    assert private_questions(None) == set()
    assert list(written_questions("03", own)) == ["03.words"]
    assert pickle.loads(pickle.dumps(questions["01.cube"].reference)) is not None


def test_own_questions_are_read_again_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also within one second, at one size: Python's own bytecode takes such a file for the same."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    own = folder(tmp_path / "own", CODE)
    os.utime(own / "ch01.py", (10**9, 10**9))
    assert graded_questions(folder=own)["01.scale"].points == 3
    folder(own, CODE.replace('"values below zero": 2', '"values below zero": 4'))
    os.utime(own / "ch01.py", (10**9, 10**9))
    assert graded_questions(folder=own)["01.scale"].points == 5
    assert [path.name for path in own.iterdir()] == ["ch01.py"], "something was left there"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import nothing_of_this_name", r"ch01\.py, but it does not run \(ModuleNotFoundError"),
        ("x = (", r"does not run \(SyntaxError"),
        ("QUESTIONS = (3,)", "only GradedQuestion in QUESTIONS .* got a int"),
        (CODE.replace('"01.scale"', '"02.scale"'), r"ids such as 01\.some-name .*'02\.scale'"),
        (CODE.replace('"01.scale"', '"01.Scale it"'), "ids such as"),
        (CODE.replace('"01.square"', '"01.scale"'), "01.scale is there twice"),
        (CODE.replace('"squared"', '"scale"'), "two ask for scale"),
        (CODE.replace('"the square": 2', '"the square": 0'), "whole points of at least 1"),
        (CODE.replace('"the square": 2', '"the square": 1.5'), "whole points of at least 1"),
    ],
)
def test_what_is_no_question_is_named(tmp_path: Path, code: str, sentence: str) -> None:
    with pytest.raises(GradingError, match=sentence):
        graded_questions(folder=folder(tmp_path / "own", code))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (CODE.replace('"01.words"', '"01.scale"'), r"written question 01\.scale"),
        (CODE.replace("points=3", "points=0"), r"whole points of at least 1 for 01\.words"),
    ],
)
def test_what_is_no_written_question_is_named(tmp_path: Path, code: str, sentence: str) -> None:
    with pytest.raises(GradingError, match=sentence):
        written_questions(folder=folder(tmp_path / "own", code))


def test_a_folder_without_questions_is_said(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match="choose the folder"):
        graded_questions(folder=tmp_path)
