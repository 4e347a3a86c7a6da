"""Everything that a grading writes, together."""

import csv
from pathlib import Path

import pytest
from made_up_grades import BAD_NAMES, made_up_manifest, made_up_record

from exposure_lab.course.grading.gradebook import outputs
from exposure_lab.course.grading.gradebook.outputs import Written, write_outputs
from exposure_lab.course.grading.gradebook.pages import student_page_path
from exposure_lab.course.grading.gradebook.person_file import PERSON_FILE, read_person_marks
from exposure_lab.course.grading.late import LatePolicy
from exposure_lab.course.grading.record import Record
from exposure_lab.errors import GradingError

MANIFEST = made_up_manifest()
CODE = "\n".join(f"x{i} = np.roll(values, {i})" for i in range(12))


def records() -> list[Record]:
    graded = [
        made_up_record(f"s{number}", name=name, ids={"canvas_id": str(number)})
        for number, name in enumerate(BAD_NAMES)
    ]
    return [*graded, made_up_record("none", "", problems=("Expected a notebook.",))]


def grade(out: Path, sources: dict[str, dict[str, str]] | None = None) -> Written:
    marks = read_person_marks(out / PERSON_FILE)
    return write_outputs(out, records(), MANIFEST, LatePolicy(), marks, sources or {})


def type_marks(out: Path) -> None:
    path = out / PERSON_FILE
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    at = rows[0].index("mark")
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [*row[:at], "2" if number else "mark", *row[at + 1 :]]
            for number, row in enumerate(rows)
        )


def test_writes_every_file_and_counts(tmp_path: Path) -> None:
    written = grade(tmp_path, {"s0": {"01.scale": CODE}, "s1": {"01.scale": CODE}})
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"canvas.csv", PERSON_FILE, "grades.csv", "overview.html", "students"}
    assert len(list(tmp_path.glob("students/*/feedback.html"))) == len(BAD_NAMES) + 1
    assert (written.students, written.without_chapter) == (len(BAD_NAMES) + 1, 1)
    assert (written.waiting, written.needing) == (len(BAD_NAMES), len(BAD_NAMES) + 1)
    assert (written.with_problems, written.alike) == (1, 1)
    assert written.uploads == {"Canvas": len(BAD_NAMES)}
    assert any("wait for one" in sentence for sentence in written.sentences)


def test_typed_marks_count_in_the_next_run_and_the_same_run_changes_nothing(tmp_path: Path) -> None:
    grade(tmp_path)
    type_marks(tmp_path)
    written = grade(tmp_path)
    assert written.waiting == 0
    assert all(record.written[0].mark == 2.0 for record in written.records if record.chapter)
    with (tmp_path / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        totals = [row["total (9)"] for row in csv.DictReader(file)]
    assert sorted(totals) == ["0", *["5"] * len(BAD_NAMES)]
    assert grade(tmp_path).changed == ()


def test_mark_that_is_too_high_is_among_the_sentences_and_on_the_page(tmp_path: Path) -> None:
    grade(tmp_path)
    table = (tmp_path / PERSON_FILE).read_text(encoding="utf-8-sig")
    header = "student,chapter,id,mark,comment"
    (tmp_path / PERSON_FILE).write_text(f"{header}\ns4,01,01.in-your-words,9,\n", encoding="utf-8")
    written = grade(tmp_path)
    (problem,) = written.mark_problems
    assert "from 0 to 2 in line 2" in problem and problem in written.sentences
    assert "from 0 to 2 in line 2" in (tmp_path / "overview.html").read_text(encoding="utf-8")
    assert len(read_person_marks(tmp_path / PERSON_FILE).rows) == table.count("row-")


def test_marks_that_were_typed_while_the_grading_ran_are_not_lost(tmp_path: Path) -> None:
    grade(tmp_path)
    before = read_person_marks(tmp_path / PERSON_FILE)
    type_marks(tmp_path)
    written = write_outputs(tmp_path, records(), MANIFEST, LatePolicy(), before, {})
    assert written.waiting == 0
    assert {row.get("mark") for row in read_person_marks(tmp_path / PERSON_FILE).rows} == {"2"}


def test_table_that_cannot_be_read_any_more_stays_as_it_is(tmp_path: Path) -> None:
    grade(tmp_path)
    before = read_person_marks(tmp_path / PERSON_FILE)
    (tmp_path / PERSON_FILE).write_bytes(b"PK\x03\x04")
    with pytest.raises(GradingError, match=PERSON_FILE):
        write_outputs(tmp_path, records(), MANIFEST, LatePolicy(), before, {})
    assert (tmp_path / PERSON_FILE).read_bytes() == b"PK\x03\x04"


def test_run_that_is_stopped_leaves_whole_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grade(tmp_path)
    type_marks(tmp_path)
    old = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    stop_at = iter([None, None, KeyboardInterrupt])

    def write_two(path: Path, text: str) -> None:
        if next(stop_at) is KeyboardInterrupt:
            raise KeyboardInterrupt
        path.write_text(text, encoding="utf-8", newline="")

    monkeypatch.setattr(outputs, "write_text", write_two)
    with pytest.raises(KeyboardInterrupt):
        grade(tmp_path)
    monkeypatch.undo()
    assert {path for path in tmp_path.rglob("*.*")} == set(old)
    assert read_person_marks(tmp_path / PERSON_FILE).rows[0].get("mark") == "2"
    assert grade(tmp_path).waiting == 0


def test_members_of_one_submission_are_not_compared(tmp_path: Path) -> None:
    group = [made_up_record(name, ids={"gradescope_id": "7"}) for name in ("ana", "bo")]
    sources = {name: {"01.scale": CODE} for name in ("ana", "bo")}
    marks = read_person_marks(tmp_path / PERSON_FILE)
    assert write_outputs(tmp_path, group, MANIFEST, LatePolicy(), marks, sources).alike == 0


def test_overview_links_to_pages_that_are_there(tmp_path: Path) -> None:
    grade(tmp_path)
    page = student_page_path("none")
    assert page in (tmp_path / "overview.html").read_text(encoding="utf-8")
    assert (tmp_path / page).is_file()
