"""Write the tables of the syllabus: from chapters, graded questions, claims and results.

    make syllabus

They stand between two marks each in ``book/instructors/syllabus.md``. A test compares them with
what they are made of, so that none of it is ever typed by hand.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from marked_parts import as_block, written

from exposure_lab.course.graded.question import GradedQuestion, WrittenQuestion
from exposure_lab.course.graded.registry import graded_questions, written_questions
from exposure_lab.files.json_files import read_json_object
from exposure_lab.publishing.notebook_files import find_chapters, read_notebook
from exposure_lab.publishing.reading_time import MINUTES_PER_EXERCISE
from exposure_lab.study.claims import Claim, all_claims
from exposure_lab.study.results import results_folder

ROOT = Path(__file__).resolve().parent.parent
PAGE = "book/instructors/syllabus.md"

MINUTES_A_POINT = 10
"""Work that a point stands for, which nobody has measured: the page says so."""

READING = re.compile(r"Reading time: about (\d+) minutes")
WORK = re.compile(r"Work: ([^,.;*]+ hours)")
TITLE = re.compile(r"^# (?:\d+\. )?(.+)$", re.MULTILINE)
CAPSTONE = ("90", "book/instructors/capstone.ipynb")
"""Number of the capstone in the ids of its questions, and its notebook, where there is one."""

PARTS = ("hours", "objectives")
"""Names of the marks, in the order in which they stand on the page."""


class Chapter(NamedTuple):
    """What the tables say of one chapter."""

    number: str
    path: Path
    title: str
    reading: int | None
    """Minutes, by the chapter's own text; None where it states none."""
    work: str
    """Hours of work in the words of its own text; empty where it states none."""
    questions: tuple[GradedQuestion | WrittenQuestion, ...]
    """Those that a program and those that a person marks."""
    claims: tuple[Claim, ...]

    @property
    def points(self) -> int:
        return sum(one.points for one in self.questions)

    @property
    def minutes(self) -> int:
        """Work of a student: reading, and the graded questions in place of a look at them."""
        looked_at = MINUTES_PER_EXERCISE * len(self.questions)
        return (self.reading or 0) - looked_at + MINUTES_A_POINT * self.points

    @property
    def link(self) -> str:
        return f"[{self.name}](../{self.path.name})"

    @property
    def name(self) -> str:
        """Number and title, as headings and links have them."""
        return f"{self.number} {self.title}"


def read_chapters(root: Path = ROOT) -> Iterator[Chapter]:
    """Read all chapters of the book, and the capstone where there is one.

    Raises:
        ValueError: one lacks a title, a chapter its reading time, or the capstone its hours.
    """
    for path in find_chapters(root):
        chapter = _read(path.name[:2], path)
        if chapter.reading is None:
            raise ValueError(f"Expected a reading time in {path.name}: add it.")
        yield chapter
    number, capstone = CAPSTONE[0], root / CAPSTONE[1]
    if capstone.is_file():
        chapter = _read(number, capstone)
        if not chapter.work:
            raise ValueError(f"Expected the hours of work in {capstone.name}: add them.")
        yield chapter


def _read(number: str, path: Path) -> Chapter:
    cells = read_notebook(path).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    title, reading, work = (one.search(text) for one in (TITLE, READING, WORK))
    if not title:
        raise ValueError(f"Expected a title in {path.name}: add it.")
    return Chapter(
        number,
        path,
        title[1].strip(),
        int(reading[1]) if reading else None,
        work[1] if work else "",
        (*graded_questions(number).values(), *written_questions(number).values()),
        tuple(one for one in all_claims().values() if one.chapter == number),
    )


def hours_table(chapters: list[Chapter]) -> str:
    """Table of the time that each chapter takes; what states its own hours stands below it."""
    results = read_json_object(results_folder() / "chapters.json")
    listed = [one for one in chapters if not one.work]
    lines = ["| chapter | reading | running | questions | points | work |"]
    lines.append("|---|--:|--:|--:|--:|--:|")
    for one in listed:
        run = results["figures"].get(f"{one.path.stem}_smoke_s")
        running = f"{run['value']:.0f} s" if run else "not measured"
        cells = (one.link, f"{one.reading} min", running, len(one.questions) or "none")
        lines.append(_row(*cells, one.points or "none", _in_hours(one.minutes)))
    count, points = sum(len(one.questions) for one in listed), sum(one.points for one in listed)
    reading = f"{sum(one.reading or 0 for one in listed)} min"
    lines.append(_row("all", reading, "", count, points, _in_hours(sum(c.minutes for c in listed))))
    measured = f"Running: profile smoke, {results['device']}, {results['date']}."
    rule = (
        f"Work: {MINUTES_A_POINT} minutes for each point, and the reading without the "
        f"{MINUTES_PER_EXERCISE} minutes that it counts for a question."
    )
    lines += ["", f"{measured} {rule}"]
    for one in chapters:
        if one.work:
            said = f"{len(one.questions)} questions, {one.points} points; {one.work} of work"
            lines += ["", f"**{one.title.partition(':')[0]}:** {said}, by its own text."]
    return "\n".join(lines)


def objective_tables(chapters: list[Chapter]) -> str:
    """Tables of what a student learns in each chapter, and by which question it is seen."""
    return "\n\n".join(_objectives(one) for one in chapters)


def _objectives(chapter: Chapter) -> str:
    parts = [f"### {chapter.name}"]
    if chapter.questions:
        lines = ["| afterwards a student can ... | question | points | tier |", "|---|---|--:|---|"]
        for one in chapter.questions:
            tier = one.tier if isinstance(one, GradedQuestion) else "person"
            lines.append(_row(one.objective, f"`{one.id}`", one.points, tier))
        parts.append("\n".join(lines))
    else:
        parts.append("No question of this chapter is graded.")
    if chapter.claims:
        ids = ", ".join(f"`{one.id}`" for one in chapter.claims)
        count = len(chapter.claims)
        parts.append(f"**{count} {'claim' if count == 1 else 'claims'} of the report:** {ids}.")
    return "\n\n".join(parts)


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _in_hours(minutes: int) -> str:
    """Hours, rounded to halves."""
    return f"{round(minutes / 30) / 2:g} h"


def main() -> int:
    chapters = list(read_chapters())
    path = ROOT / PAGE
    text = path.read_bytes().decode("utf-8")
    try:
        for part, make in zip(PARTS, (hours_table, objective_tables), strict=True):
            text = written(text, part, as_block(make(chapters)))
    except ValueError as error:
        print(f"{PAGE}: {error}", file=sys.stderr)
        return 1
    path.write_bytes(text.encode("utf-8"))
    print(f"{PAGE} tells of {len(chapters)} chapters now.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
