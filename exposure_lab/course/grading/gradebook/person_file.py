"""Table of written answers that an instructor fills in: how it is read and written.

A spreadsheet changes what it saves: ``01`` becomes 1, a long number loses its digits, 1.5 becomes
1,5, and commas between columns become semicolons. So each row has a code of its own, and the table
is written again as it was read, with every column that somebody added.
"""

import csv
import hashlib
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from exposure_lab.course.grading.gradebook.shown_text import one_line
from exposure_lab.course.grading.record import Record
from exposure_lab.errors import GradingError
from exposure_lab.files.csv_table import unprotect

PERSON_FILE = "for_a_person.csv"
KNOWN_BY = ("student", "chapter", "id")
TYPED = ("mark", "comment")
"""Columns that belong to the instructor."""

COLUMNS = (*KNOWN_BY, "points", "text", "rubric", "note", *TYPED, "page", "row", "version")
"""Columns of a new table; an instructor may add others."""

TextKey = tuple[str, str, str]
"""Student, chapter and id of a written answer."""


@dataclass(frozen=True)
class PersonRow:
    """Line of the table as an instructor left it."""

    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """Cell of a column, without the blanks around it."""
        return self.cells.get(column, "").strip()

    @property
    def filled(self) -> bool:
        """Whether an instructor typed something, in a column of the table or in an added one."""
        return any(cell.strip() for column, cell in self.cells.items() if column not in OURS)


OURS = {*COLUMNS} - {*TYPED}
"""Columns that are filled in here, again in each run."""


@dataclass(frozen=True)
class PersonMarks:
    """The table as it was read; empty where there is none yet."""

    rows: tuple[PersonRow, ...] = ()
    columns: tuple[str, ...] = COLUMNS
    delimiter: str = ","


def read_person_marks(path: Path) -> PersonMarks:
    """Read the table as a spreadsheet saved it; empty where there is no such file.

    Raises:
        GradingError: it cannot be read as that table, so nothing in it could be kept.
    """
    if not path.exists():
        return PersonMarks()
    try:
        text = _decode(path.read_bytes())
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines = [[unprotect(cell) for cell in line] for line in reader]
    except (OSError, csv.Error) as error:
        raise GradingError(
            f"Expected {path} to be a table in CSV, but it cannot be read ({error}): save it as "
            "CSV again, or move it away to begin a new one."
        ) from error
    columns = _columns(lines)
    if missing := {*KNOWN_BY, *TYPED} - {*columns}:
        raise GradingError(
            f"Expected the columns {', '.join((*KNOWN_BY, *TYPED))} in {path}, but "
            f"{', '.join(sorted(missing))} is missing: name them in the first line again."
        )
    rows = (
        PersonRow(number, dict(zip(columns, line, strict=False)))
        for number, line in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in line)
    )
    return PersonMarks(tuple(rows), columns, delimiter)


def text_keys(record: Record) -> list[TextKey]:
    """Keys of the written answers of a record, in its order."""
    return [(record.student, record.chapter, text.id) for text in record.written]


def shown_key(key: TextKey) -> TextKey:
    """Key as the table shows it."""
    student, chapter, text = (one_line(part, 200) for part in key)
    return student, chapter, text


def row_code(key: TextKey) -> str:
    """Code of a row: no spreadsheet takes it for a number, and no two rows have the same."""
    return f"row-{_digest(repr(key))[:12]}"


def text_version(text: str) -> str:
    """Code of a text, by which another one is noticed."""
    return f"text-{_digest(text)[:8]}"


def all_columns(marks: PersonMarks) -> tuple[str, ...]:
    """Columns for writing: as they were read, and those of ours that are missing."""
    missing = (column for column in COLUMNS if column not in marks.columns)
    return (*marks.columns, *missing)


def _columns(lines: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Names of all columns, also of those that somebody filled without naming them."""
    header = [column.strip() for column in lines[0]] if lines else []
    header += [""] * (max(map(len, lines), default=0) - len(header))
    columns: list[str] = []
    for column in header:
        name = column.lower() if column.lower() in COLUMNS else column
        columns.append(_free_name(name or "unnamed", columns))
    return tuple(columns)


def _free_name(name: str, taken: Collection[str]) -> str:
    numbered = (f"{name} {number}" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _decode(raw: bytes) -> str:
    """Decode what spreadsheets write: UTF-8 with or without its mark, UTF-16, or Windows' own."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
