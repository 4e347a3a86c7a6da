"""exposure-lab course: hand chapters out, check and grade what comes back."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli import course_grading
from exposure_lab.cli.extras import need_extra
from exposure_lab.cli.terminal import escape_controls, say

app = typer.Typer(help="Hand chapters out, take them back, grade them.", no_args_is_help=True)


@app.command()
def release(
    out: Annotated[Path, typer.Argument(help="New folder: student/ and instructor/.")],
    seed: Annotated[
        int, typer.Option(min=0, help="Draws the variants; 0 is the public edition's.")
    ] = 0,
    chapters: Annotated[
        str | None,
        typer.Option(
            show_default="those with graded questions", help="Such as 01,02; all; or capstone."
        ),
    ] = None,
    questions: Annotated[
        Path | None, typer.Option(help="Folder of your own questions, such as ch01.py.")
    ] = None,
    book: Annotated[Path, typer.Option(help="Folder of the chapters of a checkout.")] = Path(
        "book"
    ),
    published: Annotated[
        str | None, typer.Option(help="GitHub folder that will hold student/, for Colab badges.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Take the place of another release in OUT.")
    ] = False,
) -> None:
    """Write the student edition of chapters, and the manifest from which they are graded.

    Example: exposure-lab course release runs/autumn --seed 20271
    """
    need_extra("grade", "nbformat", "pybtex")
    from exposure_lab.course.release.links import PUBLIC_SEED
    from exposure_lab.course.release.release import Course
    from exposure_lab.course.release.release_folder import write_release

    numbers = tuple(part.strip() for part in chapters.split(",")) if chapters else ()
    made = Course(book, seed, numbers, questions, published).release()
    write_release(out, made, overwrite=overwrite)
    manifest = made.manifest
    points = sum(entry.points for entry in manifest.entries)
    chapter = "chapter" if len(manifest.chapters) == 1 else "chapters"
    say(
        f"Release {manifest.release}: {points} points in {len(manifest.chapters)} {chapter}, by "
        f"{len(manifest.questions)} questions, and {len(manifest.written)} that a person marks. "
        f"Hand out {out / 'student'}; keep {out / 'instructor'} to yourself."
    )
    if seed == PUBLIC_SEED:
        say("Seed 0 is that of the public edition; give a course of your own another: --seed N.")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Your notebook, as you would hand it in.")],
) -> None:
    """Run the answers of your notebook alone, and print what their checks say; exit 1 if not all
    are right.

    Example: exposure-lab course check 01_exposure.ipynb
    """
    from rich.console import Console
    from rich.table import Column, Table

    from exposure_lab.course.release.self_check import check_notebook

    verdicts = check_notebook(file)
    table = Table(Column("question", no_wrap=True), "verdict")
    for one in verdicts:
        said = " ".join(filter(None, (one.sentence, one.remark)))
        table.add_row(one.question, escape_controls(said))
    console = Console(markup=False)
    console.print(table)
    right = sum(one.right for one in verdicts)
    say(f"{right} of {len(verdicts)} right. The grader runs the answers on other inputs.")
    if right < len(verdicts):
        raise typer.Exit(1)


app.command()(course_grading.grade)
app.command()(course_grading.replay)
app.command()(course_grading.calibrate)
