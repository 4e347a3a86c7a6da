"""`check` with a variant: the graded form's parts, mistakes and limits, in one line."""

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made_up_course import OWN_QUESTIONS, package_has

from exposure_lab.course import checks
from exposure_lab.course.checks import check, verdict
from exposure_lab.course.graded.question import GradedQuestion
from exposure_lab.course.graded.registry import graded_questions
from exposure_lab.course.release.release import draw_variant
from exposure_lab.errors import ChapterError

VARIANT = {"factor": 7}


OF_THE_PACKAGE = [
    pytest.param(question, id=question.id, marks=[pytest.mark.slow] * (question.tier == "B"))
    for question in graded_questions().values()
    if question.tier != "C"
]


@pytest.fixture(autouse=True)
def own_package(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "question_of_the_package" not in request.fixturenames:
        package_has(monkeypatch)


@pytest.mark.parametrize("question_of_the_package", OF_THE_PACKAGE)
def test_reference_of_each_question_is_right(question_of_the_package: GradedQuestion) -> None:
    question = question_of_the_package
    variant = draw_variant(question, 7)
    of = "1 point" if question.points == 1 else f"{question.points} points"
    line = verdict(question.id, question.reference(variant), variant)
    assert line == f"{question.id}: right, {of}."


def times(factor: float) -> Callable[[Any], Any]:
    return lambda x: x * factor


def test_right_answer(capsys: pytest.CaptureFixture[str]) -> None:
    check("01.scale", times(7), variant=VARIANT)
    assert capsys.readouterr().out == "01.scale: right, 3 points.\n"
    assert verdict("01.square", 49, {"factor": 7}) == "01.square: right, 2 points."
    assert verdict("01.square", np.float32(48.8), {"factor": 7}) == "01.square: right, 2 points."


def test_answer_for_another_variant_is_wrong() -> None:
    assert verdict("01.scale", times(7), {"factor": 8}).startswith("01.scale: not yet. ")
    assert verdict("01.square", 49, {"factor": 8}).startswith("01.square: not yet. ")


@pytest.mark.parametrize("question", ["01.scale", "01.square"])
def test_each_known_mistake_is_named(question: str) -> None:
    for cause, answer in graded_questions("01")[question].mistakes(VARIANT).items():
        line = verdict(question, answer, VARIANT)
        what = graded_questions("01")[question].what
        assert line == f"{question}: not yet. Expected {what}, but {cause}."


def test_part_that_is_right_earns_its_points() -> None:
    line = verdict("01.scale", lambda x: np.abs(x) * 7, VARIANT)
    assert line == (
        "01.scale: 1 of 3 points. Expected the scaled values, but the values differ: go through "
        "the steps one by one."
    )


def _changes(x: Any) -> Any:
    x *= 7
    return x


def _unwritten(x: Any) -> Any:
    raise NotImplementedError


def _raises(x: Any) -> Any:
    raise ValueError("first\nsecond")


def _exits(x: Any) -> Any:
    raise SystemExit(2)


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (_changes, "changed it in place"),
        (_unwritten, "still to be written"),
        (_raises, "raised ValueError: first: call it yourself"),
        (_exits, "raised SystemExit: 2"),
        (3.0, "Expected a function, but got a number"),
        (None, "there is none"),
        (..., "there is none"),
        (lambda x: None, "`return`"),
        (lambda x: x[None] * 7, "an axis is too many"),
        (lambda x: torch.from_numpy(x) * 7, "got a torch tensor"),
        (lambda x: x * np.nan, "NaN"),
        (lambda x: list(range(200_000)), "more than 100,000 entries"),
        (lambda x: object(), "of type object"),
        (lambda x, y: x, "TypeError"),
    ],
)
def test_wrong_answer_gets_one_line(answer: Any, part: str) -> None:
    line = verdict("01.scale", answer, VARIANT)
    assert line.startswith("01.scale: not yet. ")
    assert part in line and "\n" not in line
    assert line == verdict("01.scale", answer, VARIANT)


def test_endless_loop_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def forever(_: Any) -> Any:
        while True:
            pass

    monkeypatch.setattr(checks, "TIME_LIMIT", 0.3)
    handler, start = signal.getsignal(signal.SIGALRM), time.monotonic()
    assert "never ends" in verdict("01.scale", forever, VARIANT)
    assert time.monotonic() - start < 5
    assert signal.getsignal(signal.SIGALRM) is handler


def test_random_numbers_of_the_chapter_are_left_alone() -> None:
    def draws(x: Any) -> Any:
        torch.rand(3), np.random.rand(3), random.random()
        return x * 7

    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    assert "right" in verdict("01.scale", draws, VARIANT)
    assert torch.equal(before[0], torch.get_rng_state())
    assert (before[1] == np.random.get_state()[1]).all() and before[2] == random.getstate()


@pytest.mark.parametrize("variant", [{"other": 7}, {"factor": "x"}])
def test_variant_that_is_none_is_the_notebooks_error(variant: dict[str, Any]) -> None:
    with pytest.raises(ChapterError, match=r"variant of 01\.\w+ as the release wrote it"):
        verdict("01.square", 49, variant)


def test_unknown_graded_question_names_the_known() -> None:
    with pytest.raises(ChapterError, match=r"known in its chapter: 01\.scale, 01\.square"):
        verdict("01.lost", 1, VARIANT)


def test_without_a_variant_the_books_own_check_judges() -> None:
    assert (OWN_QUESTIONS / Path("ch01.py")).exists()  # it has no such question
    assert verdict("01.explain", {"A", "B"}) == "01.explain: right, 2 points."
    assert verdict("01.explain", {"A", "B"}, {}) == "01.explain: right, 2 points."
