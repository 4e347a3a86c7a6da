"""exposure-lab book: build the site."""

from pathlib import Path

import typer

from exposure_lab.cli.extras import need_extra
from exposure_lab.cli.terminal import say

app = typer.Typer(help="Build the book.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Build the book."""


@app.command()
def build() -> None:
    """Build the site from the executed chapters into build/html.

    Example: exposure-lab book build
    """
    need_extra("book", "jupyter_book", "nbformat", "papermill", "ipykernel")
    from exposure_lab.publishing import site

    say(f"Open {site.build_book(Path.cwd(), say=say) / 'index.html'}")
