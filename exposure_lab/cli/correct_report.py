"""Report of exposure-lab correct: a table of what was done to each photo."""

from pathlib import Path
from types import TracebackType

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


class ReportTable:
    """Table of a batch, which is written when the batch ends, also where it is interrupted.

    Args:
        path: of the CSV file, in UTF-8; None for no table at all.
        options: of the batch.

    Raises:
        ConfigError: a name that does not end in ``.csv``, such as that of a photo.
    """

    def __init__(self, path: Path | None, options: Options) -> None:
        if path is not None and path.suffix.lower() != ".csv":
            raise ConfigError(
                f"Expected a report whose name ends in .csv, but got {path}: name another file."
            )
        self.path, self.options = path, options
        self.rows: list[tuple[Cell, ...]] = [COLUMNS]

    def __enter__(self) -> "ReportTable":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.path is not None:
            write_text(self.path, csv_text(self.rows))

    def add(self, outcome: Outcome) -> None:
        """Add the row of one photo."""
        change = outcome.change
        numbers: tuple[Cell, ...] = ("", "", "")
        if change is not None:
            shares = (100 * share for share in change[1:])
            numbers = (change.stops, *shares)
        self.rows.append(
            (
                str(outcome.job.source),
                str(outcome.job.destination),
                _describe(outcome),
                self.options.model,
                self.options.strength,
                *numbers,
                outcome.error or "",
            )
        )


def _describe(outcome: Outcome) -> str:
    if outcome.error is not None:
        return "failed"
    if not outcome.written:
        return "corrected before"
    return "needed nothing" if outcome.needs_nothing else "corrected"
