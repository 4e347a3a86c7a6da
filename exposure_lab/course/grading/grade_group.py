"""Grading of a few submissions to one chapter: their own sandboxes, one start of the judge."""

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from exposure_lab.course.grading.batch_folder import BatchFolder
from exposure_lab.course.grading.chapter_references import load_references
from exposure_lab.course.grading.evidence import Evidence, write_evidence
from exposure_lab.course.grading.grade_one import Task, make_record, run_answers
from exposure_lab.course.grading.judge import EVIDENCE
from exposure_lab.course.grading.judge_together import judge_submissions
from exposure_lab.course.grading.record import Record, write_record
from exposure_lab.course.release.manifest import read_manifest
from exposure_lab.errors import GradingError

ATTEMPTS = 2
"""Times that a grading which fails on our side is tried."""

TOGETHER = 8
"""Submissions that one start of the judge serves at most: it takes longer than their cells do."""


def group_tasks(tasks: Sequence[Task], processes: int) -> Iterator[tuple[Task, ...]]:
    """Cut tasks into groups of one chapter and the same hidden inputs, without another order.

    Args:
        tasks: in the order in which records are wanted.
        processes: that share the groups; none gets more than its share of the tasks at once.
    """
    largest = min(TOGETHER, math.ceil(len(tasks) / processes))
    group: list[Task] = []
    for task in tasks:
        if group and (_inputs_of(task) != _inputs_of(group[0]) or len(group) == largest):
            yield tuple(group)
            group = []
        group.append(task)
    if group:
        yield tuple(group)


def grade_group(tasks: Sequence[Task]) -> list[Record]:
    """Grade a group of `group_tasks` and write the records, in the order of the tasks.

    What fails on our side, twice, is noted in the record, so that the batch goes on and no student
    is lost; such a record is graded again by the next run. A submission without a notebook keeps
    its blank record.
    """
    if not tasks[0].blank.chapter:
        for task in tasks:
            write_record(task.folder, task.blank)
        return [task.blank for task in tasks]
    records: dict[int, Record] = {}
    errors: dict[int, GradingError] = {}
    for _ in range(ATTEMPTS):
        left = [number for number in range(len(tasks)) if number not in records]
        outcomes = _grade([tasks[number] for number in left]) if left else []
        for number, outcome in zip(left, outcomes, strict=True):
            if isinstance(outcome, Record):
                records[number] = outcome
            else:
                errors[number] = outcome
    graded = [
        records[number] if number in records else _failed(task, errors[number])
        for number, task in enumerate(tasks)
    ]
    for task, record in zip(tasks, graded, strict=True):
        write_record(task.folder, record)
    return graded


def _failed(task: Task, error: GradingError) -> Record:
    """Record of a submission that we failed to grade."""
    problem = f"Expected to grade chapter {task.blank.chapter}, but: {error}"
    problems = (*task.blank.problems, problem)
    return task.blank.model_copy(update={"problems": problems, "answers": ""})


def _grade(tasks: Sequence[Task]) -> list[Record | GradingError]:
    """Try to grade a group; an error stands where a submission could not be graded."""
    try:
        batch = BatchFolder(Path(tasks[0].grades))
        settings = batch.begun()
        (chapter, seed), own = _inputs_of(tasks[0]), settings.own_questions
        manifest = read_manifest(settings.release)
        references = load_references(batch.references_of(seed), chapter, manifest, seed, own)
    except GradingError as error:
        return [error] * len(tasks)
    outcomes: dict[int, Record | GradingError] = {}
    ran: dict[int, tuple[list[Evidence], float]] = {}
    for number, task in enumerate(tasks):
        begun = time.monotonic()
        try:
            evidence = run_answers(task, batch, settings, references)
            ran[number] = evidence, time.monotonic() - begun
        except GradingError as error:
            outcomes[number] = error
    begun = time.monotonic()
    judged = judge_submissions(
        [evidence for evidence, _ in ran.values()], references, settings.questions_folder
    )
    share = (time.monotonic() - begun) / max(1, len(ran))
    for (number, (evidence, seconds)), verdicts in zip(ran.items(), judged, strict=True):
        if isinstance(verdicts, GradingError):
            outcomes[number] = verdicts
            continue
        write_evidence(tasks[number].folder / EVIDENCE, evidence)
        record = make_record(tasks[number], evidence, verdicts, references, settings)
        outcomes[number] = record.model_copy(update={"seconds": round(seconds + share, 2)})
    return [outcomes[number] for number in range(len(tasks))]


def _inputs_of(task: Task) -> tuple[str, int]:
    """Chapter and seed of the hidden inputs."""
    return task.blank.chapter, task.blank.seed
