"""Page of a student: what passed, what did not and why, what was printed, and what to do.

It holds no expected value and no seed. Of the hidden inputs it shows what the answer itself printed
or put into an error, which is of no use to anybody: what is graded after the page was written runs
on others.
"""

from dataclasses import dataclass

from exposure_lab.course.grading.evidence import Limit
from exposure_lab.course.grading.formative.result import Results
from exposure_lab.course.grading.gradebook.pages import render
from exposure_lab.course.grading.gradebook.rubric_tree import rubric_tree
from exposure_lab.course.grading.gradebook.standing import StudentStanding
from exposure_lab.course.grading.gradebook.whole_notebooks import tell_student
from exposure_lab.course.release.manifest import Manifest

STOPPED_BY: dict[Limit, str] = {
    "time": "It was stopped, since it ran longer than the time for this question.",
    "memory": "It was stopped, since it took more memory than there is for it.",
    "processes": "It was stopped, since it started more processes than are allowed.",
    "output": "It was stopped, since it gave or printed more than can be read.",
    "died": "Python ended while it ran.",
}
"""What a student reads of a limit that an answer ran into."""


@dataclass(frozen=True)
class Heading:
    """Chapter as its heading names it."""

    number: str
    title: str
    anchor: str


def student_page(
    student: StudentStanding, manifest: Manifest, formative: Results | None = None
) -> str:
    """Make the page of a student.

    Args:
        student: whose page it is.
        manifest: of the release.
        formative: runs of whole notebooks, this student's among them.
    """
    runs = formative or {}
    titles = {chapter.number: chapter.title for chapter in manifest.chapters}
    headings = [
        Heading(number, titles.get(number, ""), f"chapter-{place}")
        for place, number in enumerate((one.record.chapter for one in student.chapters), start=1)
    ]
    return render(
        "student.html",
        student=student,
        chapters=list(zip(headings, student.chapters, strict=True)),
        waiting=sum(len(chapter.waiting) for chapter in student.chapters),
        stopped_by=STOPPED_BY,
        rubric_of=lambda chapter: rubric_tree(chapter.record),
        run_of=lambda chapter: runs.get((student.student, chapter.record.chapter)),
        tell=tell_student,
        release=manifest.release,
    )
