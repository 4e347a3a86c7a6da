"""Table of grades: one row a student, every question and chapter, for spreadsheets and programs."""

from collections.abc import Iterable, Sequence

from exposure_lab.course.grading.gradebook.shown_text import cut, one_line
from exposure_lab.course.grading.gradebook.standing import ChapterStanding, StudentStanding
from exposure_lab.course.release.manifest import Manifest
from exposure_lab.files.csv_table import Cell, csv_text, tidy_number

GRADES_FILE = "grades.csv"

LONGEST_SENTENCES = 4_000
"""Signs of all problems of a student in one cell: spreadsheets cut at 32,767."""


def grades_table(students: Iterable[StudentStanding], manifest: Manifest) -> str:
    """Format the grades of a class; what a student has not handed in is an empty cell, and no 0."""
    chapters = [chapter.number for chapter in manifest.chapters]
    header: list[Cell] = ["student", "name"]
    for number in chapters:
        header += _chapter_header(manifest, number)
    possible = sum(entry.points for entry in manifest.entries)
    header += [f"total ({possible})", "needs a person", "problems"]
    rows: list[Sequence[Cell]] = [header]
    for student in students:
        row: list[Cell] = [one_line(student.student, 200), one_line(student.name, 200)]
        for number in chapters:
            row += _chapter_cells(manifest, number, student.chapter(number))
        row += [student.total, "yes" if student.needs else "", _sentences(student)]
        rows.append(row)
    return csv_text(rows)


def chapter_points(manifest: Manifest, number: str) -> int:
    """Points of everything that a chapter asks."""
    return sum(entry.points for entry in manifest.entries if entry.chapter == number)


def _chapter_header(manifest: Manifest, number: str) -> list[Cell]:
    entries = [f"{one.id} ({one.points})" for one in manifest.entries if one.chapter == number]
    points = chapter_points(manifest, number)
    return [
        *entries,
        f"{number} earned ({points})",
        f"{number} days late",
        f"{number} share that stays",
        f"{number} total ({points})",
    ]


def _chapter_cells(manifest: Manifest, number: str, chapter: ChapterStanding | None) -> list[Cell]:
    """Cells under `_chapter_header`."""
    if chapter is None:
        return [None] * len(_chapter_header(manifest, number))
    points: dict[str, Cell] = {one.id: one.earned for one in chapter.record.questions}
    points |= {one.id: one.mark for one in chapter.record.written}
    return [
        *(points.get(one.id) for one in manifest.entries if one.chapter == number),
        chapter.before_lateness,
        chapter.days_late,
        tidy_number(chapter.share),
        chapter.total,
    ]


def _sentences(student: StudentStanding) -> str:
    lateness = [chapter.lateness for chapter in student.chapters if chapter.lateness]
    sentences = (one_line(sentence, 600) for sentence in (*student.needs, *lateness))
    return cut(" | ".join(sentences), LONGEST_SENTENCES)
