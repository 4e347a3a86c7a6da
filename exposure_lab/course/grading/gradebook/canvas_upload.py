"""Upload file for Canvas: the CSV that its gradebook imports, one assignment a chapter.

Canvas finds a student by the column ID, else by a SIS ID, and takes each column behind Section for
an assignment: one of that title, or a new one. It asks before anything is changed; an empty cell
leaves no mark. Source: Canvas, lib/gradebook_importer.rb at 00b222d (``update_column_count``,
``process_student``, ``process_pp``).
"""

from collections.abc import Sequence

from exposure_lab.course.grading.gradebook.grades_table import chapter_points
from exposure_lab.course.grading.gradebook.shown_text import one_line
from exposure_lab.course.grading.gradebook.standing import StudentStanding
from exposure_lab.course.grading.gradebook.uploads import Upload, lacking
from exposure_lab.course.release.manifest import Manifest
from exposure_lab.files.csv_table import Cell, csv_text

CANVAS_FILE = "canvas.csv"
STUDENT_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
FOUND_BY = ("canvas_id", "sis_user_id", "sis_login_id")
POINTS_POSSIBLE = "Points Possible"


def canvas_upload(students: Sequence[StudentStanding], manifest: Manifest) -> Upload | None:
    """Make the upload file; None where no student came from Canvas."""
    known = [one for one in students if any(one.ids.get(key) for key in FOUND_BY)]
    anonymous = any(one.ids.get("canvas_anonymous_id") for one in students)
    if not known and not anonymous:
        return None
    chapters = manifest.chapters
    titles = [one_line(f"Chapter {one.number}: {one.title}") for one in chapters]
    possible = [chapter_points(manifest, one.number) for one in chapters]
    rows: list[Sequence[Cell]] = [
        [*STUDENT_COLUMNS, *titles],
        [f"    {POINTS_POSSIBLE}", "", "", "", "", *possible],
    ]
    rows += [_row(one, [chapter.number for chapter in chapters]) for one in known]
    sentence = lacking(students, known, "Canvas", "canvas_id, sis_user_id or sis_login_id")
    files = {CANVAS_FILE: csv_text(rows, spreadsheet=False)} if known else {}
    return Upload("Canvas", len(known), files, sentence)


def _row(student: StudentStanding, chapters: Sequence[str]) -> list[Cell]:
    standings = [student.chapter(number) for number in chapters]
    # Canvas takes any row whose name holds these words for the row of the points.
    name = one_line(student.name).replace(POINTS_POSSIBLE, "Points-Possible")
    return [
        name,
        *(student.ids.get(key, "") for key in FOUND_BY),
        student.ids.get("section", ""),
        *(None if one is None else one.total for one in standings),
    ]
