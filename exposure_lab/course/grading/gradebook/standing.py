"""Standing of a student: points of every chapter after lateness, and what a person must look at."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from exposure_lab.course.grading.gradebook.person_file import TextKey
from exposure_lab.course.grading.gradebook.shown_text import one_line
from exposure_lab.course.grading.late import LatePolicy
from exposure_lab.course.grading.record import Record, WrittenMark
from exposure_lab.files.csv_table import tidy_number


@dataclass(frozen=True)
class ChapterStanding:
    """Points of one chapter of one student."""

    record: Record
    days_late: int
    share: float
    """Share of the points that stays."""
    lateness: str = ""
    """Sentence on what being late costs; empty in time."""
    oddities: tuple[str, ...] = ()
    """What a person must look at beside texts without a mark, one sentence each."""

    @property
    def written(self) -> float:
        """Points that persons gave."""
        return sum(text.mark or 0.0 for text in self.record.written)

    @property
    def possible(self) -> int:
        """Points of everything that the chapter asks."""
        return self.record.points + sum(text.points for text in self.record.written)

    @property
    def before_lateness(self) -> float:
        """Points as if everything had come in time."""
        return tidy_number(self.record.earned + self.written)

    @property
    def total(self) -> float:
        """Points that count."""
        return tidy_number((self.record.earned + self.written) * self.share)

    @property
    def waiting(self) -> tuple[WrittenMark, ...]:
        """Texts without a mark."""
        return tuple(text for text in self.record.written if waits(text))


@dataclass(frozen=True)
class StudentStanding:
    """All chapters of one student."""

    student: str
    name: str
    ids: Mapping[str, str] = field(default_factory=dict)
    chapters: tuple[ChapterStanding, ...] = ()
    """In their order; none where no notebook could be read."""
    problems: tuple[str, ...] = ()
    """What was wrong with the files."""
    oddities: tuple[str, ...] = ()
    """What a person must look at beside texts without a mark; the problems are among it."""

    @property
    def total(self) -> float:
        """Points that count, over the chapters."""
        return tidy_number(sum(chapter.total for chapter in self.chapters))

    @property
    def possible(self) -> int:
        """Points of the chapters that were handed in."""
        return sum(chapter.possible for chapter in self.chapters)

    @property
    def needs(self) -> tuple[str, ...]:
        """Why a person must look, one sentence each."""
        waiting = [text.id for chapter in self.chapters for text in chapter.waiting]
        return (*self.oddities, *([f"Without a mark: {', '.join(waiting)}."] if waiting else []))

    def chapter(self, number: str) -> ChapterStanding | None:
        """Find a chapter by its number; None where the student has not handed it in."""
        return next((one for one in self.chapters if one.record.chapter == number), None)


def waits(text: WrittenMark) -> bool:
    """Whether a written answer is there and has no mark."""
    return text.mark is None and bool(text.text.strip())


def standings(
    records: Iterable[Record], policy: LatePolicy, changed: Collection[TextKey] = ()
) -> list[StudentStanding]:
    """Add up the records of each student, by name.

    Args:
        records: one a student and chapter; its chapter is empty where no notebook could be read.
        policy: due dates, and what a day costs.
        changed: texts that are no longer those which their mark was given for.
    """
    grouped: dict[str, list[Record]] = {}
    for record in records:
        grouped.setdefault(record.student, []).append(record)
    made = [_student(own, policy, changed) for own in grouped.values()]
    return sorted(made, key=lambda one: (one_line(one.name).casefold(), one.student))


def _student(
    records: list[Record], policy: LatePolicy, changed: Collection[TextKey]
) -> StudentStanding:
    records = sorted(records, key=lambda record: record.chapter)
    chapters = [_chapter(record, policy, changed) for record in records if record.chapter]
    problems = dict.fromkeys(sentence for record in records for sentence in record.problems)
    oddities = dict.fromkeys(sentence for chapter in chapters for sentence in chapter.oddities)
    return StudentStanding(
        student=records[0].student,
        name=records[0].name,
        ids={key: value for record in records for key, value in record.ids.items()},
        chapters=tuple(chapters),
        problems=tuple(problems),
        oddities=(*problems, *oddities),
    )


def _chapter(record: Record, policy: LatePolicy, changed: Collection[TextKey]) -> ChapterStanding:
    days = policy.days_late(record.student, record.chapter, record.submitted)
    share = policy.share(days)
    oddities = [
        f"{question.id}: {question.remark}"
        for question in record.questions
        if "needs review" in question.remark
    ]
    for text in record.written:
        if (record.student, record.chapter, text.id) in changed:
            oddities.append(
                f"{text.id} is another text than the one that was marked: read it again."
            )
    lateness = ""
    if days:
        lateness = (
            f"Handed in {days} {'day' if days == 1 else 'days'} late: "
            f"{tidy_number(100 * share)} % of the points stay."
        )
    elif record.late and record.submitted is None:
        lateness = "Handed in late, but how late is not known, so no points were taken away."
        if policy.due:
            oddities.append(f"Chapter {record.chapter} was late by an unknown time: decide on it.")
    return ChapterStanding(record, days, share, lateness, tuple(oddities))
