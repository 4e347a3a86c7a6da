"""Record of one grading: marks part by part, and why points are lost."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from exposure_lab.course.grading.evidence import Limit
from exposure_lab.files.json_files import read_json_object, write_json


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PartMark(_Frozen):
    """Mark of one part of a question."""

    part: str
    points: int
    earned: int
    reason: str = ""
    """One sentence where points were lost."""


class QuestionMark(_Frozen):
    """Mark of one question."""

    id: str
    tier: str
    parts: tuple[PartMark, ...]
    printed: str = ""
    """What the answer printed, cut."""
    limit: Limit | None = None
    """What stopped the worker while it ran this question."""
    remark: str = ""
    """What intake said of the answer's cell, such as that it was missing or doubled."""

    @property
    def points(self) -> int:
        """Points that a right answer earns."""
        return sum(part.points for part in self.parts)

    @property
    def earned(self) -> int:
        """Points that were earned."""
        return sum(part.earned for part in self.parts)


class WrittenMark(_Frozen):
    """Text that a person marks, and the mark once it is there."""

    id: str
    points: int
    text: str
    mark: float | None = None
    comment: str = ""


class Record(_Frozen):
    """Grading of one chapter of one student."""

    student: str
    """Key of the student, unique in the batch."""
    name: str
    ids: Mapping[str, str] = {}
    """What the system that the submission came from needs back."""
    chapter: str
    """Number of the chapter; empty where the submission holds none."""
    questions: tuple[QuestionMark, ...] = ()
    written: tuple[WrittenMark, ...] = ()
    problems: tuple[str, ...] = ()
    """What was wrong with the submission itself, one sentence each."""
    notes: tuple[str, ...] = ()
    """What intake decided about the chapter, such as which attempt counts, one sentence each."""
    submitted: datetime | None = None
    late: bool | None = None
    answers: str = ""
    """Hash of what the student handed in; empty where it could not be graded."""
    judged_by: str = ""
    """Hash over the questions, their hidden inputs and the versions that gave the marks."""
    seed: int = 0
    """Of the hidden inputs that the answers were run on."""
    release: str = ""
    provenance: Mapping[str, Any] = {}
    seconds: float = 0.0

    @property
    def points(self) -> int:
        """Points of the questions that were judged by evidence."""
        return sum(question.points for question in self.questions)

    @property
    def earned(self) -> int:
        """Points earned in questions that were judged by evidence."""
        return sum(question.earned for question in self.questions)


RECORD = "record.json"
"""Name of a record in its folder ``students/STUDENT/CHAPTER``."""


def write_record(folder: Path, record: Record) -> None:
    """Write a record into its folder, whole or not at all."""
    write_json(folder / RECORD, record.model_dump(mode="json"))


def read_record(folder: Path) -> Record | None:
    """Read the record of a folder; None where there is none.

    Raises:
        DataError: a file that is no record.
    """
    path = folder / RECORD
    return Record.model_validate(read_json_object(path)) if path.exists() else None


def list_records(grades: Path) -> list[Record]:
    """Read every record of a folder of grades, by student and chapter."""
    folders = sorted(path.parent for path in (grades / "students").glob(f"*/*/{RECORD}"))
    return [record for folder in folders if (record := read_record(folder))]
