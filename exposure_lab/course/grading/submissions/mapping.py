"""Mapping file: a CSV that says whose each file or folder is, for any layout that is not known.

It has a header. ``file`` (a path in the download, of a file or a folder) and ``student`` must be
there; ``name``, ``late`` (yes or no) and ``submitted`` (such as 2026-03-01 23:59) may; every other
column is an id that the gradebook keeps.
"""

import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from exposure_lab.course.grading.submissions.file_names import clean_parts
from exposure_lab.course.grading.submissions.found import Found
from exposure_lab.course.grading.submissions.pieces import Piece
from exposure_lab.course.grading.submissions.tree import Tree
from exposure_lab.errors import GradingError

YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True)
class Row:
    """Line of a mapping file."""

    parts: tuple[str, ...]
    student: str
    name: str
    late: bool | None = None
    submitted: datetime | None = None
    ids: dict[str, str] = field(default_factory=dict)


def read_mapping(path: Path) -> list[Row]:
    """Read a mapping file as spreadsheets save it: commas, semicolons or tabs, UTF-8 or not.

    Raises:
        GradingError: missing, without its columns, or a line makes no sense.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise GradingError(
            f"Expected a mapping file at {path}, but the system says: {error.strerror}."
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    lines = csv.DictReader(io.StringIO(text), delimiter=_delimiter(text), restkey="", restval="")
    try:
        columns = [(column or "").strip().lower() for column in lines.fieldnames or ()]
        if not {"file", "student"} <= set(columns):
            raise GradingError(
                f"Expected the columns file and student in {path}, but the first line has "
                f"{', '.join(columns) or 'none'}: name them there."
            )
        lines.fieldnames = columns
        return [_row(line, path, lines.line_num) for line in lines if any(line.values())]
    except csv.Error as error:
        raise GradingError(
            f"Expected a CSV file in {path}, but line {lines.line_num} is none ({error}): save it "
            "again."
        ) from error


def mapped_pieces(tree: Tree, path: Path) -> list[Piece]:
    """Find the students of a download by a mapping file.

    A file that no line names is a student by its own path, who is asked for; a line whose file is
    not there leaves its student without one.

    Args:
        tree: the download.
        path: of the mapping file, which may lie in it.

    Raises:
        GradingError: as `read_mapping` does.
    """
    rows = read_mapping(path)
    pieces = []
    mapped: set[tuple[str, ...]] = set()
    for row in rows:
        files = [file for file in tree.found if _belongs(file, row) and not file.folder]
        mapped |= {file.parts for file in files}
        pieces += [_piece(row, file) for file in files]
        if not files:
            shown = "/".join(row.parts)
            missing = (
                f"Expected {shown}, as the mapping file names it, but the download has no such "
                "file: correct the line, or ask the student."
            )
            pieces.append(_piece(row, None, missing))
    for file in tree.found:
        itself = file.path is not None and file.path.resolve() == path.resolve()
        if file.parts not in mapped and not file.folder and not itself:
            unknown = (
                f"Expected a line for each file in the mapping file, but {file.shown} has none: "
                "add it."
            )
            student = file.parts[0]
            pieces.append(Piece(student, student, file, file.shown, problem=unknown))
    return pieces


def _piece(row: Row, file: Found | None, problem: str | None = None) -> Piece:
    return Piece(
        student=row.student,
        name=row.name,
        file=file,
        given_name=file.shown if file else "",
        ids=row.ids,
        late=row.late,
        submitted=row.submitted,
        series=None if row.submitted is None else "",
        rank=() if row.submitted is None else (row.submitted.timestamp(),),
        problem=problem,
    )


def _belongs(file: Found, row: Row) -> bool:
    return file.parts[: len(row.parts)] == row.parts


def _row(line: dict[str, str], path: Path, number: int) -> Row:
    values = {key: value.strip() for key, value in line.items() if key and value}
    file, student = values.pop("file", ""), values.pop("student", "")
    if not file or not student:
        raise GradingError(
            f"Expected a file and a student in line {number} of {path}, but one is empty: fill it."
        )
    name = values.pop("name", student)
    late, submitted = values.pop("late", ""), values.pop("submitted", "")
    if late.lower() not in {"", *YES}:
        raise GradingError(
            f"Expected yes or no as late in line {number} of {path}, but it is {late!r}."
        )
    try:
        moment = datetime.fromisoformat(submitted) if submitted else None
    except ValueError as error:
        raise GradingError(
            f"Expected a time such as 2026-03-01 23:59 in line {number} of {path}, but it is "
            f"{submitted!r}."
        ) from error
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Row(clean_parts(file), student, name, YES.get(late.lower()), moment, values)


def _delimiter(text: str) -> str:
    """Sign between the columns, by the first line."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)
