"""Upload to a course's system: its files, and a sentence on students that it would not find."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from exposure_lab.course.grading.gradebook.shown_text import one_line
from exposure_lab.course.grading.gradebook.standing import StudentStanding


@dataclass(frozen=True)
class Upload:
    """What one system can read."""

    system: str
    students: int
    """Students in the files."""
    files: Mapping[str, str]
    """Path below the folder of grades to content."""
    sentence: str = ""
    """On those who are not in the files; empty where all are."""


def lacking(
    students: Sequence[StudentStanding],
    known: Collection[StudentStanding],
    system: str,
    what: str,
) -> str:
    """Sentence on the students whom a system would not find; empty where there are none."""
    there = {one.student for one in known}
    without = [one_line(one.name, 60) for one in students if one.student not in there]
    if not without:
        return ""
    more = f" and {len(without) - 3} more" if len(without) > 3 else ""
    return (
        f"Expected {what} for each student of the upload for {system}, but "
        f"{', '.join(without[:3])}{more} {'has' if len(without) == 1 else 'have'} none: enter "
        "their marks there by hand."
    )
