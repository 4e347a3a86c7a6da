"""Marks of persons: the rows of the instructor's table, given to the texts that they belong to."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from exposure_lab.course.grading.gradebook.person_file import (
    PERSON_FILE,
    PersonMarks,
    PersonRow,
    TextKey,
    row_code,
    shown_key,
    text_keys,
    text_version,
)
from exposure_lab.course.grading.gradebook.shown_text import one_line
from exposure_lab.course.grading.record import Record

MARK = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,6})?")


@dataclass(frozen=True)
class Marked:
    """Records with the marks of persons, and what was wrong with some of these."""

    records: tuple[Record, ...]
    rows: Mapping[TextKey, PersonRow] = field(default_factory=dict)
    """Row that counts for each text."""
    left_over: tuple[PersonRow, ...] = ()
    """Rows that belong to no text, or repeat another; they stay in the table."""
    changed: frozenset[TextKey] = frozenset()
    """Texts that are no longer those which their mark was given for."""
    problems: tuple[str, ...] = ()


def apply_person_marks(records: Sequence[Record], marks: PersonMarks) -> Marked:
    """Give records the marks and comments of a table.

    A mark that is none is named and not given; a row of a text that is not there is named and kept.
    A text without a row keeps the mark that its record has.
    """
    keys = [key for record in records for key in text_keys(record)]
    rows, left_over, problems = _match(marks.rows, keys)
    changed: set[TextKey] = set()
    marked = []
    for record in records:
        written = []
        for key, text in zip(text_keys(record), record.written, strict=True):
            if row := rows.get(key):
                mark, problem = _mark(row, text.points)
                problems += [problem] if problem else []
                if row.filled and row.get("version") not in ("", text_version(text.text)):
                    changed.add(key)
                text = text.model_copy(update={"mark": mark, "comment": row.get("comment")})
            written.append(text)
        marked.append(record.model_copy(update={"written": tuple(written)}))
    return Marked(tuple(marked), rows, tuple(left_over), frozenset(changed), tuple(problems))


def _match(
    rows: Iterable[PersonRow], keys: Sequence[TextKey]
) -> tuple[dict[TextKey, PersonRow], list[PersonRow], list[str]]:
    """Find the text of each row; of two rows of a text the first that was filled in counts."""
    by_code = {row_code(key): key for key in keys}
    by_name: dict[TextKey, list[TextKey]] = {}
    for key in keys:
        by_name.setdefault(_folded(shown_key(key)), []).append(key)
    matched: dict[TextKey, PersonRow] = {}
    left_over, problems = [], []
    for row in sorted(rows, key=lambda row: (not row.filled, row.line)):
        named = (row.get("student"), row.get("chapter"), row.get("id"))
        coded = by_code.get(row.get("row"))
        same = by_name.get(_folded(named), [])
        found = [coded] if coded else same
        mixed = coded is not None and bool(same) and coded not in same
        if len(found) == 1 and not mixed and found[0] not in matched:
            matched[found[0]] = row
        elif row.filled:
            left_over.append(row)
            problems.append(_unmatched(row, named, found, mixed, matched))
    return matched, left_over, problems


def _unmatched(
    row: PersonRow,
    named: TextKey,
    found: Sequence[TextKey],
    mixed: bool,
    matched: Mapping[TextKey, PersonRow],
) -> str:
    """Sentence on a row that an instructor filled in and that is not used."""
    line = f"line {row.line} of {PERSON_FILE}"
    whose = f"{one_line(named[2])} of {one_line(named[0])}"
    if mixed:
        return (
            f"Expected {line} to be of one text, but its names are those of {whose} and its code "
            "is another's: sort whole rows only, and put the mark where it belongs."
        )
    if len(found) == 1:
        return (
            f"Expected one row for {whose}, but {line} repeats line {matched[found[0]].line}, "
            "which counts: empty one of them."
        )
    return (
        f"Expected {line} to be of one of these submissions, but {whose} is not among them: the "
        "row was kept, and its mark not used."
    )


def _mark(row: PersonRow, points: int) -> tuple[float | None, str]:
    """Mark of a row, and a sentence where it is none."""
    typed = row.get("mark")
    if not typed:
        return None, ""
    mark = float(typed.replace(",", ".")) if MARK.fullmatch(typed) else None
    if mark is None or mark > points:
        return None, (
            f"Expected a number from 0 to {points} in line {row.line}, column mark, of "
            f"{PERSON_FILE}, but it is {one_line(typed, 40)!r}: correct it."
        )
    return mark, ""


def _folded(key: TextKey) -> TextKey:
    """Key as a spreadsheet may have left it: zeros before a number are gone."""
    student, chapter, text = (part.casefold().lstrip("0") for part in key)
    return student, chapter, text
