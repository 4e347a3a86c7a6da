"""Grading from a download of submissions to the files that an instructor takes on from."""

import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.graded.registry import written_questions
from exposure_lab.course.grading.answer_sources import answer_sources, handed_out_code
from exposure_lab.course.grading.batch import (
    Change,
    Plan,
    compare_records,
    plan_batch,
    run_tasks,
)
from exposure_lab.course.grading.batch_folder import BatchFolder, BatchSettings
from exposure_lab.course.grading.formative.formative_pass import (
    FormativePass,
    formative_pass,
    formative_results,
    require_formative,
)
from exposure_lab.course.grading.gradebook.outputs import Written, write_outputs
from exposure_lab.course.grading.gradebook.person_file import PERSON_FILE, read_person_marks
from exposure_lab.course.grading.late import LatePolicy, read_due_dates
from exposure_lab.course.grading.record import Record, list_records, read_record
from exposure_lab.course.grading.rubric import write_rubrics
from exposure_lab.course.grading.sandbox.probe import require_sandbox
from exposure_lab.course.grading.submissions.collect import collect
from exposure_lab.course.release.manifest import Manifest, read_manifest

Show = Callable[[int, int], None]
"""Takes how many gradings are done, of how many."""


@dataclass(frozen=True)
class Request:
    """What an instructor asks for."""

    submissions: Path
    """Folder or zip, in a layout that `submissions.collect` knows."""
    release: Path
    out: Path
    seed: int | None = None
    """From which each round draws its hidden inputs; kept in the folder of the grades."""
    layout: str | None = None
    mapping: Path | None = None
    questions: Path | None = None
    """Folder of the instructor's own questions."""
    dates: Path | None = None
    """CSV of due dates."""
    penalty: float = 0.1
    regrade: bool = False
    """Grade again what was graded with other questions or versions."""
    trust: bool = False
    """Go on without a sandbox."""
    seconds: float = 20.0
    jobs: int = 1
    scheduler: str | None = None
    formative: float | None = None
    """Seconds for each whole notebook, which then also runs, for feedback alone."""


@dataclass(frozen=True)
class Graded:
    """What came of a grading, for a summary."""

    new: tuple[Record, ...]
    regraded: tuple[Change, ...]
    outdated: int
    """Gradings whose questions or versions changed since, and that were left as they are."""
    unchanged: int
    written: Written
    settings: BatchSettings
    formative: FormativePass | None = None
    """Whole notebooks that were run for feedback; None where that was not asked for."""


def grade(request: Request, say: Callable[[str], None], show: Show) -> Graded:
    """Grade what is new in a download and write everything that comes out.

    Args:
        request: what to grade, and how.
        say: takes what an instructor should read meanwhile, such as which limits hold.
        show: takes the progress.

    Raises:
        GradingError: no usable sandbox, or a release, download or folder that cannot be used.
        ParallelError: a process died over its work.
        FilesError: the disk is full or refuses.
    """
    manifest = read_manifest(request.release)
    if request.formative is not None:
        require_formative()
    policy = LatePolicy()
    if request.dates is not None:
        policy = read_due_dates(request.dates, request.penalty)
    report = require_sandbox(trust=request.trust)
    for sentence in report.sentences:
        say(sentence)
    # Sandboxes and other machines run in other folders.
    batch = BatchFolder(request.out.resolve())
    settings = _settings(request, manifest, batch, sandboxed=report.usable)
    settings = batch.open(settings)
    person_marks = read_person_marks(request.out / PERSON_FILE)
    with tempfile.TemporaryDirectory(prefix="exposure-lab-submissions-") as work:
        found = collect(
            request.submissions,
            manifest,
            Path(work),
            layout=request.layout,
            mapping=request.mapping,
        )
        plan = plan_batch(found, settings, batch)
    new, changes = _run(request, plan, settings, batch, show)
    records = list_records(request.out)
    if any(one.judged_by and one.seed == settings.round_seed for one in records):
        batch.end_round()  # before the pages, which may show what this round's answers were run on
    formative = None
    if request.formative is not None:  # when all marks are written
        formative = formative_pass(
            batch,
            records,
            request.formative,
            show,
            jobs=request.jobs,
            scheduler=request.scheduler,
        )
        for sentence in formative.sentences:
            say(sentence)
    written = write_outputs(
        request.out,
        records,
        manifest,
        policy,
        person_marks,
        answer_sources(batch),
        rubrics={
            one.id: one.rubric for one in written_questions(folder=request.questions).values()
        },
        known_code=handed_out_code(request.release, manifest),
        formative=formative_results(batch, records),
    )
    for sentence in write_rubrics(batch, written.records):
        say(sentence)
    outdated = 0 if request.regrade else len(plan.outdated)
    return Graded(new, changes, outdated, plan.unchanged, written, settings, formative)


def _settings(
    request: Request, manifest: Manifest, batch: BatchFolder, *, sandboxed: bool
) -> BatchSettings:
    begun, seed = batch.settings(), request.seed
    if seed is None:
        seed = begun.seed if begun else secrets.randbelow(2**31)
    questions = request.questions
    return BatchSettings(
        str(request.release.resolve()),
        manifest.release,
        seed,
        str(questions.resolve()) if questions else None,
        sandboxed=sandboxed,
        seconds=request.seconds,
    )


def _run(
    request: Request, plan: Plan, settings: BatchSettings, batch: BatchFolder, show: Show
) -> tuple[tuple[Record, ...], tuple[Change, ...]]:
    """Run what is planned; give the new records, and what marks a regrading changed."""
    again = plan.outdated if request.regrade else ()
    before = [read_record(task.folder) for task in again]
    tasks = (*plan.tasks, *again)
    records = []
    running = run_tasks(tasks, settings, batch, jobs=request.jobs, scheduler=request.scheduler)
    for record in running:
        records.append(record)
        show(len(records), len(tasks))
    regraded = records[len(plan.tasks) :]
    pairs = zip(before, regraded, strict=True)
    changes = [change for old, new in pairs if old for change in compare_records(old, new)]
    return tuple(records[: len(plan.tasks)]), tuple(changes)
