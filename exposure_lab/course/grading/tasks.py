"""Tasks of a submission: one for each notebook in it, with the answers that are to be graded."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from exposure_lab.course.grading.batch_folder import BatchFolder, BatchSettings
from exposure_lab.course.grading.grade_one import Task
from exposure_lab.course.grading.record import Record
from exposure_lab.course.grading.submissions.answers import Answers, read_answers
from exposure_lab.course.grading.submissions.given import Given
from exposure_lab.course.grading.submissions.submission import Submission
from exposure_lab.course.grading.trained.handed_in import HandedIn, read_handed_in, takes_files
from exposure_lab.course.release.manifest import Manifest
from exposure_lab.errors import GradingError
from exposure_lab.fingerprints import digest

NOTHING = "Expected a notebook of the release, but there is none: ask for it."


def tasks_of(
    submission: Submission,
    manifest: Manifest,
    given: Given,
    batch: BatchFolder,
    settings: BatchSettings,
) -> Iterator[tuple[Task, Answers | None, HandedIn | None]]:
    """One task for each notebook of a submission; one without a chapter where there is none.

    With it come the answers, and the files beside the notebook where its chapter takes some.

    Args:
        submission: of one student.
        manifest: of the release.
        given: cells of that release.
        batch: folder of the grades.
        settings: of the batch, whose round says which hidden inputs the answers get.
    """
    problems = list(submission.problems)
    read = []
    for path in submission.notebooks:
        try:
            read.append(read_answers(path, manifest, given))
        except GradingError as error:
            problems.append(str(error))
    if not read:
        blank = _blank(submission, "", tuple(problems or [NOTHING]))
        yield Task(str(batch.root), blank), None, None
    for number, answers in enumerate(read):
        # What is wrong with the submission as a whole stands once, with its first notebook.
        told = tuple(problems if number == 0 else ())
        content: list[Any] = [asdict(answers)]
        beside = None
        if takes_files(manifest, answers.chapter):
            beside = read_handed_in(submission.other_files)
            content, told = [*content, beside.hashes()], (*told, *beside.problems)
        blank = _blank(submission, answers.chapter, told).model_copy(
            update={"answers": digest(*content)[:16], "seed": settings.round_seed}
        )
        yield Task(str(batch.root), blank), answers, beside


def _blank(submission: Submission, chapter: str, problems: tuple[str, ...]) -> Record:
    note = submission.notes.get(chapter)
    return Record(
        student=submission.student,
        name=submission.name,
        ids=dict(submission.ids),
        chapter=chapter,
        problems=problems,
        notes=() if note is None else (note,),
        submitted=submission.submitted,
        late=submission.late,
    )
