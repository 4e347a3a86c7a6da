"""Formative pass: after the gradings, the whole notebook of each, where its result is missing.

It begins when every record is written, and writes a file of its own beside each. A run that fails
on our side leaves none, so that the next pass tries it again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from exposure_lab.course.grading.batch_folder import ANSWERS, BatchFolder, read_answers_file
from exposure_lab.course.grading.formative.result import (
    Formative,
    Results,
    read_formative,
    write_formative,
)
from exposure_lab.course.grading.formative.run_notebook import (
    NEEDED,
    NotebookRun,
    not_installed,
    stage,
)
from exposure_lab.course.grading.formative.whole_notebook import rebuild
from exposure_lab.course.grading.gradebook.pages import plural
from exposure_lab.course.grading.record import Record
from exposure_lab.course.release.manifest import read_manifest
from exposure_lab.errors import GradingError, ParallelError
from exposure_lab.parallel import map_items

STAGES = "formative-stages"
"""Folder of a batch with what formative runs see; no grading looks into it."""


@dataclass(frozen=True)
class FormativeTask:
    """One whole notebook that is to be run."""

    grades: str
    """Folder of the batch."""
    student: str
    chapter: str
    answers: str
    """Hash of what the student handed in."""
    seconds: float


@dataclass(frozen=True)
class FormativePass:
    """What came of a pass."""

    run: int = 0
    to_their_end: int = 0
    sentences: tuple[str, ...] = ()
    """What failed on our side, each once."""


def require_formative() -> None:
    """Look whether formative runs are possible here. Raises GradingError."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise not_installed(missing)


def formative_pass(
    batch: BatchFolder,
    records: Sequence[Record],
    seconds: float,
    show: Callable[[int, int], None],
    *,
    jobs: int = 1,
    scheduler: str | None = None,
) -> FormativePass:
    """Run the whole notebooks of gradings whose result is missing or of other answers.

    A notebook that ran out of time is run again where it has more of it now. Nothing of a run
    raises: what fails on our side is told in a sentence.

    Args:
        batch: folder of the grades.
        records: all that were graded.
        seconds: that each notebook may take.
        show: takes how many are done, of how many.
        jobs: processes on this machine.
        scheduler: address of a Dask scheduler, in place of them.
    """
    tasks = [
        FormativeTask(str(batch.root), one.student, one.chapter, one.answers, seconds)
        for one in records
        if _is_missing(batch, one, seconds)
    ]
    results: list[Formative] = []
    failures: list[str] = []
    try:
        for outcome in map_items(run_task, tasks, jobs, scheduler, chunk=1):
            if isinstance(outcome, str):
                failures.append(outcome)
            else:
                results.append(outcome)
            show(len(results) + len(failures), len(tasks))
    except ParallelError as error:
        failures.append(str(error))
    told = f"No feedback on {plural(len(tasks) - len(results), 'whole notebook')}: "
    return FormativePass(
        len(results),
        sum(one.stop is None for one in results),
        tuple(told + sentence for sentence in dict.fromkeys(failures)),
    )


def run_task(task: FormativeTask) -> Formative | str:
    """Run one whole notebook and write its result; a sentence where it fails on our side."""
    batch = BatchFolder(Path(task.grades))
    folder = batch.chapter(task.student, task.chapter)
    try:
        settings = batch.begun()
        manifest = read_manifest(settings.release)
        cells = rebuild(Path(settings.release), manifest, read_answers_file(folder))
        run = NotebookRun(cells, task.seconds)
        run.run(stage(batch.root / STAGES), sandboxed=settings.sandboxed)
    except GradingError as error:
        return str(error)
    result = Formative(
        answers=task.answers,
        release=manifest.release,
        allowed=task.seconds,
        seconds=run.seconds,
        cells=len(cells),
        ran=run.ran,
        stop=run.stop,
        checks=run.checks,
    )
    write_formative(folder, result)
    return result


def formative_results(batch: BatchFolder, records: Sequence[Record]) -> Results:
    """Results that are of the answers which were graded, by student and chapter."""
    found = {}
    for record in records:
        result = read_formative(batch.chapter(record.student, record.chapter))
        if result is not None and result.is_of(record):
            found[record.student, record.chapter] = result
    return found


def _is_missing(batch: BatchFolder, record: Record, seconds: float) -> bool:
    folder = batch.chapter(record.student, record.chapter)
    if not (record.chapter and record.answers and (folder / ANSWERS).exists()):
        return False  # there is no notebook, or its grading failed and comes again
    result = read_formative(folder)
    if result is None or not result.is_of(record):
        return True
    in_time = result.stop is None or result.stop.limit != "time"
    return not in_time and seconds > result.allowed
