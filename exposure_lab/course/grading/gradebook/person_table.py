"""Table of written answers for an instructor: all texts, and everything that was typed before."""

from collections.abc import Mapping, Sequence

from exposure_lab.course.grading.gradebook.pages import student_page_path
from exposure_lab.course.grading.gradebook.person_file import (
    PersonMarks,
    TextKey,
    all_columns,
    row_code,
    shown_key,
    text_keys,
    text_version,
)
from exposure_lab.course.grading.gradebook.person_marks import Marked
from exposure_lab.course.grading.gradebook.shown_text import flattened
from exposure_lab.course.grading.record import WrittenMark
from exposure_lab.files.csv_table import Cell, csv_text

LONGEST_TEXT = 500
"""Signs of a text in the table; all of it is on the student's page."""

LONGEST_RUBRIC = 2_000


def person_table(marked: Marked, marks: PersonMarks, rubrics: Mapping[str, Sequence[str]]) -> str:
    """Format the table again: all texts, question by question, and everything that was typed.

    Args:
        marked: what `apply_person_marks` gave for these marks.
        marks: the table as it was read.
        rubrics: id of a written question to what a full answer says.
    """
    columns = all_columns(marks)
    table: list[Sequence[Cell]] = [columns]
    texts = [
        (text.id, key, text)
        for record in marked.records
        for key, text in zip(text_keys(record), record.written, strict=True)
    ]
    for _, key, text in sorted(texts, key=lambda one: (one[1][1], one[0], one[1][0])):
        row = marked.rows.get(key)
        cells: dict[str, Cell] = {} if row is None else {**row.cells}
        cells |= _ours(key, text, rubrics.get(text.id, ()), key in marked.changed)
        if row is None:
            cells |= {"mark": text.mark, "comment": text.comment}
        elif key in marked.changed:
            cells["version"] = row.get("version")
        table.append([cells.get(column, "") for column in columns])
    table += [[row.cells.get(column, "") for column in columns] for row in marked.left_over]
    return csv_text(table, delimiter=marks.delimiter)


def _ours(key: TextKey, text: WrittenMark, rubric: Sequence[str], changed: bool) -> dict[str, Cell]:
    """Cells that are filled in here."""
    student, chapter, written = shown_key(key)
    note = "" if text.text.strip() else "no answer"
    if changed:
        note = "not the text that was marked: read it again, then empty the cell version"
    return {
        "student": student,
        "chapter": chapter,
        "id": written,
        "points": text.points,
        "text": flattened(text.text, LONGEST_TEXT),
        "rubric": flattened("\n".join(rubric), LONGEST_RUBRIC),
        "note": note,
        "page": student_page_path(key[0]),
        "row": row_code(key),
        "version": text_version(text.text),
    }
