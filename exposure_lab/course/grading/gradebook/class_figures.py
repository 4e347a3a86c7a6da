"""Figures of a class: how points are spread, where they are lost and why, how long it took."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol, TypeVar

from exposure_lab.course.grading.gradebook.standing import StudentStanding, waits
from exposure_lab.course.grading.record import PartMark, QuestionMark, WrittenMark
from exposure_lab.course.release.manifest import Manifest, ManifestChapter
from exposure_lab.files.csv_table import tidy_number

MOST_STEPS = 12
"""Points of a question up to which its spread shows every whole number."""


@dataclass(frozen=True)
class PartFigures:
    """How often points of a part were lost, and the reason that was given most often."""

    part: str
    points: int
    lost: int
    """Students who did not earn all of them."""
    reason: str
    reason_count: int


@dataclass(frozen=True)
class QuestionFigures:
    """How the points of a question, or of a written answer, are spread."""

    id: str
    points: int
    earned: tuple[tuple[float, int], ...]
    """Points that somebody could earn, to the number of students who did."""
    parts: tuple[PartFigures, ...] = ()
    waiting: int = 0
    """Texts that a person has not marked yet."""

    @property
    def students(self) -> int:
        """Students with a mark."""
        return sum(count for _, count in self.earned)

    @property
    def mean(self) -> float:
        """Mean of the points."""
        total = sum(points * count for points, count in self.earned)
        return tidy_number(total / self.students) if self.students else 0.0

    def width(self, count: int) -> float:
        """Length of a bar in percent of the longest."""
        return round(100 * count / max(one for _, one in self.earned), 1) if count else 0.0


@dataclass(frozen=True)
class ChapterFigures:
    """Figures of one chapter."""

    chapter: ManifestChapter
    students: int
    questions: tuple[QuestionFigures, ...]


@dataclass(frozen=True)
class Times:
    """How long gradings took, in seconds."""

    count: int
    median: float
    longest: float
    slowest: tuple[tuple[str, str, float], ...]
    """Name, chapter and seconds of those that took longest."""


def chapter_figures(
    students: Sequence[StudentStanding], manifest: Manifest
) -> list[ChapterFigures]:
    """Figures of the chapters of a release."""
    made = []
    for chapter in manifest.chapters:
        there = [one.record for student in students if (one := student.chapter(chapter.number))]
        judged = _by_id(question for record in there for question in record.questions)
        marked = _by_id(text for record in there for text in record.written)
        questions = [
            _question(one.id, one.points, judged.get(one.id, []))
            for one in manifest.questions
            if one.chapter == chapter.number
        ]
        questions += [
            _written(one.id, one.points, marked.get(one.id, []))
            for one in manifest.written
            if one.chapter == chapter.number
        ]
        made.append(ChapterFigures(chapter, len(there), tuple(questions)))
    return made


def times(students: Iterable[StudentStanding]) -> Times | None:
    """How long the gradings took; None where nothing was graded."""
    taken = [
        (student.name, chapter.record.chapter, chapter.record.seconds)
        for student in students
        for chapter in student.chapters
    ]
    if not taken:
        return None
    slowest = sorted(taken, key=lambda one: -one[2])[:5]
    seconds = [one[2] for one in taken]
    return Times(len(taken), median(seconds), max(seconds), tuple(slowest))


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Mark = TypeVar("Mark", bound=_Named)


def _by_id(marks: Iterable[Mark]) -> dict[str, list[Mark]]:
    grouped: dict[str, list[Mark]] = {}
    for mark in marks:
        grouped.setdefault(mark.id, []).append(mark)
    return grouped


def _question(identity: str, points: int, marks: Sequence[QuestionMark]) -> QuestionFigures:
    parts: dict[str, list[PartMark]] = {}
    for mark in marks:
        for part in mark.parts:
            parts.setdefault(part.part, []).append(part)
    figures = tuple(_part(part, found) for part, found in parts.items())
    return QuestionFigures(identity, points, _spread([m.earned for m in marks], points), figures)


def _written(identity: str, points: int, marks: Sequence[WrittenMark]) -> QuestionFigures:
    given = [mark.mark for mark in marks if mark.mark is not None]
    waiting = sum(waits(mark) for mark in marks)
    return QuestionFigures(identity, points, _spread(given, points), waiting=waiting)


def _part(part: str, marks: Sequence[PartMark]) -> PartFigures:
    lost = [mark for mark in marks if mark.earned < mark.points]
    reasons = Counter(mark.reason for mark in lost if mark.reason)
    reason, count = reasons.most_common(1)[0] if reasons else ("", 0)
    return PartFigures(part, marks[0].points, len(lost), reason, count)


def _spread(marks: Sequence[float], points: int) -> tuple[tuple[float, int], ...]:
    """Count marks by their points; each whole number is there where there are few of them."""
    count = Counter(map(float, marks))
    steps: set[float] = {*map(float, range(points + 1))} if points <= MOST_STEPS else {0.0, points}
    return tuple((value, count[value]) for value in sorted(steps | set(count)))
