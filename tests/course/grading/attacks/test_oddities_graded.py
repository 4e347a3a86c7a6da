"""Honest oddities through the whole pipeline: none loses a mark that it earned, or its student."""

import oddities
import pytest
from made_up_batch import needs_sandbox
from notebook_maker import (
    MANIFEST,
    RENDER_STUB,
    STOP_STUB,
    WORDS,
    Notebook,
    changed,
    first_chapter,
    save,
)

from exposure_lab.course.grading.grade import Graded, Request, grade
from exposure_lab.course.release.manifest import write_manifest

pytestmark = [needs_sandbox, pytest.mark.slow]


def printing_half_a_character(content: Notebook) -> None:
    """As where text is cut in the middle of an emoji."""
    source = "def render_ev(srgb, ev):\n    print('\\ud83d')\n    return srgb * 2.0**ev"
    oddities.cell_of(content, "answer-01-render-ev")["source"] = source


GRADED = (
    oddities.copied,
    oddities.from_colab,
    oddities.in_format(2),
    oddities.merged_with_given,
    oddities.reordered,
    oddities.split,
    oddities.with_helper_elsewhere,
    oddities.with_helper_in_given_cell,
    oddities.with_huge_outputs,
    oddities.with_imports_inside,
    oddities.with_magics,
    oddities.with_unpaired_surrogate,
    oddities.with_windows_line_ends,
    oddities.without_marks_and_ids,
    printing_half_a_character,
)

LONG = "a file name of 200 signs".ljust(200, "_")

QUESTIONS = '''
"""Questions of the release that the oddities are made from."""

from exposure_lab.course.graded.question import Case, GradedQuestion


def render(_variant):
    return lambda srgb, ev: srgb * 2.0**ev


def cases(_variant, rng):
    return [Case("all", (rng.random((3, 2)), 1.0))]


def stop(_variant):
    return 174


RENDER = GradedQuestion(
    "01.render-ev", "render_ev", "render", "the photo", {"all": 2}, render, cases=cases
)
STOP = GradedQuestion("01.predict-stop", "predicted", "predict", "the value", {"all": 2}, stop)
QUESTIONS = (STOP, RENDER)
'''


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    root = tmp_path_factory.mktemp("oddities")
    release, submissions = root / "release", root / "submissions"
    write_manifest(release, MANIFEST)
    handed_out = first_chapter(RENDER_STUB, STOP_STUB, "*Write here.*")
    save(release / "student" / "01_exposure.ipynb", handed_out)
    save(release / "student" / "10_claims.ipynb", {"nbformat": 4, "cells": []})
    save(root / "questions" / "ch01.py", QUESTIONS)
    for number, change in enumerate(GRADED):
        save(submissions / f"{student(number)}.ipynb", changed(change))
    save(submissions / f"{LONG}.ipynb", first_chapter())
    request = Request(
        submissions, release, root / "grades", seed=3, questions=root / "questions", jobs=2
    )
    return grade(request, say=lambda sentence: None, show=lambda done, all_: None)


@pytest.mark.parametrize("number", range(len(GRADED)), ids=lambda number: student(number))
def test_an_honest_oddity_loses_no_mark(number: int, graded: Graded) -> None:
    record = next(one for one in graded.written.records if one.student == student(number))
    reasons = [part.reason for question in record.questions for part in question.parts]
    assert [question.earned for question in record.questions] == [2, 2], reasons
    assert [text.text for text in record.written] == [WORDS]
    assert record.problems == ()
    assert {question.limit for question in record.questions} == {None}


def test_no_honest_student_is_lost(graded: Graded) -> None:
    assert graded.written.students == len(GRADED) + 1
    (record,) = (one for one in graded.written.records if one.student.startswith(LONG[:100]))
    assert record.earned == 4
    assert (graded.written.without_chapter, graded.written.with_problems) == (0, 0)


def student(number: int) -> str:
    """Key of the student who hands in one of the oddities."""
    return f"{number:02d} {GRADED[number].__name__}"
