"""Page of a class, for its instructor: who needs a person, how points are spread, what is alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exposure_lab.course.grading.formative.result import Formative, Results
from exposure_lab.course.grading.gradebook.alike import AlikeGroup
from exposure_lab.course.grading.gradebook.class_figures import chapter_figures, times
from exposure_lab.course.grading.gradebook.pages import render, student_page_path
from exposure_lab.course.grading.gradebook.person_file import PERSON_FILE
from exposure_lab.course.grading.gradebook.standing import StudentStanding
from exposure_lab.course.grading.gradebook.whole_notebooks import tell_class
from exposure_lab.course.release.manifest import Manifest

OVERVIEW_FILE = "overview.html"

MOST_GROUPS = 100
"""Groups of like answers on the page."""


@dataclass(frozen=True)
class ShownGroup:
    """Group of like answers, with the names and two of the answers."""

    group: AlikeGroup
    students: tuple[StudentStanding, ...]
    answers: tuple[str, str]


def overview_page(
    students: Sequence[StudentStanding],
    manifest: Manifest,
    alike: Sequence[AlikeGroup],
    sources: Mapping[str, Mapping[str, str]],
    sentences: Sequence[str] = (),
    formative: Results | None = None,
) -> str:
    """Make the page of a class.

    Args:
        students: all of them.
        manifest: of the release.
        alike: groups of like answers, the most alike first.
        sources: student to question to code, for a look at two answers of a group.
        sentences: on tables and upload files, what an instructor must know.
        formative: runs of whole notebooks, for feedback alone.
    """
    known = {student.student: student for student in students}
    groups = [
        ShownGroup(
            group,
            tuple(known[student] for student in group.students),
            (
                sources[group.students[0]][group.question],
                sources[group.students[1]][group.question],
            ),
        )
        for group in alike[:MOST_GROUPS]
    ]
    return render(
        "overview.html",
        students=students,
        without=[student for student in students if not student.chapters],
        odd=[student for student in students if student.oddities],
        decided=[
            (student, note)
            for student in students
            for chapter in student.chapters
            for note in chapter.record.notes
        ],
        waiting=sum(len(one.waiting) for student in students for one in student.chapters),
        late=sum(any(one.days_late for one in student.chapters) for student in students),
        chapters=chapter_figures(students, manifest),
        times=times(students),
        runs={number: tell_class(found) for number, found in _by_chapter(formative or {}).items()},
        groups=groups,
        more_groups=max(0, len(alike) - MOST_GROUPS),
        sentences=sentences,
        release=manifest.release,
        page=student_page_path,
        person_file=PERSON_FILE,
    )


def _by_chapter(formative: Results) -> dict[str, list[Formative]]:
    """Runs of whole notebooks by the number of their chapter."""
    found: dict[str, list[Formative]] = {}
    for (_, chapter), result in formative.items():
        found.setdefault(chapter, []).append(result)
    return found
