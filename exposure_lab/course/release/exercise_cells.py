"""Exercise and check of a question, rewritten in place for the student edition of a chapter."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from exposure_lab.course.graded.question import GradedQuestion, Variant
from exposure_lab.course.release.answer_code import check_call, no_check, take_out_solutions
from exposure_lab.course.release.exercise_text import (
    Exercise,
    append,
    apply_edits,
    find_exercise,
    show_no_points,
    show_points,
)
from exposure_lab.errors import GradingError
from exposure_lab.publishing.notebook_files import Cell, Notebook, question_id, tags


@dataclass(frozen=True)
class Assigned:
    """Graded question with the variant that a release drew for it."""

    question: GradedQuestion
    variant: Variant
    private: bool = False
    """Whether it is an instructor's own, which a student's `check` does not know."""


class _Description(NamedTuple):
    """Place of an exercise's text in the cell that holds it."""

    cell: Cell
    match: re.Match[str]

    def replace(self, text: str) -> None:
        source = self.cell.source
        self.cell.source = source[: self.match.start()] + text + source[self.match.end() :]


def hand_out(edition: Notebook, question: str, answer: Cell, one: Assigned | None) -> None:
    """Rewrite an exercise and its answer's cell.

    Args:
        edition: the chapter, which is changed.
        question: id of the exercise.
        answer: cell of its answer, with the solution.
        one: its graded form; None where it earns no points.

    Raises:
        GradingError: no text with the exercise's label, edits that do not fit, broken marks.
    """
    description = _find_description(edition, question, answer)
    text, code = description.match[0], take_out_solutions(answer.source, question)
    if one is None:
        text, points = show_no_points(text), 0
    else:
        edits = one.question.edits(one.variant)
        text, code = apply_edits(question, Exercise(text, code), edits)
        text, points = show_points(text, one.question.parts), one.question.points
        if note := one.question.note(one.variant):
            text = append(text, f"**In this course:** {note}")
        answer.metadata["exposure_lab"]["tier"] = one.question.tier
    description.replace(text)
    answer.source = code
    answer.metadata["exposure_lab"] |= {"question": question, "points": points}


def hand_out_check(cell: Cell, question: str, one: Assigned | None) -> None:
    """Rewrite the check of a question that has a variant, or that only the grader knows."""
    if one is not None and one.private:
        cell.source = no_check(question)
    elif one is not None and one.variant:
        cell.source = check_call(question, one.question.name, one.variant)


def id_of(cell: Cell, kind: str) -> str | None:
    """Question of an answer or check cell; None for every other cell."""
    return question_id(cell) if cell.cell_type == "code" and kind in tags(cell) else None


def _find_description(edition: Notebook, question: str, answer: Cell) -> _Description:
    for cell in reversed(edition.cells[: edition.cells.index(answer)]):
        if cell.cell_type == "markdown" and (match := find_exercise(cell.source, question)):
            return _Description(cell, match)
    raise GradingError(
        f"Expected an exercise with the label ex-{question.replace('.', '-')} before the answer of "
        f"{question}, but there is none: label it."
    )
