"""Marks that an instructor types into a table, and what spreadsheets make of it."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_grades import BAD_NAMES, made_up_record

from exposure_lab.course.grading.gradebook.person_file import (
    COLUMNS,
    PERSON_FILE,
    PersonMarks,
    read_person_marks,
)
from exposure_lab.course.grading.gradebook.person_marks import Marked, apply_person_marks
from exposure_lab.course.grading.gradebook.person_table import person_table
from exposure_lab.course.grading.record import Record
from exposure_lab.errors import GradingError

Rows = list[dict[str, str]]


def write(path: Path, records: Sequence[Record], marks: PersonMarks | None = None) -> Marked:
    marks = marks or PersonMarks()
    marked = apply_person_marks(records, marks)
    rubrics = {"01.in-your-words": ("names clipping", "says why")}
    path.write_text(person_table(marked, marks, rubrics), encoding="utf-8", newline="")
    return marked


def read_rows(path: Path, delimiter: str = ",") -> Rows:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def save(path: Path, rows: Rows, columns: Sequence[str] = COLUMNS, **how: str) -> None:
    """Save as a spreadsheet does."""
    with path.open("w", encoding=how.get("encoding", "utf-8-sig"), newline="") as file:
        writer = csv.writer(file, delimiter=how.get("delimiter", ","))
        writer.writerow(columns)
        writer.writerows([row.get(column, "") for column in columns] for row in rows)


def edited(path: Path, change: Callable[[Rows], Rows], **how: str) -> PersonMarks:
    save(path, change(read_rows(path)), **how)
    return read_person_marks(path)


def typed(rows: Rows, cells: Mapping[str, tuple[str, str]]) -> Rows:
    return [
        row | dict(zip(("mark", "comment"), cells.get(row["student"], ("", "")), strict=True))
        for row in rows
    ]


def marks_of(marked: Marked) -> dict[str, tuple[float | None, str]]:
    return {one.student: (one.written[0].mark, one.written[0].comment) for one in marked.records}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / PERSON_FILE


def test_new_table_holds_what_a_person_needs_and_no_more_than_500_signs(path: Path) -> None:
    write(path, [made_up_record("ana", text="light " * 500), made_up_record("bo", text=" ")])
    ana, bo = read_rows(path)
    assert len(ana["text"]) <= 500 and ana["text"].endswith("…")
    assert ana["rubric"] == "names clipping ¶ says why"
    assert (ana["points"], ana["mark"], ana["comment"]) == ("2", "", "")
    assert bo["note"] == "no answer"


def test_typed_marks_reach_the_records_and_stay_in_the_table(path: Path) -> None:
    records = [made_up_record("ana"), made_up_record("bo"), made_up_record("cy")]
    write(path, records)
    cells = {"ana": ("1.5", "Good, but\nsay why."), "bo": ("0", "")}
    marks = edited(path, lambda rows: typed(rows, cells))
    marked = write(path, records, marks)
    expected = {"ana": (1.5, "Good, but\nsay why."), "bo": (0.0, ""), "cy": (None, "")}
    assert marks_of(marked) == expected
    assert marked.problems == ()
    assert marks_of(apply_person_marks(records, read_person_marks(path))) == expected


def test_table_survives_a_german_spreadsheet(path: Path) -> None:
    """Semicolons, a decimal comma, zeros that are gone, and Windows' own code page."""
    records = [made_up_record("007", name="Zoë"), made_up_record("42")]
    write(path, records)

    def change(rows: Rows) -> Rows:
        rows = typed(rows, {"007": ("1,5", "schön; gut"), "42": ("2", "")})
        return [
            row | {"student": row["student"].lstrip("0"), "chapter": "1", "text": "?"}
            for row in rows
        ]

    marks = edited(path, change, delimiter=";", encoding="cp1252")
    marked = write(path, records, marks)
    assert marks_of(marked) == {"007": (1.5, "schön; gut"), "42": (2.0, "")}
    assert marked.problems == ()
    assert read_rows(path, ";")[0]["mark"] == "1,5"


def test_row_is_found_without_its_code(path: Path) -> None:
    records = [made_up_record("007"), made_up_record("bo")]
    save(path, [{"student": "7", "chapter": "1", "id": "01.in-your-words", "mark": "2"}],
         ("student", "chapter", "id", "mark", "comment"))  # fmt: skip
    assert marks_of(apply_person_marks(records, read_person_marks(path)))["007"] == (2.0, "")


@pytest.mark.parametrize("mark", ["2.5", "-1", "two", "nan", "1e0", "inf", "2/2", "٣"])
def test_mark_that_is_none_is_named_by_line_and_column_and_kept(path: Path, mark: str) -> None:
    records = [made_up_record("ana"), made_up_record("bo")]
    write(path, records)
    marks = edited(path, lambda rows: typed(rows, {"bo": (mark, "hm")}))
    marked = write(path, records, marks)
    (problem,) = marked.problems
    assert "from 0 to 2 in line 3, column mark" in problem and mark in problem
    assert marks_of(marked)["bo"] == (None, "hm")
    assert [row.get("mark") for row in read_person_marks(path).rows] == ["", mark]


