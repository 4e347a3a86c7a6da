"""Table of grades and upload files, read back by the csv module."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from made_up_grades import (
    BAD_NAMES,
    DUE,
    FORMULA,
    made_up_manifest,
    made_up_record,
    question_mark,
)

from exposure_lab.course.grading.gradebook.canvas_upload import CANVAS_FILE, canvas_upload
from exposure_lab.course.grading.gradebook.grades_table import grades_table
from exposure_lab.course.grading.gradebook.gradescope_results import gradescope_results
from exposure_lab.course.grading.gradebook.moodle_upload import MOODLE_FILE, moodle_upload
from exposure_lab.course.grading.gradebook.standing import StudentStanding, standings
from exposure_lab.course.grading.late import LatePolicy
from exposure_lab.course.grading.record import Record, WrittenMark

MANIFEST = made_up_manifest()
NO_DATES = LatePolicy()


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def standing(*records: Record, policy: LatePolicy = NO_DATES) -> list[StudentStanding]:
    return standings(records, policy)


def marked(student: str, mark: float, comment: str = "", **more: Any) -> Record:
    text = WrittenMark(id="01.in-your-words", points=2, text="t", mark=mark, comment=comment)
    return made_up_record(student, written=(text,), **more)


def test_row_adds_up_after_lateness() -> None:
    late = marked(
        "ana",
        1.5,
        questions=(question_mark("01.scale", ["negative values"]),),
        submitted=DUE + timedelta(hours=30),
    )
    policy = LatePolicy({("", ""): DUE}, penalty=0.1)
    students = standing(late, made_up_record("ana", "02", submitted=DUE), policy=policy)
    (row,) = table(grades_table(students, MANIFEST))
    assert {key: row[key] for key in row if "01" in key} == {
        "01.scale (3)": "2",
        "01.in-your-words (2)": "1.5",
        "01 earned (5)": "3.5",
        "01 days late": "2",
        "01 share that stays": "0.8",
        "01 total (5)": "2.8",
    }
    assert (row["02 total (4)"], row["total (9)"], row["needs a person"]) == ("4", "6.8", "")
    assert "2 days late: 80 % of the points stay" in row["problems"]


def test_student_without_a_notebook_has_a_row_and_no_zero() -> None:
    problem = "Expected a notebook, but got a PDF: ask for it."
    nothing = made_up_record("bo", "", problems=(problem,))
    row = table(grades_table(standing(made_up_record("ana"), nothing), MANIFEST))[1]
    assert (row["student"], row["01.scale (3)"], row["01 total (5)"]) == ("bo", "", "")
    assert (row["total (9)"], row["needs a person"], row["problems"]) == ("0", "yes", problem)


def test_order_does_not_depend_on_that_of_the_records() -> None:
    records = [made_up_record(name, chapter) for name in BAD_NAMES for chapter in ("01", "02")]
    text = grades_table(standing(*records), MANIFEST)
    assert text == grades_table(standing(*reversed(records)), MANIFEST)
    assert len(table(text)) == len(BAD_NAMES)


def test_no_cell_of_any_table_begins_a_formula() -> None:
    records = [
        marked(
            name, 1, name, name=name, problems=(name,), ids={"canvas_id": name, "moodle_id": "1"}
        )
        for name in BAD_NAMES
    ]
    students = standing(*records)
    uploads = (canvas_upload(students, MANIFEST), moodle_upload(students, MANIFEST))
    texts = [text for upload in uploads if upload for text in upload.files.values()]
    assert len(texts) == 2
    for text in (*texts, grades_table(students, MANIFEST)):
        for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_late_by_an_unknown_time_loses_nothing_and_asks_a_person() -> None:
    policy = LatePolicy({("", ""): DUE})
    (student,) = standing(marked("ana", 2, late=True), policy=policy)
    assert student.total == 5
    assert "unknown time" in student.needs[0]


def test_text_without_a_mark_and_a_remark_need_a_person() -> None:
    questions = (question_mark("01.scale", remark="Found by its place: needs review."),)
    (student,) = standing(made_up_record("ana", questions=questions))
    assert len(student.needs) == 2
    assert any("in-your-words" in need for need in student.needs)
    assert standing(made_up_record("ana", text=" "))[0].needs == ()


def test_text_that_is_another_than_the_marked_one_needs_a_person() -> None:
    changed = {("ana", "01", "01.in-your-words")}
    (ana, bo) = standings([marked("ana", 1), marked("bo", 1)], NO_DATES, changed)
    assert "read it again" in ana.needs[0] and bo.needs == ()


def test_canvas_file_has_the_rows_that_its_importer_looks_for() -> None:
    ids = {"canvas_id": "4021", "sis_user_id": "u7", "section": "A"}
    records = [
        marked("ana", 1.5, ids=ids, name="Points Possible"),
        made_up_record("bo", "02", ids={"canvas_id": "4022"}),
        made_up_record("cy", ids={"canvas_anonymous_id": "x9"}, name="anonymous x9"),
    ]
    upload = canvas_upload(standing(*records), MANIFEST)
    assert upload is not None
    text = upload.files[CANVAS_FILE]
    header, possible, bo, ana = csv.reader(io.StringIO(text, newline=""))
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert header[5:] == ["Chapter 01: Exposure", "Chapter 02: Generator"]
    assert (possible[0].strip(), possible[5:]) == ("Points Possible", ["5", "4"])
    assert ana[1:] == ["4021", "u7", "", "A", "4.5", ""]
    assert "Points Possible" not in ana[0]  # else it would be read as the row of the points
    assert bo[1:] == ["4022", "", "", "", "", "4"]
    assert "anonymous x9" in upload.sentence and "by hand" in upload.sentence


def test_moodle_file_has_the_columns_that_its_importer_looks_for() -> None:
    comment = "a <b> & c; =1"
    records = [
        marked("4021", 1, comment, ids={"moodle_id": "4021", "email": "ana@example.org"}),
        made_up_record("77", "", name="Bo", ids={"moodle_id": "77"}, problems=("No notebook.",)),
    ]
    upload = moodle_upload(standing(*records), MANIFEST)
    assert upload is not None and upload.sentence == ""
    ana, bo = table(upload.files[MOODLE_FILE])
    assert (ana["Identifier"], ana["Grade"], ana["Maximum Grade"]) == ("Participant 4021", "4", "9")
    assert ana["Email address"] == "ana@example.org" and "Last modified (grade)" in ana
    assert "a &lt;b&gt; &amp; c; =1" in ana["Feedback comments"]
    assert bo["Grade"] == "" and "No notebook." in bo["Feedback comments"]


def test_moodle_teams_get_no_file_but_a_sentence() -> None:
    teams = standing(
        made_up_record("a", ids={"moodle_id": "3"}),
        made_up_record("b", ids={"moodle_group": "Default group"}),
    )
    upload = moodle_upload(teams, MANIFEST)
    assert upload is not None and not upload.files and "teams" in upload.sentence


def results(students: Sequence[StudentStanding]) -> dict[str, dict[str, Any]]:
    upload = gradescope_results(students)
    assert upload is not None
    return {path: json.loads(text) for path, text in upload.files.items()}


def test_gradescope_results_follow_its_contract() -> None:
    wrong = question_mark("01.scale", ["positive values"])
    record = marked("ana", 1.5, "Good.", questions=(wrong,), ids={"gradescope_id": "123"})
    (found,) = results(standing(record)).values()
    assert found["score"] == 2.5
    first, second, text = found["tests"]
    assert (first["score"], first["max_score"], first["status"]) == (0, 2, "failed")
    assert first["name"] == "01.scale: positive values" and "divided" in first["output"]
    assert (second["score"], second["status"]) == (1, "passed")
    assert (text["score"], text["max_score"], text["output"]) == (1.5, 2, "Good.")
    statuses = {test["status"] for test in found["tests"]}
    assert statuses <= {"passed", "failed"}
    allowed = {"hidden", "after_due_date", "after_published", "visible"}
    assert {test["visibility"] for test in found["tests"]} <= allowed


def test_gradescope_group_gets_one_file_and_uneven_due_dates_are_named() -> None:
    ids = {"gradescope_id": "9"}
    policy = LatePolicy({("", ""): DUE, ("bo", ""): DUE + timedelta(days=3)})
    late = DUE + timedelta(hours=1)
    group = [marked(name, 2, ids=ids, submitted=late) for name in ("ana", "bo")]
    students = standing(*group, policy=policy)
    assert {path: one["score"] for path, one in results(students).items()} == {
        "gradescope/submission_9/results.json": 4.5
    }
    upload = gradescope_results(students)
    assert upload is not None and "submission 9" in upload.sentence


@pytest.mark.parametrize("submission", ["../../x", "a/b", FORMULA])
def test_gradescope_folder_stays_below_the_grades(submission: str) -> None:
    (path,) = results(standing(made_up_record("ana", ids={"gradescope_id": submission})))
    assert len(path.split("/")) == 3 and ".." not in path


def test_no_upload_without_ids() -> None:
    students = standing(made_up_record("ana"))
    assert canvas_upload(students, MANIFEST) is None
    assert moodle_upload(students, MANIFEST) is None
    assert gradescope_results(students) is None
