"""Attempts: which of several notebooks of one chapter counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.grading.submissions.answers import Answers
from exposure_lab.course.grading.submissions.pieces import Piece


@dataclass(frozen=True)
class Candidate:
    """Notebook of a student, and what is in it."""

    piece: Piece
    path: Path
    answers: Answers

    @property
    def shown(self) -> str:
        """Name of the file in sentences."""
        return self.piece.given_name or (self.piece.file.shown if self.piece.file else "")


@dataclass(frozen=True)
class Choice:
    """Notebook that counts for a chapter, and what is said of it."""

    candidate: Candidate | None
    """None where it cannot be decided."""
    note: str | None = None
    problem: str | None = None


def choose(candidates: Sequence[Candidate]) -> Choice:
    """Choose between the notebooks that a student handed in for one chapter.

    Copies with the same answers are one. Of attempts that the layout puts in an order, the newest
    counts. Else nobody but the student can tell, and none counts until somebody has.
    """
    chapter = candidates[0].answers.chapter
    different = _without_copies(candidates)
    if len(different) == 1:
        return Choice(different[0])
    newest = max(different, key=lambda one: one.piece.rank)
    in_order = len({one.piece.series for one in different}) == 1 and newest.piece.series is not None
    ties = sum(one.piece.rank == newest.piece.rank for one in different)
    names = " and ".join(one.shown for one in different[:5])
    if in_order and ties == 1:
        return Choice(
            newest,
            note=f"Of the {len(different)} attempts at chapter {chapter} the newest counts, "
            f"{newest.shown}.",
        )
    return Choice(
        None,
        problem=f"Expected one notebook of chapter {chapter}, but {len(different)} with different "
        f"answers came ({names}): keep the one that counts, and grade again.",
    )


def _without_copies(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave one of those whose answers are the same, the newest."""
    kept: list[Candidate] = []
    for one in sorted(candidates, key=lambda one: one.piece.rank, reverse=True):
        same = any(_content(one.answers) == _content(other.answers) for other in kept)
        if not same:
            kept.append(one)
    return kept


def _content(answers: Answers) -> tuple[object, ...]:
    return answers.cells, dict(answers.texts)
