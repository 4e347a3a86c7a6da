"""Every chapter's questions: its own solutions pass, students' usual mistakes do not.

The mistakes of chapter 01 are in ``mistakes/ch01.py``: what the notebook's cells before the answers
define (``NAMES``), wrong answers with a word of the sentence that each should get (``WRONG``), and
other answers that are right (``ALSO_RIGHT``).
"""

import time
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from notebook_answers import BOOK, NotebookAnswers

from exposure_lab.course import checks
from exposure_lab.course.checks import Question, verdict
from exposure_lab.course.multiple_choice import MultipleChoice

CHAPTERS = sorted(path.stem for path in BOOK.glob("[0-9][0-9]_*.ipynb"))
MISTAKES: dict[str, ModuleType] = {
    name: import_module(f"mistakes.ch{name[:2]}") for name in CHAPTERS
}
QUESTIONS: dict[str, list[Question]] = {
    name: list(import_module(f"exposure_lab.course.questions.ch{name[:2]}").QUESTIONS)
    for name in CHAPTERS
}
ASKED = [(name, question.id) for name in CHAPTERS for question in QUESTIONS[name]]
CHOICES = {
    question.id: question.judge
    for name in CHAPTERS
    for question in QUESTIONS[name]
    if isinstance(question.judge, MultipleChoice)
}


def solved(chapter: str) -> NotebookAnswers:
    return NotebookAnswers(chapter, MISTAKES[chapter].NAMES)


@pytest.mark.parametrize(("chapter", "question"), ASKED)
def test_solution_passes_and_its_line_is_stored(chapter: str, question: str) -> None:
    solved(chapter).passes_and_is_stored(question)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_notebook_and_questions_agree(chapter: str) -> None:
    solved(chapter).agree_with(QUESTIONS[chapter])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_judge_leaves_the_random_numbers_alone(chapter: str) -> None:
    state = torch.get_rng_state()
    for question in QUESTIONS[chapter]:
        verdict(question.id, solved(chapter).solution(question.id))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_question_has_three_mistakes_tried(chapter: str) -> None:
    wrong = MISTAKES[chapter].WRONG
    assert set(wrong) == {question.id for question in QUESTIONS[chapter]}
    assert all(len(answers) >= 3 for answers in wrong.values())


@pytest.mark.parametrize(
    ("question", "answer", "part"),
    [
        (question, answer, part)
        for name in CHAPTERS
        for question, answers in MISTAKES[name].WRONG.items()
        for answer, part in answers
    ],
)
def test_usual_mistake_gets_its_sentence(question: str, answer: Any, part: str) -> None:
    line = verdict(question, answer)
    assert line.startswith(f"{question}: not yet. ")
    assert part in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("question", "answer"), [pair for name in CHAPTERS for pair in MISTAKES[name].ALSO_RIGHT]
)
def test_other_right_answers_pass(question: str, answer: Any) -> None:
    assert verdict(question, answer).startswith(f"{question}: right")


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_every_letter_of_a_choice_has_its_sentence(choice: MultipleChoice) -> None:
    assert list(choice.right) == sorted(choice.if_missing)
    assert not set(choice.right) & set(choice.if_chosen)
    assert "ABCDEFG".startswith(choice.choices)
    sentences = [*choice.if_chosen.values(), *choice.if_missing.values()]
    assert all(line.startswith("Expected ") and line[-1] in ".?" for line in sentences)


def _raises(*args: Any, **kwargs: Any) -> Any:
    raise ValueError("no idea")


def _loops(*args: Any, **kwargs: Any) -> Any:
    while True:
        time.sleep(0.01)


FUNCTIONS = [
    (name, question) for name, question in ASKED if callable(solved(name).solution(question))
]


@pytest.mark.parametrize(("chapter", "question"), FUNCTIONS)
@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (lambda *args, **kwargs: None, "Expected"),
        (_raises, "no idea"),
        (_loops, "a loop that never ends"),
        (lambda *args, **kwargs: float("nan"), "Expected"),
        (lambda *args, **kwargs: np.full((2, 3, 5), np.nan), "Expected"),
        (lambda *args, **kwargs: "a word", "Expected"),
        (lambda: 0, "argument"),
    ],
    ids=["nothing", "raises", "loops", "nan", "shape", "text", "arguments"],
)
def test_broken_function_gets_one_sentence(
    chapter: str, question: str, answer: Any, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "TIME_LIMIT", 0.3)
    line = verdict(question, answer)
    assert line.startswith(f"{question}: not yet. ")
    assert part in line
    assert "could not be judged" not in line
    assert "\n" not in line


def test_every_file_of_mistakes_belongs_to_a_chapter() -> None:
    files = {path.stem for path in (Path(__file__).parent / "mistakes").glob("ch*.py")}
    assert files == {f"ch{name[:2]}" for name in CHAPTERS}
