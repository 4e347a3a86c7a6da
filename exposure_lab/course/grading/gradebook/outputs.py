"""Outputs of a grading: every table, upload file and page, each whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.grading.formative.result import Results
from exposure_lab.course.grading.gradebook.alike import find_alike
from exposure_lab.course.grading.gradebook.canvas_upload import canvas_upload
from exposure_lab.course.grading.gradebook.grades_table import GRADES_FILE, grades_table
from exposure_lab.course.grading.gradebook.gradescope_results import gradescope_results
from exposure_lab.course.grading.gradebook.moodle_upload import moodle_upload
from exposure_lab.course.grading.gradebook.overview_page import OVERVIEW_FILE, overview_page
from exposure_lab.course.grading.gradebook.pages import student_page_path
from exposure_lab.course.grading.gradebook.person_file import (
    PERSON_FILE,
    PersonMarks,
    read_person_marks,
)
from exposure_lab.course.grading.gradebook.person_marks import apply_person_marks
from exposure_lab.course.grading.gradebook.person_table import person_table
from exposure_lab.course.grading.gradebook.standing import StudentStanding, standings
from exposure_lab.course.grading.gradebook.student_page import student_page
from exposure_lab.course.grading.gradebook.uploads import Upload
from exposure_lab.course.grading.late import LatePolicy
from exposure_lab.course.grading.record import Record
from exposure_lab.course.release.manifest import Manifest
from exposure_lab.files.atomic import write_text

Sources = Mapping[str, Mapping[str, str]]
"""Student to question to the code of the answer."""


@dataclass(frozen=True)
class Written:
    """What was written, counted for the summary of a command."""

    records: tuple[Record, ...]
    """The records, with the marks of persons."""
    students: int
    without_chapter: int
    """Students of whom nothing could be graded."""
    needing: int
    """Students who need a person."""
    with_problems: int
    waiting: int
    """Texts without a mark."""
    alike: int
    """Groups of like answers."""
    uploads: Mapping[str, int]
    """System to the students in its files."""
    mark_problems: tuple[str, ...]
    """Typed marks that could not be used, one sentence each."""
    sentences: tuple[str, ...]
    """What an instructor must know of marks and uploads; the problems are among it."""
    changed: tuple[Path, ...]
    """Files that are new or other than before."""


def write_outputs(
    out: Path,
    records: Sequence[Record],
    manifest: Manifest,
    policy: LatePolicy,
    person_marks: PersonMarks,
    sources: Sources,
    *,
    rubrics: Mapping[str, Sequence[str]] | None = None,
    known_code: Mapping[str, Sequence[str]] | None = None,
    formative: Results | None = None,
) -> Written:
    """Write everything that comes out of a grading.

    Args:
        out: folder of the grades.
        records: all of the batch, one a student and chapter.
        manifest: of the release.
        policy: due dates, and what a day costs.
        person_marks: the instructor's table as it was read before. It is read once more here, so
            that what was typed while the grading ran is not lost.
        sources: code of the answers.
        rubrics: id of a written question to what a full answer says.
        known_code: question to code that all may have in common: what was handed out, and the
            reference's.
        formative: runs of whole notebooks, for feedback alone.

    Raises:
        GradingError: the table of an instructor cannot be read any more; nothing was written.
        FilesError: the disk refuses.
    """
    if (out / PERSON_FILE).exists():
        person_marks = read_person_marks(out / PERSON_FILE)
    marked = apply_person_marks(records, person_marks)
    students = standings(marked.records, policy, marked.changed)
    uploads = _uploads(students, manifest)
    sentences = (*marked.problems, *(one.sentence for one in uploads if one.sentence))
    waiting = sum(len(chapter.waiting) for one in students for chapter in one.chapters)
    if uploads and waiting:
        sentences += (
            f"Expected a mark for every written answer, but {waiting} wait for one: the upload "
            "files hold the points so far, so fill in the marks and upload again.",
        )
    alike = find_alike(_one_of_each_group(sources, students), known_code or {})
    # The table that people type into comes first: what they typed must not wait for the rest.
    files = {PERSON_FILE: person_table(marked, person_marks, rubrics or {})}
    files[GRADES_FILE] = grades_table(students, manifest)
    for upload in uploads:
        files |= upload.files
    runs = formative or {}
    files[OVERVIEW_FILE] = overview_page(students, manifest, alike, sources, sentences, runs)
    changed = [path for path, text in files.items() if _write(out / path, text)]
    for student in students:
        path = student_page_path(student.student)
        if _write(out / path, student_page(student, manifest, runs)):
            changed.append(path)
    return Written(
        records=marked.records,
        students=len(students),
        without_chapter=sum(not one.chapters for one in students),
        needing=sum(bool(one.needs) for one in students),
        with_problems=sum(bool(one.problems) for one in students),
        waiting=waiting,
        alike=len(alike),
        uploads={one.system: one.students for one in uploads},
        mark_problems=marked.problems,
        sentences=sentences,
        changed=tuple(out / path for path in changed),
    )


def _uploads(students: Sequence[StudentStanding], manifest: Manifest) -> list[Upload]:
    made = (
        canvas_upload(students, manifest),
        moodle_upload(students, manifest),
        gradescope_results(students),
    )
    return [upload for upload in made if upload is not None]


def _one_of_each_group(sources: Sources, students: Sequence[StudentStanding]) -> Sources:
    """Sources of one student of each submission, which a group hands in together."""
    there: dict[str, str] = {}
    for student in students:
        submission = student.ids.get("gradescope_id") or f"student {student.student}"
        there.setdefault(submission, student.student)
    return {one: sources[one] for one in there.values() if one in sources}


def _write(path: Path, text: str) -> bool:
    """Write a file where it is not there with this content; say whether it was written."""
    if path.is_file() and path.read_bytes() == text.encode():
        return False
    write_text(path, text)
    return True
