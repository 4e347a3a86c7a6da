"""Batch: every submission of a download graded once, and again only where something changed."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.grading.batch_folder import (
    BatchFolder,
    BatchSettings,
    write_answers,
)
from exposure_lab.course.grading.chapter_references import judged_by_now, load_references
from exposure_lab.course.grading.grade_group import grade_group, group_tasks
from exposure_lab.course.grading.grade_one import Task
from exposure_lab.course.grading.record import Record, read_record, write_record
from exposure_lab.course.grading.submissions.given import read_given
from exposure_lab.course.grading.submissions.submission import Submission
from exposure_lab.course.grading.tasks import tasks_of
from exposure_lab.course.release.manifest import read_manifest
from exposure_lab.parallel import map_items

CLUSTER = 8
"""Workers that groups are cut for where a scheduler has them: their number changes as it runs."""


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
    is lost. Answers that were graded before keep the hidden inputs of that round. Where only the
    notes of a submission are others, its record gets them, and nothing is graded.

    Raises:
        GradingError: the release cannot be read.
        FilesError: the disk is full or refuses.
    """
    manifest = read_manifest(settings.release)
    given = read_given(Path(settings.release), manifest)
    new, outdated, unchanged = [], [], 0
    judged_by: dict[tuple[str, int], str] = {}
    for submission in submissions:
        if submission.notebooks:  # nothing was there in an earlier run, and now something is
            shutil.rmtree(batch.chapter(submission.student, ""), ignore_errors=True)
        for task, answers, beside in tasks_of(submission, manifest, given, batch, settings):
            record = read_record(task.folder)
            if record is not None and record.answers and record.answers == task.blank.answers:
                task = Task(task.grades, task.blank.model_copy(update={"seed": record.seed}))
            if record is None or _is_new(record, task):
                if answers is not None:
                    write_answers(task.folder, answers)
                if beside is not None:
                    beside.copy_to(task.folder)
                new.append(task)
                continue
            if record.notes != task.blank.notes:
                record = record.model_copy(update={"notes": task.blank.notes})
                write_record(task.folder, record)
            chapter, seed = task.blank.chapter, task.blank.seed
            if chapter and (chapter, seed) not in judged_by:
                now = judged_by_now(chapter, manifest, seed, settings.own_questions)
                judged_by[chapter, seed] = now
            if chapter and record.judged_by != judged_by[chapter, seed]:
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
    for chapter, seed in sorted({(one.blank.chapter, one.blank.seed) for one in tasks}):
        if chapter:
            own = settings.own_questions
            load_references(batch.references_of(seed), chapter, manifest, seed, own)
    groups = list(group_tasks(tasks, jobs if scheduler is None else CLUSTER))
    for records in map_items(grade_group, groups, jobs, scheduler, chunk=1):
        yield from records


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


def _is_new(record: Record, task: Task) -> bool:
    """Whether a record is of other answers, or tells otherwise of the submission itself."""
    blank = task.blank
    told = (record.name, record.ids, record.problems, record.late, record.submitted)
    tells = (blank.name, blank.ids, blank.problems, blank.late, blank.submitted)
    return record.answers != blank.answers or told != tells
