"""Replay: one student's grading once more, from the same answers and the same hidden inputs."""

from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.grading.batch import Change, compare_records
from exposure_lab.course.grading.batch_folder import BatchFolder
from exposure_lab.course.grading.chapter_references import judged_by_now, read_references
from exposure_lab.course.grading.grade_one import Task, mark_answers
from exposure_lab.course.grading.record import Record, list_records
from exposure_lab.course.release.manifest import read_manifest
from exposure_lab.errors import ConfigError, GradingError, unknown_name


@dataclass(frozen=True)
class Replay:
    """Grading of a chapter as it was, and as it comes out now."""

    before: Record
    after: Record
    changed_since: bool
    """Whether the questions or the versions of packages are others than those of the record."""

    @property
    def changes(self) -> list[Change]:
        """Questions whose marks differ."""
        return compare_records(self.before, self.after)


def replay(grades: Path, student: str) -> list[Replay]:
    """Grade a student's chapters once more and compare; nothing in the folder is written.

    Args:
        grades: folder that ``course grade`` wrote.
        student: key or name of the student.

    Raises:
        ConfigError: no such student.
        GradingError: no grades there, or nothing of the student could be graded.
    """
    batch = BatchFolder(grades.resolve())
    settings = batch.begun()
    records = list_records(grades)
    own = [record for record in records if student in (record.student, record.name)]
    if len({record.student for record in own}) > 1:
        keys = ", ".join(sorted({record.student for record in own}))
        raise ConfigError(f"Expected one student, but {student!r} is the name of {keys}: name one.")
    if not own:
        raise unknown_name("student", student, sorted({record.student for record in records}))
    graded = [record for record in own if record.judged_by]
    if not graded:
        raise GradingError(
            f"Expected a grading of {student}, but nothing could be graded: {own[0].problems[0]}"
        )
    manifest = read_manifest(settings.release)
    replays = []
    for before in graded:
        references = read_references(batch.references_of(before.seed), before.chapter)
        after = mark_answers(Task(str(batch.root), before), batch, settings, references)
        now = judged_by_now(before.chapter, manifest, before.seed, settings.own_questions)
        replays.append(Replay(before, after, now != before.judged_by))
    return replays
