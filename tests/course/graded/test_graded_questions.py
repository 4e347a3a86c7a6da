"""Every graded question: its reference passes, copied and wrong answers do not, and say why.

The wrong answers of chapter 01 are in ``wrong_answers/ch01.py``: by question, pairs of a function
that makes the answer for a variant and a word of the sentence that it should get (``WRONG``), and
functions that make right answers written in another way (``ALSO_RIGHT``).
"""

import __future__

import ast
import inspect
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from graded_answers import (
    QUESTIONS,
    answer_cells,
    cells,
    exercise,
    grade,
    prepared,
    public_solution,
)

from exposure_lab.course.graded.question import GradedQuestion, WrittenQuestion
from exposure_lab.course.graded.registry import graded_questions, written_questions
from exposure_lab.course.grading.comparison import same
from exposure_lab.course.grading.question_groups import group_questions
from exposure_lab.course.grading.sandbox.modules import in_short
from exposure_lab.course.grading.wire import decode, encode
from exposure_lab.course.release.exercise_text import apply_edits

SEEDS = range(5)

WRITTEN = written_questions()

CHAPTERS = sorted({question.chapter for question in QUESTIONS.values()})

FILES = Path(__file__).parent / "wrong_answers"

ANSWERS = {
    path.stem[2:]: import_module(f"wrong_answers.{path.stem}") for path in FILES.glob("ch*.py")
}

WRONG = [
    pytest.param(question, make, word, id=f"{question}-{word}")
    for chapter in sorted(ANSWERS)
    for question, entries in ANSWERS[chapter].WRONG.items()
    for make, word in entries
]

ALSO_RIGHT = [
    pytest.param(question, make, id=f"{question}-{number}")
    for chapter in sorted(ANSWERS)
    for question, makers in ANSWERS[chapter].ALSO_RIGHT.items()
    for number, make in enumerate(makers)
]

every_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)


@every_question
def test_the_reference_passes_its_own_calls(question: GradedQuestion) -> None:
    for seed in SEEDS:
        answer = question.reference(question.variant(seed))
        verdicts = grade(question, seed, answer, with_mistakes=False)
        assert [verdict.part for verdict in verdicts] == list(question.parts)
        assert all(verdict.right and verdict.calls for verdict in verdicts), verdicts


@every_question
def test_the_public_solution_fails_in_nearly_every_release(question: GradedQuestion) -> None:
    answer = public_solution(question.id)
    failed = [
        any(not verdict.right for verdict in grade(question, seed, answer, with_mistakes=False))
        for seed in SEEDS
    ]
    assert sum(failed) >= 4


@pytest.mark.parametrize("chapter", ["01", "02", "03", "04", "05"])
def test_the_public_solutions_earn_nothing_in_the_first_chapters(chapter: str) -> None:
    for question in QUESTIONS.values():
        if question.chapter != chapter:
            continue
        for seed in SEEDS:
            verdicts = grade(question, seed, public_solution(question.id), with_mistakes=False)
            assert not any(verdict.right for verdict in verdicts), (question.id, seed)


@every_question
def test_the_reference_of_another_variant_fails(question: GradedQuestion) -> None:
    first = question.variant(0)
    others = [other for seed in range(1, 20) if (other := question.variant(seed)) != first]
    if question.cases is None:  # two orders of the letters may have the same right ones
        right = question.reference(first)
        others = [other for other in others if question.reference(other) != right]
    assert others, "every release would ask the same"
    for other in others[:3]:
        verdicts = grade(question, 0, question.reference(other), with_mistakes=False)
        assert any(not verdict.right for verdict in verdicts), other


@pytest.mark.slow
@pytest.mark.parametrize(("question_id", "make", "word"), WRONG)
def test_a_wrong_answer_gets_the_sentence_of_its_cause(
    question_id: str, make: Callable[[Any], Any], word: str
) -> None:
    question = QUESTIONS[question_id]
    for seed in SEEDS[:2]:
        answer = make(question.variant(seed))
        failed = [verdict for verdict in grade(question, seed, answer) if not verdict.right]
        assert failed
        assert any(word in verdict.sentence for verdict in failed), failed
        assert all("\n" not in verdict.sentence for verdict in failed)


@pytest.mark.slow
@pytest.mark.parametrize(("question_id", "make"), ALSO_RIGHT)
def test_an_answer_written_in_another_way_passes(
    question_id: str, make: Callable[[Any], Any]
) -> None:
    question = QUESTIONS[question_id]
    for seed in SEEDS:
        verdicts = grade(question, seed, make(question.variant(seed)), with_mistakes=False)
        assert all(verdict.right for verdict in verdicts), (question.variant(seed), verdicts)


def test_every_function_has_three_wrong_answers_tried() -> None:
    assert sorted(ANSWERS) == CHAPTERS
    for question in QUESTIONS.values():
        wrong = ANSWERS[question.chapter].WRONG.get(question.id, [])
        assert len(wrong) >= (3 if question.cases is not None else 0), question.id


@pytest.mark.slow
@every_question
def test_a_known_mistake_is_one_and_reads_as_part_of_a_sentence(question: GradedQuestion) -> None:
    missed: set[str] = set()
    seen: set[str] = set()
    for seed in SEEDS[:2]:
        for case in prepared(question.id, seed).reference.cases:
            for cause, value in case.mistakes.items():
                seen.add(cause)
                if not same(decode(value), decode(case.expected), question.tolerance):
                    missed.add(cause)
    assert seen == missed, "some mistake is right on every input"
    for cause in seen:
        assert cause[-1] not in ".:", cause
        assert not re.search(r"\d\.\d", cause), "a raw number may give the answer away"


