"""Result of a formative run: how far a student's whole notebook came, and what stopped it.

All of it is a stranger's word: the code that runs could write any of it. So no mark looks at it,
every text is cut, and pages show it as they show what an answer printed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from exposure_lab.course.grading.evidence import Limit
from exposure_lab.course.grading.record import Record
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files.json_files import read_json_object, write_json

FORMATIVE = "formative.json"
"""Name of a result in the folder of its grading."""

LONGEST = 300
"""Signs of an error, or of what a check printed, that are kept."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stop(_Frozen):
    """Cell at which a notebook stopped."""

    cell: int
    """Its place among the code cells that are run, from 1; 0 where none had begun."""
    kind: str = "given"
    """``given``, ``answer``, ``check``, or ``added`` by the student."""
    question: str = ""
    """Question that it answers or checks."""
    number: int = 0
    """Line of the cell in which an error came up, from 1; 0 where none is known."""
    line: str = ""
    """That line, or else the cell's first line of code."""
    error: str = ""
    """Type and message of the error that it raised, cut."""
    limit: Limit | None = None
    """Limit that it ran into."""


class CheckLine(_Frozen):
    """What the check of a question printed: on inputs that all may see, so no mark."""

    question: str
    line: str


class Formative(_Frozen):
    """Run of the whole notebook of one chapter of one student."""

    answers: str
    """Hash of what the student handed in, as the record of the grading has it."""
    release: str
    allowed: float
    """Seconds that the notebook had."""
    seconds: float
    cells: int
    """Code cells of the notebook."""
    ran: int
    """Code cells that came to their end."""
    stop: Stop | None = None
    """None where the notebook ran to its end."""
    checks: tuple[CheckLine, ...] = ()

    def is_of(self, record: Record) -> bool:
        """Whether it is of the answers that a grading is of."""
        ours = (record.answers, record.release)
        return bool(record.answers) and (self.answers, self.release) == ours


Results = Mapping[tuple[str, str], Formative]
"""Student and chapter to the run of the whole notebook."""


def write_formative(folder: Path, result: Formative) -> None:
    """Write a result into the folder of its grading, whole or not at all. Raises FilesError."""
    write_json(folder / FORMATIVE, result.model_dump(mode="json"))


def read_formative(folder: Path) -> Formative | None:
    """Read the result of a folder; None where there is none that can be read.

    One that cannot is of another version, or was damaged: it is as good as none.
    """
    path = folder / FORMATIVE
    if not path.exists():
        return None
    try:
        data: dict[str, Any] = read_json_object(path)
        return Formative.model_validate(data)
    except (DataError, FilesError, ValidationError):
        return None
