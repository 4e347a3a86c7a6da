"""exposure-lab chapters: run and check the notebooks of the book."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.extras import need_extra
from exposure_lab.cli.terminal import say
from exposure_lab.errors import ChapterError

app = typer.Typer(help="Run and check the chapters of the book.", no_args_is_help=True)


@app.command()
def run(
    names: Annotated[
        list[str] | None, typer.Argument(help="Such as 01_exposure, or 1; else all.")
    ] = None,
    profile: Annotated[str, typer.Option(help="smoke, laptop, colab, study or report.")] = "smoke",
    jobs: Annotated[int, typer.Option(min=1, help="Chapters at once.")] = 1,
) -> None:
    """Execute chapters into build/, each in an empty folder; skip those that have not changed.

    Example: exposure-lab chapters run 01_exposure --profile smoke
    """
    need_extra("book", "nbformat", "papermill", "ipykernel")
    from exposure_lab.publishing.run_chapters import run_chapters

    results = run_chapters(names or [], profile, Path.cwd(), jobs=jobs, say=say)
    if not all(result.ok for result in results):
        raise typer.Exit(1)


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Such as 01_exposure, or 1; else all.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Chapters at once.")] = 1,
) -> None:
    """Hold committed chapters against the contract, then their checks against what is stored.

    Where a chapter breaks the contract, nothing is run. The checks are run and compared by nbval.

    Example: exposure-lab chapters check 01_exposure
    """
    need_extra("book", "nbformat", "pytest", "nbval", "ipykernel")
    from exposure_lab.publishing.contract import problems
    from exposure_lab.publishing.nbval_check import check_chapters

    if found := problems(Path.cwd(), names or ()):
        for sentence in found:
            say(sentence)
        raise ChapterError(
            f"Expected chapters that keep the contract, but it is broken {len(found)} times, as "
            "told above: mend that, then check again; nothing was run."
        )
    raise typer.Exit(check_chapters(Path.cwd(), names or (), jobs=jobs, say=say))