@every_question
def test_edits_fit_the_committed_chapter(question: GradedQuestion) -> None:
    before = exercise(question)
    for seed in SEEDS:
        variant = question.variant(seed)
        edited = apply_edits(question.id, before, question.edits(variant))
        note = question.note(variant)
        assert edited != before or note, "nothing says what this variant asks"
        ast.parse(edited.code)
        assert not note or note.rstrip().endswith(".")


@every_question
def test_chapter_and_question_agree(question: GradedQuestion) -> None:
    cell = answer_cells(question.chapter)[question.id]
    assert question.points == cell["metadata"]["exposure_lab"]["points"]
    bound = {
        node.id if isinstance(node, ast.Name) else node.name
        for node in ast.walk(ast.parse(cell["source"]))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    }
    assert question.name in bound
    assert question.objective[0].islower() and question.objective[-1] != "."


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_has_its_graded_form(chapter: str) -> None:
    assert set(graded_questions(chapter)) == set(answer_cells(chapter))


@every_question
def test_other_processes_can_use_it(question: GradedQuestion) -> None:
    copy = pickle.loads(pickle.dumps(question))
    assert copy.id == question.id and copy.parts == question.parts
    variant = question.variant(1)
    assert json.loads(json.dumps(variant)) == dict(variant) == dict(copy.variant(1))
    answers = [question.reference(variant), *question.mistakes(variant).values()]
    assert len(pickle.loads(pickle.dumps(answers))) == len(answers)


DIGEST = """
import hashlib, json
from exposure_lab.course.graded.registry import graded_questions
from exposure_lab.course.grading.wire import decode, encode
digests = {}
for question in graded_questions().values():
    variant = question.variant(3)
    cases = [[case.part, encode(list(case.arguments))] for case in question.draw_cases(variant, 3)]
    text = json.dumps([dict(variant), cases])
    digests[question.id] = hashlib.sha256(text.encode()).hexdigest()
print(json.dumps(digests))
"""


@pytest.mark.slow
def test_one_seed_gives_the_same_variants_and_calls_in_another_process(
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = [sys.executable, "-c", DIGEST]
    other = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    exec(DIGEST, {})
    assert json.loads(capsys.readouterr().out) == json.loads(other)


@every_question
def test_another_seed_gives_other_calls(question: GradedQuestion) -> None:
    if question.cases is not None:
        variant = question.variant(0)
        first, second = (
            [encode(list(case.arguments)) for case in question.draw_cases(variant, seed)]
            for seed in (0, 1)
        )
        assert first != second


@every_question
def test_what_is_left_out_is_there_and_leaves_what_is_needed(question: GradedQuestion) -> None:
    assert group_questions([question]) == [[question]]
    if question.harness is not None:
        imported = {
            node.module
            for node in ast.walk(ast.parse(inspect.getsource(question.harness)))
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("exposure_lab")
        }
        assert imported <= set(question.needs)


@pytest.mark.parametrize("chapter", ["01", "02", "03", "04", "05"])
def test_one_worker_serves_a_chapter(chapter: str) -> None:
    of_chapter = [question for question in QUESTIONS.values() if question.chapter == chapter]
    assert len(group_questions(of_chapter)) == 1


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_solutions_use_only_modules_that_are_left(chapter: str) -> None:
    """What the public solution imports from the library has to be needed, or not be left out."""
    from exposure_lab.notebook import _HOMES as HOMES

    for question in QUESTIONS.values():
        if question.chapter != chapter:
            continue
        code = answer_cells(chapter)[question.id]["source"]
        left_out = set(in_short(question.leaves_out))
        nodes = list(ast.walk(ast.parse(code)))
        mentioned = {node.id for node in nodes if isinstance(node, ast.Name)}
        own = {node.arg for node in nodes if isinstance(node, ast.arg)}
        used = {HOMES[name] for name in (mentioned - own) & HOMES.keys()}
        assert not used & left_out, question.id


@every_question
def test_a_harness_is_whole_by_itself(question: GradedQuestion) -> None:
    if question.harness is None:
        return
    flags = __future__.annotations.compiler_flag
    scope: dict[str, Any] = {}
    source = inspect.getsource(question.harness)
    exec(compile(source, "<harness>", "exec", flags, dont_inherit=True), scope)
    carried = replace(question, harness=scope[question.harness.__name__])
    answer = question.reference(question.variant(0))
    assert all(one.right for one in grade(carried, 0, answer, with_mistakes=False))


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_a_written_question_stands_behind_a_check(written: WrittenQuestion) -> None:
    checks = [
        cell["metadata"]["exposure_lab"]["question"]
        for cell in cells(written.chapter)
        if "check" in cell["metadata"].get("tags", [])
    ]
    assert written.after in checks
    assert written.points == len(written.rubric) == 3
    assert "in three to five sentences" in written.prompt


def test_every_chapter_has_a_written_question() -> None:
    assert sorted({written.chapter for written in WRITTEN.values()}) == CHAPTERS


def test_the_judge_finds_all_questions_without_torch() -> None:
    code = (
        "import sys; from exposure_lab.course.graded.registry import graded_questions; "
        "graded_questions(); print(*sorted({'torch', 'skimage'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
