"""Submissions judged in one run: none has another's mark, and who breaks it costs no one else."""

from pathlib import Path

import pytest

from exposure_lab.course.graded.registry import graded_questions
from exposure_lab.course.grading import judge_notebook, judge_together
from exposure_lab.course.grading.chapter_references import ChapterReferences
from exposure_lab.course.grading.evidence import CaseEvidence, Evidence
from exposure_lab.course.grading.judge_together import Judged, judge_submissions
from exposure_lab.course.grading.references import prepare
from exposure_lab.course.grading.wire import encode
from exposure_lab.errors import GradingError

OWN = """
import os

from exposure_lab.course.graded.question import GradedQuestion


def reference(variant):
    return "right"


def draw(rng):
    return {}


def judge(variant, value):
    if value == "kill":
        os._exit(1)
    if value == "leave":
        raise SystemExit
    return {"the word": None if value == "right" else "Expected the word, but got another."}


QUESTIONS = (
    GradedQuestion(
        id="01.word",
        name="word",
        objective="say a word",
        what="the word",
        parts={"the word": 2},
        reference=reference,
        draw=draw,
        judge=judge,
    ),
)
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Folder with a question whose judge dies over one word and leaves at another."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own/ch01.py").write_text(OWN)
    return tmp_path / "own"


def judged(own: Path, *words: str) -> list[Judged | GradingError]:
    question = graded_questions(folder=own)["01.word"]
    references = ChapterReferences("01", "", {}, (prepare(question, {}, 1).reference,))
    evidence = [[Evidence("01.word", (CaseEvidence(encode(word)),))] for word in words]
    return judge_submissions(evidence, references, str(own))


def points(found: list[Judged | GradingError]) -> list[int | None]:
    """Points of each submission; None where its judge did not come to an end."""
    return [
        None if isinstance(one, GradingError) else sum(check.points for check in one.passed)
        for one in found
    ]


@pytest.mark.slow
def test_each_has_its_own_verdict(own: Path) -> None:
    found = judged(own, "right", "wrong", "right", "none")
    assert points(found) == [2, 0, 2, 0]
    right, wrong = found[:2]
    assert isinstance(right, Judged) and isinstance(wrong, Judged)
    assert set(right.reasons.values()) == {""}
    assert set(wrong.reasons.values()) == {"Expected the word, but got another."}


@pytest.mark.slow
@pytest.mark.parametrize("breaks", ["kill", "leave"])
def test_who_breaks_the_run_costs_nobody_else_a_mark(
    own: Path, breaks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it find the judge of the right one before it."""
    monkeypatch.setattr(judge_notebook, "CELL_SECONDS", 5)
    found = judged(own, "right", breaks, "right", "wrong")
    assert points(found) == [2, None, 2, 0]
    assert "the judge stumbled over what the answers gave: mark them by hand" in str(found[1])


@pytest.mark.slow
def test_one_run_serves_all(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    run = judge_together.run_judge_notebook
    monkeypatch.setattr(
        judge_together, "run_judge_notebook", lambda *args: runs.append(args[2]) or run(*args)
    )
    judged(own, *["right"] * 5)
    assert runs == [5]


def test_nobody_is_judged_where_nobody_is(own: Path) -> None:
    assert judged(own) == []
