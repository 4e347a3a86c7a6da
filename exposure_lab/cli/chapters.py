"""exposure-lab chapters: run and check the notebooks of the book."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.terminal import say

app = typer.Typer(help="Run and check the chapters of the book.", no_args_is_help=True)


@app.command()
def run(
    names: Annotated[
        list[str] | None, typer.Argument(help="Such as 01_exposure; else all.")
    ] = None,
    profile: Annotated[str, typer.Option(help="smoke, laptop, colab, study or report.")] = "smoke",
    jobs: Annotated[int, typer.Option(min=1, help="Chapters at once.")] = 1,
) -> None:
    """Execute chapters into build/, each in an empty folder; skip those that have not changed.

    Example: exposure-lab chapters run 01_exposure --profile smoke
    """
    from exposure_lab.publishing.run_chapters import run_chapters

    results = run_chapters(names or [], profile, Path.cwd(), jobs=jobs, say=say)
    if not all(result.ok for result in results):
        raise typer.Exit(1)


@app.command()
def check(
    jobs: Annotated[int, typer.Option(min=1, help="Chapters at once.")] = 1,
) -> None:
    """Compare the committed check cells with what they print now, by nbval.

    Example: exposure-lab chapters check
    """
    from exposure_lab.publishing.nbval_check import check_chapters

    raise typer.Exit(check_chapters(Path.cwd(), jobs=jobs, say=say))
