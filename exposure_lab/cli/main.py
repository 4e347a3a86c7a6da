"""Entry point of the command line; commands import what they need late, so --help is quick."""

import sys
import warnings
from pathlib import Path
from typing import TextIO

import typer

from exposure_lab.cli import (
    book,
    chapters,
    correct,
    course,
    data,
    doctor,
    evaluate,
    export,
    study,
    train,
    weights,
)
from exposure_lab.cli.terminal import prepare_streams, say
from exposure_lab.errors import ConfigError, ExposureLabError

app = typer.Typer(
    name="exposure-lab",
    help="Correct photo exposure with a conditional GAN: data, training, scores, and the book.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(data.app, name="data")
app.command("train")(train.train)
app.command("summary")(train.summary)
app.command("evaluate")(evaluate.evaluate)
app.command("correct")(correct.correct)
app.command("export")(export.export)
app.add_typer(weights.app, name="weights")
app.add_typer(study.app, name="study")
app.add_typer(chapters.app, name="chapters")
app.add_typer(book.app, name="book")
app.add_typer(course.app, name="course")
app.command("doctor")(doctor.doctor)


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning of this package as a sentence, and one of another as Python does."""
    if Path(__file__).parents[1] in Path(filename).parents:
        say(f"Warning: {message}", err=True)
    else:
        say(warnings.formatwarning(message, category, filename, lineno), err=True)


INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells and Typer have it."""


def main() -> None:
    """Run a command; exit code 0 on success, 1 where the work failed, 2 for wrong usage.

    After Ctrl-C it is 130; but `train` ends such a run by itself, with a sentence of its own and 1.
    """
    prepare_streams()
    warnings.showwarning = _warn
    try:
        app()
    except ExposureLabError as error:
        say(f"Error: {error}", err=True)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
    except OSError as error:
        say(f"Error: {_describe_os_error(error)}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        _say_stopped()
        sys.exit(INTERRUPTED)
    except SystemExit as end:  # Typer turns Ctrl-C into its code, and says nothing
        if end.code == INTERRUPTED:
            _say_stopped()
        raise


def _say_stopped() -> None:
    say("Stopped; every file that was written is whole.", err=True)


def _describe_os_error(error: OSError) -> str:
    """Describe an OSError that no command handled; its file and its reason may be missing."""
    attempt = f"to use {error.filename}" if error.filename else "to go on"
    reason = error.strerror or str(error) or type(error).__name__
    return f"Expected {attempt}, but the system refused it: {reason.rstrip('.')}."
