"""Late policy: due dates from a CSV, and what a day too late costs."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exposure_lab.errors import GradingError

COLUMNS = ("student", "chapter", "due")


@dataclass(frozen=True)
class LatePolicy:
    """When work is due, and what share of its points a day too late costs."""

    due: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """Student and chapter, either of them empty for all, to the date."""
    penalty: float = 0.1
    """Share of the earned points that each day begun costs."""
    grace: timedelta = timedelta()

    def due_date(self, student: str, chapter: str) -> datetime | None:
        """Date for a student's chapter: the student's own before the chapter's before all's."""
        keys = ((student, chapter), (student, ""), ("", chapter), ("", ""))
        return next((self.due[key] for key in keys if key in self.due), None)

    def days_late(self, student: str, chapter: str, submitted: datetime | None) -> int:
        """Days begun after the due date; 0 in time, or where a date is not known."""
        due = self.due_date(student, chapter)
        if due is None or submitted is None:
            return 0
        late = _aware(submitted) - due - self.grace
        return max(0, math.ceil(late / timedelta(days=1)))

    def share(self, days: int) -> float:
        """Share of the earned points that stays after so many days."""
        return max(0.0, 1.0 - self.penalty * days)


def read_due_dates(path: Path, penalty: float = 0.1) -> LatePolicy:
    """Read due dates from a CSV with the columns ``student,chapter,due``.

    An empty student or chapter means all of them; ``due`` is such as ``2026-12-01T18:00+01:00``,
    in UTC where it names no zone. A row of a student is that student's extension.

    Raises:
        GradingError: the file cannot be read, a column is missing, or a date is none.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := set(COLUMNS) - set(reader.fieldnames or ()):
                raise GradingError(
                    f"Expected the columns {', '.join(COLUMNS)} in {path.name}, but "
                    f"{', '.join(sorted(missing))} is missing: add it, empty for all."
                )
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise GradingError(
            f"Expected due dates in {path}, but it cannot be read ({error}): save it as CSV."
        ) from error
    due = {}
    for number, row in enumerate(rows, start=2):
        try:
            date = _aware(datetime.fromisoformat((row["due"] or "").strip()))
        except ValueError:
            raise GradingError(
                f"Expected a date such as 2026-12-01T18:00+01:00 in line {number} of {path.name}, "
                f"but got {row['due']!r}: correct it."
            ) from None
        due[(row["student"] or "").strip(), (row["chapter"] or "").strip()] = date
    return LatePolicy(due, penalty)


def _aware(date: datetime) -> datetime:
    return date if date.tzinfo else date.replace(tzinfo=UTC)
