"""Batch: every submission of a download graded once, and again only where something changed."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from exposure_lab.course.grading.batch_folder import (
    BatchFolder,
    BatchSettings,
    write_answers,
)
from exposure_lab.course.grading.chapter_references import load_references
from exposure_lab.course.grading.grade_one import Task, grade_one
from exposure_lab.course.grading.record import Record, read_record, write_record
from exposure_lab.course.grading.submissions.answers import Answers, read_answers
from exposure_lab.course.grading.submissions.given import Given, read_given
from exposure_lab.course.grading.submissions.submission import Submission
from exposure_lab.course.grading.trained.handed_in import HandedIn, read_handed_in, takes_files
from exposure_lab.course.release.manifest import Manifest, read_manifest
from exposure_lab.errors import GradingError
from exposure_lab.fingerprints import digest
from exposure_lab.parallel import map_items

NOTHING = "Expected a notebook of the release, but there is none: ask for it."


@dataclass(frozen=True)
class Plan:
    """What a run has to do."""

    tasks: tuple[Task, ...]
    """Gradings whose answers or problems are new."""
    outdated: tuple[Task, ...]
    """Gradings whose answers are as they were, but whose questions or versions changed since."""
    unchanged: int


@dataclass(frozen=True)
class Change:
    """Mark of one question before and after it was graded again."""

    student: str
    question: str
    before: int
    after: int
    reason: str
    """Why points are lost now; empty where none are."""


def plan_batch(
    submissions: Sequence[Submission], settings: BatchSettings, batch: BatchFolder
) -> Plan:
    """Read the answers of all submissions and list what has to be graded.

    A submission without a notebook, or with one that cannot be read, gets a record as well: nobody
    is lost.

    Raises:
        GradingError: the release cannot be read.
        FilesError: the disk is full or refuses.
    """
    manifest = read_manifest(settings.release)
    given = read_given(Path(settings.release), manifest)
    new, outdated, unchanged = [], [], 0
    judged_by: dict[str, str] = {}
    for submission in submissions:
        if submission.notebooks:  # nothing was there in an earlier run, and now something is
            shutil.rmtree(batch.chapter(submission.student, ""), ignore_errors=True)
        for task, answers, beside in _tasks_of(submission, manifest, given, batch):
            record = read_record(task.folder)
            if record is None or _is_new(record, task):
                if answers is not None:
                    write_answers(task.folder, answers)
                if beside is not None:
                    beside.copy_to(task.folder)
                new.append(task)
                continue
            chapter = task.blank.chapter
            if chapter and chapter not in judged_by:
                judged_by[chapter] = _judged_by(chapter, manifest, settings, batch)
            if chapter and record.judged_by != judged_by[chapter]:
                outdated.append(task)
            else:
                unchanged += 1
    return Plan(tuple(new), tuple(outdated), unchanged)


def run_tasks(
    tasks: Sequence[Task],
    settings: BatchSettings,
    batch: BatchFolder,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
) -> Iterator[Record]:
    """Grade, several at once, and give the records in the order of the tasks.

    References are computed before, so that no two processes do it at once.

    Args:
        tasks: of `plan_batch`.
        settings: of the batch.
        batch: its folder, which all processes see.
        jobs: processes on this machine.
        scheduler: address of a Dask scheduler, in place of them.

    Raises:
        GradingError: a reference fails.
        ParallelError: a process died over its work.
    """
    manifest = read_manifest(settings.release)
    for chapter in sorted({task.blank.chapter for task in tasks} - {""}):
        _judged_by(chapter, manifest, settings, batch)
    yield from map_items(grade_task, tasks, jobs, scheduler, chunk=1)


def grade_task(task: Task) -> Record:
    """Grade one task; one without a notebook keeps its blank record."""
    if not task.blank.chapter:
        write_record(task.folder, task.blank)
        return task.blank
    return grade_one(task)


def compare_records(before: Record, after: Record) -> list[Change]:
    """List the questions whose marks two gradings of the same answers differ in."""
    earned = {question.id: question.earned for question in before.questions}
    return [
        Change(
            after.student,
            question.id,
            earned.get(question.id, 0),
            question.earned,
            next((part.reason for part in question.parts if part.reason), ""),
        )
        for question in after.questions
        if question.earned != earned.get(question.id, 0)
    ]


def _judged_by(
    chapter: str, manifest: Manifest, settings: BatchSettings, batch: BatchFolder
) -> str:
    own = settings.own_questions
    return load_references(batch.references, chapter, manifest, settings.seed, own).judged_by


def _is_new(record: Record, task: Task) -> bool:
    """Whether a record is of other answers, or tells otherwise of the submission itself."""
    blank = task.blank
    told = (record.name, record.ids, record.problems, record.late, record.submitted)
    tells = (blank.name, blank.ids, blank.problems, blank.late, blank.submitted)
    return record.answers != blank.answers or told != tells


def _tasks_of(
    submission: Submission, manifest: Manifest, given: Given, batch: BatchFolder
) -> Iterator[tuple[Task, Answers | None, HandedIn | None]]:
    """One task for each notebook of a submission; one without a chapter where there is none.

    With it come the answers, and the files beside the notebook where its chapter takes some.
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
        blank = _blank(submission, answers.chapter, told, digest(*content)[:16])
        yield Task(str(batch.root), blank), answers, beside


def _blank(
    submission: Submission, chapter: str, problems: tuple[str, ...], answers: str = ""
) -> Record:
    return Record(
        student=submission.student,
        name=submission.name,
        ids=dict(submission.ids),
        chapter=chapter,
        problems=problems,
        submitted=submission.submitted,
        late=submission.late,
        answers=answers,
    )
