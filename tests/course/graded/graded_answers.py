"""Grading of answers in this process, and the public chapters' own solutions, for the tests."""

import ast
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from exposure_lab.course.graded.question import Case, GradedQuestion, no_entries
from exposure_lab.course.graded.registry import graded_questions
from exposure_lab.course.grading.evidence import CaseEvidence, Evidence
from exposure_lab.course.grading.judge import PartVerdict, judge_question
from exposure_lab.course.grading.references import Prepared, prepare
from exposure_lab.course.grading.wire import decode, encode
from exposure_lab.course.release.answer_code import take_out_solutions
from exposure_lab.course.release.exercise_text import Exercise, find_exercise

BOOK = Path(__file__).parents[3] / "book"

QUESTIONS = {name: one for name, one in graded_questions().items() if one.tier != "C"}
"""Questions with a reference; weights of tier C are held against thresholds."""


@cache
def prepared(question_id: str, seed: int, with_mistakes: bool = True) -> Prepared:
    """References of a question in the variant and on the inputs of one seed."""
    question = QUESTIONS[question_id]
    if not with_mistakes:
        question = replace(question, mistakes=no_entries)
    return prepare(question, question.variant(seed), seed)


def grade(
    question: GradedQuestion, seed: int, answer: Any, *, with_mistakes: bool = True
) -> list[PartVerdict]:
    """Run an answer on what the sandbox would give it, and judge what would come out."""
    given = prepared(question.id, seed, with_mistakes)
    if given.inputs is None:
        cases: list[CaseEvidence | None] = [CaseEvidence(encode(answer))]
    else:
        cases = [_call(question, answer, arguments) for arguments in given.inputs]
    return judge_question(given.reference, Evidence(question.id, tuple(cases)), question)


def _call(question: GradedQuestion, answer: Any, given: Sequence[Any]) -> CaseEvidence:
    arguments = tuple(decode(argument, tensors=True) for argument in given)
    try:
        value = encode(question.run(answer, Case("", arguments)))
    except Exception as error:
        return CaseEvidence(raised=f"{type(error).__name__}: {error}")
    changed = question.harness is None and [encode(one) for one in arguments] != list(given)
    return CaseEvidence(value, changed=changed)


@cache
def cells(chapter: str) -> list[dict[str, Any]]:
    """Cells of a chapter as committed."""
    (path,) = BOOK.glob("instructors/capstone.ipynb" if chapter == "90" else f"{chapter}_*.ipynb")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in found]


def answer_cells(chapter: str) -> dict[str, dict[str, Any]]:
    """Answer cells of a chapter by question."""
    return {
        cell["metadata"]["exposure_lab"]["question"]: cell
        for cell in cells(chapter)
        if "answer" in cell["metadata"].get("tags", [])
    }


def exercise(question: GradedQuestion) -> Exercise:
    """Text and starting code of a question, as the chapter has them."""
    texts = [cell["source"] for cell in cells(question.chapter) if cell["cell_type"] == "markdown"]
    (text,) = [match[0] for source in texts if (match := find_exercise(source, question.id))]
    source = answer_cells(question.chapter)[question.id]["source"]
    return Exercise(text, take_out_solutions(source, question.id))


@cache
def public_solution(question_id: str) -> Any:
    """What the solution in the public chapter defines, with what the chapter imports for it."""
    question = QUESTIONS[question_id]
    answers = answer_cells(question.chapter)
    sources = [answers[name]["source"] for name in list(answers)[: _place(answers, question_id)]]
    names = _chapter_imports(question.chapter, "\n".join(sources))
    for source in sources:
        exec(source, names)
    return names[question.name]


def _place(answers: dict[str, Any], question_id: str) -> int:
    return list(answers).index(question_id) + 1


def _chapter_imports(chapter: str, code: str) -> dict[str, Any]:
    """Import what the code mentions of the chapter's import cell; the whole takes seconds."""
    mentioned = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    (source,) = [cell["source"] for cell in cells(chapter) if cell.get("id") == "imports"]
    names: dict[str, Any] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            wanted = [one for one in node.names if (one.asname or one.name) in mentioned]
            for one in wanted:
                names[one.asname or one.name] = (
                    getattr(import_module(str(node.module)), one.name, None)
                    or import_module(f"{node.module}.{one.name}")
                    if isinstance(node, ast.ImportFrom)
                    else import_module(one.name)
                )
    return names
