"""Pieces of submissions: one file of one student, as a layout tells it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from exposure_lab.course.grading.submissions.found import Found


@dataclass(frozen=True)
class Piece:
    """One file of one student; also a student who is known to have handed in none."""

    student: str
    """Key of the student: what the system counts by, or the name where it is all there is."""
    name: str
    file: Found | None = None
    given_name: str = ""
    """Name that the student gave the file."""
    ids: Mapping[str, str] = field(default_factory=dict)
    """What the system needs back, such as ``canvas_id``."""
    late: bool | None = None
    submitted: datetime | None = None
    series: str | None = None
    """Attempts of one series are ordered by `rank`; None where a layout knows no order."""
    rank: tuple[float, ...] = ()
    problem: str | None = None
    """Sentence about the piece, beyond what its file says of itself."""


def by_student(pieces: Iterable[Piece]) -> dict[str, list[Piece]]:
    """Group pieces by the key of their students, in the order of the keys."""
    students: dict[str, list[Piece]] = {}
    for piece in pieces:
        students.setdefault(piece.student, []).append(piece)
    return dict(sorted(students.items()))


def stray(file: Found, expected: str) -> Piece:
    """Piece of a file that follows no rule of the layout: a student by its name, who is asked for.

    Args:
        file: at the top of the download.
        expected: what names are like, as in "Expected names such as **...**, but".
    """
    name = file.parts[0]
    sentence = (
        f"Expected names such as {expected}, but {file.shown} is none: name its student in a "
        "mapping file."
    )
    return Piece(name, name, file, file.name, problem=sentence)
