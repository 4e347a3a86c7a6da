"""Report of exposure-lab correct: a table of what was done to each photo."""

from collections.abc import Sequence
from pathlib import Path

from exposure_lab.errors import ConfigError
from exposure_lab.files.atomic import write_text
from exposure_lab.files.csv_table import Cell, csv_text
from exposure_lab.inference.batch import Options, Outcome

COLUMNS = (
    "photo",
    "output",
    "outcome",
    "model",
    "strength",
    "exposure change (stops)",
    "clipped before (%)",
    "clipped after (%)",
    "error",
)


def check_report(path: Path) -> None:
    """Check that a report's name is that of a table, and not of a photo.

    Raises:
        ConfigError: it does not end in ``.csv``.
    """
    if path.suffix.lower() != ".csv":
        raise ConfigError(
            f"Expected a report whose name ends in .csv, but got {path}: name another file."
        )


def write_report(path: Path, options: Options, outcomes: Sequence[Outcome]) -> None:
    """Write a row for each photo of a batch as CSV in UTF-8; an older file is replaced.

    Raises:
        FilesError: no space or no permission.
    """
    write_text(path, csv_text([COLUMNS, *(_row(outcome, options) for outcome in outcomes)]))


def _row(outcome: Outcome, options: Options) -> tuple[Cell, ...]:
    change = outcome.change
    numbers: tuple[Cell, ...] = ("", "", "")
    if change is not None:
        numbers = (change.stops, 100 * change.clipped_before, 100 * change.clipped_after)
    return (
        str(outcome.job.source),
        str(outcome.job.destination),
        _describe(outcome),
        options.model,
        options.strength,
        *numbers,
        outcome.error or "",
    )


def _describe(outcome: Outcome) -> str:
    if outcome.error is not None:
        return "failed"
    if not outcome.written:
        return "corrected before"
    return "needed nothing" if outcome.needs_nothing else "corrected"
