"""exposure-lab course grade, replay, calibrate: marks for what students handed in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exposure_lab.cli.extras import need_extra
from exposure_lab.cli.terminal import say
from exposure_lab.errors import ConfigError

GRADING = ("nbformat", "nbval", "pytest", "ipykernel", "jinja2", "yaml")
"""Modules of the extra `grade` by which submissions are read, judged and written of."""

if TYPE_CHECKING:
    from exposure_lab.course.grading.calibrate import Calibration
    from exposure_lab.course.grading.grade import Graded


def grade(
    submissions: Annotated[
        Path, typer.Argument(help="Folder or zip of notebooks, or an export of an LMS.")
    ],
    release: Annotated[Path, typer.Option(help="What `course release` wrote.")],
    out: Annotated[Path, typer.Option(help="Folder of the grades; a second run goes on in it.")],
    seed: Annotated[
        int | None,
        typer.Option(min=0, show_default="drawn, and kept", help="Of the hidden inputs."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="A Dask scheduler's address, in place of --jobs.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option(show_default="recognised", help="Such as canvas or moodle-team.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="CSV that says whose each file is, for other layouts.")
    ] = None,
    questions: Annotated[
        Path | None, typer.Option(help="Folder of your own questions, as at the release.")
    ] = None,
    dates: Annotated[
        Path | None, typer.Option(help="CSV with the columns student,chapter,due.")
    ] = None,
    penalty: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the points that a day too late costs.")
    ] = 0.1,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade again where questions changed since.")
    ] = False,
    trust: Annotated[
        bool,
        typer.Option("--i-trust-these-submissions", help="Run them even without a sandbox."),
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=1, help="Time for each question of a submission.")
    ] = 20.0,
    formative: Annotated[
        float | None,
        typer.Option(
            min=1,
            metavar="SECONDS",
            help="Also run each whole notebook, at most so long, for feedback alone.",
        ),
    ] = None,
) -> None:
    """Grade submissions: run the answers in a sandbox, judge what they gave, write the gradebook.

    What was graded before and did not change is not graded again. Nobody is left out: a submission
    that cannot be graded has a row that says why, and the command ends with 1.

    Example: exposure-lab course grade submissions.zip --release runs/autumn --out runs/grades
    """
    need_extra("grade", *GRADING, *(("nbclient",) if formative else ()))
    from exposure_lab.cli.progress import progress
    from exposure_lab.course.grading.grade import Request, grade

    request = Request(
        submissions,
        release,
        out,
        seed=seed,
        layout=layout,
        mapping=mapping,
        questions=questions,
        dates=dates,
        penalty=penalty,
        regrade=regrade,
        trust=trust,
        seconds=seconds,
        jobs=jobs,
        scheduler=scheduler,
        formative=formative,
    )
    with progress("notebook") as show:
        graded = grade(request, say, show)
    _sum_up(graded, out)
    if graded.written.with_problems:
        raise typer.Exit(1)


def _sum_up(graded: "Graded", out: Path) -> None:
    """Print what came of a grading."""
    from exposure_lab.course.grading.gradebook.pages import plural

    written = graded.written
    chapters = sum(bool(record.chapter) for record in graded.new)
    say(
        f"Graded {plural(chapters, 'chapter')}, left {graded.unchanged} as they were; seed "
        f"{graded.settings.seed}."
    )
    for change in graded.regraded:
        verb = "gains" if change.after > change.before else "loses"
        points = f"{change.before} to {change.after}"
        say(f"{change.student} {verb} in {change.question}: {points}. {change.reason}".rstrip())
    if graded.formative is not None:
        run, ended = graded.formative.run, graded.formative.to_their_end
        say(f"Whole notebooks run: {run}; to their end: {ended}. No mark comes from them.")
    if graded.outdated:
        say(
            f"Graded with other questions or versions: {plural(graded.outdated, 'chapter')}; "
            "--regrade grades them again and says who gains and who loses."
        )
    for sentence in written.sentences:
        say(sentence)
    say(
        f"{plural(written.students, 'student')}; need a person: {written.needing}; have a problem: "
        f"{written.with_problems}; written answers without a mark: {written.waiting}."
    )
    say(f"See {out / 'overview.html'} and {out / 'grades.csv'}.")


def replay(
    grades: Annotated[Path, typer.Argument(help="What `course grade` wrote.")],
    student: Annotated[str, typer.Argument(help="Key or name of the student.")],
) -> None:
    """Repeat one student's grading exactly, as for an appeal; exit 1 where marks differ.

    The same answers run on the same hidden inputs. Nothing in the folder is changed.

    Example: exposure-lab course replay runs/grades anna
    """
    need_extra("grade", *GRADING)
    from exposure_lab.course.grading.gradebook.pages import plural
    from exposure_lab.course.grading.replay import replay

    differs = False
    for one in replay(grades, student):
        after = one.after
        say(f"Chapter {after.chapter}: {after.earned} of {after.points} points.")
        for question in after.questions:
            for part in question.parts:
                why = f" {part.reason}" if part.reason else ""
                say(f"  {question.id}, {part.part}: {part.earned} of {part.points}.{why}")
        for change in one.changes:
            differs = True
            had = plural(change.before, "point")
            say(f"  {change.question} had {had}, and has {change.after} now.")
        if one.changed_since:
            say("  The questions or the versions of packages are others than at that grading.")
        elif not one.changes:
            say("  The same marks as before.")
    if differs:
        raise typer.Exit(1)


def calibrate(
    questions: Annotated[list[str], typer.Argument(help="Ids such as 06.train-step; or all.")],
    seeds: Annotated[int, typer.Option(min=1, help="Variants and inputs to try.")] = 5,
    threads: Annotated[str, typer.Option(help="Threads of torch to compare.")] = "1,2",
    python: Annotated[
        Path | None, typer.Option(help="Another interpreter that has this package.")
    ] = None,
    own: Annotated[
        Path | None, typer.Option("--questions", help="Folder of your own questions.")
    ] = None,
) -> None:
    """Measure whether tolerances fit: far above the noise of machines, far below known mistakes.

    Differences are in units of a question's tolerance: up to 1 counts as right. A tolerance holds
    where noise is at most 0.1 and the nearest known mistake at least 1.5. Exit 1 where one does
    not.

    Example: exposure-lab course calibrate all --python python3.13
    """
    from rich.console import Console
    from rich.table import Column, Table

    from exposure_lab.course.grading.calibrate import calibrate

    counts = [int(part) for part in threads.split(",") if part.strip().isdigit()]
    if not counts or 0 in counts:
        raise ConfigError(f"Expected threads such as 1,2, but got {threads!r}: give numbers.")
    names = [] if questions == ["all"] else questions
    found = calibrate(names, range(1, seeds + 1), threads=counts, python=python, own=own)
    numbers = (Column(name, justify="right") for name in ("noise", "nearest mistake"))
    table = Table(Column("question", no_wrap=True), *numbers, "verdict")
    for one in found:
        verdict = "holds" if one.holds else _what_to_do(one)
        table.add_row(one.question, f"{one.noise:.2g}", f"{one.nearest:.3g}", verdict)
    Console(markup=False).print(table)
    if not all(one.holds for one in found):
        raise typer.Exit(1)


def _what_to_do(one: "Calibration") -> str:
    """Say what is wrong with a tolerance, and what to do."""
    if one.hidden:
        return f"passes at some seed: {'; '.join(one.hidden)}"
    if (new := one.proposal) is not None:
        return f"try relative {new.relative:.1g}, absolute {new.absolute:.1g}"
    return f"nearest: {one.nearest_cause}"
