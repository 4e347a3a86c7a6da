"""Upload file for Moodle: the offline grading worksheet of an assignment.

Moodle finds a participant by the number in Identifier, and refuses a file without the columns
Identifier, Grade and "Last modified (grade)"; their names are those of an English site. A grade
above the assignment's own maximum is skipped, so that must be set to the points of the chapters. A
grade that is there already stays unless "Allow updating records that have been modified more
recently" is ticked. Feedback comments are HTML. Source: Moodle, mod/assign/feedback/offline/
importgradeslib.php at 452e36f and locallib.php, mod/assign/feedback/comments/locallib.php at
0497556, mod/assign/gradingtable.php at 003699d.

Where teams hand in, the number in a download is the team's, and would be taken for a participant's:
then there is no file.
"""

import html
import re
from collections.abc import Sequence

from exposure_lab.course.grading.gradebook.feedback_lines import feedback_lines
from exposure_lab.course.grading.gradebook.shown_text import one_line
from exposure_lab.course.grading.gradebook.standing import StudentStanding
from exposure_lab.course.grading.gradebook.uploads import Upload, lacking
from exposure_lab.course.release.manifest import Manifest
from exposure_lab.files.csv_table import Cell, csv_text

MOODLE_FILE = "moodle.csv"
COLUMNS = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"),
    *("Grade can be changed", "Last modified (submission)", "Last modified (grade)"),
    "Feedback comments",
)
MOST_LINES = 60
"""Lines of feedback; the student's page has all of it."""


def moodle_upload(students: Sequence[StudentStanding], manifest: Manifest) -> Upload | None:
    """Make the upload file; None where no student came from Moodle, no file where teams did."""
    known = [one for one in students if one.ids.get("moodle_id", "").isdigit()]
    teams = [one for one in students if one.ids.get("moodle_group")]
    if teams:
        return Upload(
            "Moodle",
            0,
            {},
            "Expected participants in the download from Moodle, but it has teams, whose numbers "
            "are not those of participants: enter these marks there by hand.",
        )
    if not known:
        return None
    possible = sum(entry.points for entry in manifest.entries)
    rows: list[Sequence[Cell]] = [COLUMNS, *(_row(one, possible) for one in known)]
    sentence = lacking(students, known, "Moodle", "the number of a participant")
    return Upload("Moodle", len(known), {MOODLE_FILE: csv_text(rows)}, sentence)


def _row(student: StudentStanding, possible: int) -> list[Cell]:
    times = [one.record.submitted for one in student.chapters if one.record.submitted]
    return [
        f"Participant {student.ids['moodle_id']}",
        one_line(student.name),
        one_line(student.ids.get("email", "")),
        "Submitted for grading",
        student.total if student.chapters else None,
        possible,
        "Yes",
        max(times).isoformat(sep=" ", timespec="minutes") if times else "",
        "",  # without a date Moodle keeps the grades that are there, unless told otherwise
        _feedback(student),
    ]


def _feedback(student: StudentStanding) -> str:
    """Feedback as HTML in one line, in which no sign stands where a cell could begin."""
    lines = feedback_lines(student)
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"And {len(lines) - MOST_LINES} more."]
    listed = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return re.sub(r"(?<=;)[=+\-@]+", _as_entities, f"<ul>{listed}</ul>")


def _as_entities(match: re.Match[str]) -> str:
    return "".join(f"&#{ord(sign)};" for sign in match[0])