def test_row_of_nobody_is_named_and_kept(path: Path) -> None:
    write(path, [made_up_record("ana"), made_up_record("gone")])
    marks = edited(path, lambda rows: typed(rows, {"gone": ("1", "")}))
    marked = write(path, [made_up_record("ana")], marks)
    assert "line 3" in marked.problems[0] and "gone" in marked.problems[0]
    back = apply_person_marks(
        [made_up_record("ana"), made_up_record("gone")], read_person_marks(path)
    )
    assert marks_of(back)["gone"] == (1.0, "") and back.problems == ()


def test_second_row_of_a_text_is_named_and_kept(path: Path) -> None:
    records = [made_up_record("ana")]
    write(path, records)
    marks = edited(path, lambda rows: [r | {"mark": m} for r in rows for m in ("1", "2")])
    marked = write(path, records, marks)
    assert marks_of(marked)["ana"][0] == 1.0
    assert "line 3" in marked.problems[0] and "line 2" in marked.problems[0]
    assert [row["mark"] for row in read_rows(path)] == ["1", "2"]


def test_empty_copy_of_a_row_does_not_hide_the_mark(path: Path) -> None:
    records = [made_up_record("ana")]
    write(path, records)
    marks = edited(path, lambda rows: [r | {"mark": m} for r in rows for m in ("", "2")])
    marked = apply_person_marks(records, marks)
    assert marks_of(marked)["ana"] == (2.0, "") and marked.problems == ()


def test_marks_that_were_sorted_apart_from_their_names_go_to_nobody(path: Path) -> None:
    records = [made_up_record("ana"), made_up_record("bo")]
    write(path, records)

    def swap_names(rows: Rows) -> Rows:
        rows = typed(rows, {"ana": ("1", ""), "bo": ("2", "")})
        return [rows[0] | {"student": "bo"}, rows[1] | {"student": "ana"}]

    marked = write(path, records, edited(path, swap_names))
    assert {mark for mark, _ in marks_of(marked).values()} == {None}
    assert len(marked.problems) == 2 and "sort whole rows" in marked.problems[0]
    assert sorted(row["mark"] for row in read_rows(path)) == ["", "", "1", "2"]


def test_mark_of_another_text_counts_but_asks_to_be_read_again(path: Path) -> None:
    write(path, [made_up_record("ana", text="First try.")])
    marks = edited(path, lambda rows: typed(rows, {"ana": ("2", "")}))
    later = [made_up_record("ana", text="Second try.")]
    marked = write(path, later, marks)
    assert marks_of(marked)["ana"] == (2.0, "")
    assert marked.changed == {("ana", "01", "01.in-your-words")}
    assert "read it again" in read_rows(path)[0]["note"]
    assert apply_person_marks(later, read_person_marks(path)).changed  # until somebody confirms
    confirmed = edited(path, lambda rows: [row | {"version": ""} for row in rows])
    assert not apply_person_marks(later, confirmed).changed


def test_columns_and_cells_that_an_instructor_added_stay(path: Path) -> None:
    records = [made_up_record("ana")]
    write(path, records)
    (row,) = read_rows(path)
    path.write_text(
        f"marker,{','.join(COLUMNS)}\r\nMK,{','.join(row[c] for c in COLUMNS)},see me\r\n",
        encoding="utf-8",
    )
    write(path, records, read_person_marks(path))
    again = read_person_marks(path)
    assert again.rows[0].get("marker") == "MK"
    assert "see me" in again.rows[0].cells.values()


def test_record_keeps_its_mark_where_the_table_is_gone(path: Path) -> None:
    (text,) = made_up_record("ana").written
    written = (text.model_copy(update={"mark": 1.0, "comment": "fine"}),)
    write(path, [made_up_record("ana", written=written)])
    assert [(row["mark"], row["comment"]) for row in read_rows(path)] == [("1", "fine")]


@pytest.mark.parametrize("content", [b"PK\x03\x04 no table", b"", b'student,"mark\n'])
def test_file_that_is_no_such_table_stops_before_anything_is_overwritten(
    path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    with pytest.raises(GradingError, match="Expected"):
        read_person_marks(path)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_keys_find_their_mark_again(path: Path, name: str) -> None:
    records = [made_up_record(name), made_up_record("bo")]
    write(path, records)
    marks = edited(path, lambda rows: [row | {"mark": "1"} for row in rows])
    marked = write(path, records, marks)
    assert {mark for mark, _ in marks_of(marked).values()} == {1.0}


@given(comment=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_comment_is_the_same_after_many_runs(
    tmp_path_factory: pytest.TempPathFactory, comment: str
) -> None:
    path = tmp_path_factory.mktemp("marks") / PERSON_FILE
    (text,) = made_up_record("ana").written
    records = [made_up_record("ana", written=(text.model_copy(update={"comment": comment}),))]
    write(path, records)
    for _ in range(2):
        write(path, records, read_person_marks(path))
    assert read_person_marks(path).rows[0].cells["comment"] == comment
