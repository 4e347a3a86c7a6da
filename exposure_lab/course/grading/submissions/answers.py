"""Answers of one notebook: the sources of the cells that a student wrote, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.grading.submissions.chapter_of import find_chapter
from exposure_lab.course.grading.submissions.given import Given
from exposure_lab.course.grading.submissions.limits import NOTEBOOK_BYTES
from exposure_lab.course.grading.submissions.notebook import (
    Cell,
    StudentNotebook,
    read_student_notebook,
)
from exposure_lab.course.grading.submissions.roles import (
    Asked,
    Roles,
    checked_question,
    defines,
    find_roles,
)
from exposure_lab.course.release.manifest import Manifest, ManifestQuestion
from exposure_lab.data.download.printable import printable
from exposure_lab.errors import GradingError

MOST_CODE = 400_000
"""Signs of code, all cells together: ten times a chapter, and no data pasted into it. Even if each
takes twelve bytes as JSON, the answers fit into a file that can be read again."""

PER_CELL = 10
"""Signs that a cell counts beside its code."""

LONGEST_TEXT = 50_000
"""Signs of a written answer that are kept for the person who marks it."""


@dataclass(frozen=True)
class CellSource:
    """Code of one cell that a student wrote."""

    source: str
    question: str | None
    """Question that it answers; None for a cell that the student added, or a given one changed."""


@dataclass(frozen=True)
class Answers:
    """What a student wrote in one chapter."""

    chapter: str
    """Its number, such as ``01``."""
    cells: tuple[CellSource, ...]
    """Answers, and other cells that the student wrote, in the order of the notebook."""
    texts: Mapping[str, str]
    """Written question to the answer in Markdown."""
    remarks: Mapping[str, str]
    """Question, or ``""`` for the notebook, to a sentence on what was odd about it."""


def read_answers(
    path: Path,
    manifest: Manifest,
    given: Given | None = None,
    *,
    shown: str | None = None,
    most: int = NOTEBOOK_BYTES,
) -> Answers:
    """Read the answers of a student's notebook; nothing in it is run.

    Args:
        path: the notebook.
        manifest: of the release that it is graded by.
        given: cells of that release, by which they are told from what the student wrote.
        shown: the notebook's name in sentences.
        most: bytes of the notebook, at most.

    Raises:
        GradingError: no notebook, or of no chapter of the release, or with far too much code.
    """
    notebook = read_student_notebook(path, shown, most)
    shown = shown or path.name
    chapter = find_chapter(notebook, manifest, shown)
    answers = take_answers(notebook, manifest, chapter, given or Given())
    size = sum(len(cell.source) + PER_CELL for cell in answers.cells)
    if size > MOST_CODE:
        raise GradingError(
            f"Expected at most {MOST_CODE:,} signs of code in {shown}, but its cells have "
            f"{size:,}: ask for it without data that was pasted into them."
        )
    return answers


def take_answers(
    notebook: StudentNotebook, manifest: Manifest, chapter: str, given: Given
) -> Answers:
    """Take the answers to a chapter's questions out of a notebook."""
    asked = Asked.of(manifest, chapter)
    cells = notebook.cells
    roles = find_roles(cells, asked)
    return Answers(
        chapter,
        _sources(cells, roles, given),
        {one: _text(cells, places, given) for one, places in roles.texts.items()},
        _remarks(notebook, roles, asked, manifest.release),
    )


def _sources(cells: Sequence[Cell], roles: Roles, given: Given) -> tuple[CellSource, ...]:
    """Collect the code in its order; the parts of a split answer stand where the last one does."""
    at: dict[int, CellSource] = {}
    for question, places in roles.answers.items():
        parts = dict.fromkeys(cells[place].source for place in places)  # a copy counts once
        at[places[-1]] = CellSource("\n".join(parts), question)
    own = [place for place in roles.added if not given.has(cells[place])]
    own += [place for place in roles.given if given.was_changed(cells[place])]
    at |= {place: CellSource(cells[place].source, None) for place in own}
    return tuple(at[place] for place in sorted(at))


def _text(cells: Sequence[Cell], places: Sequence[int], given: Given) -> str:
    """Join the cells of a written answer, and the student's own text cells right behind each."""
    parts: dict[int, str] = {}
    for place in places:
        parts[place] = cells[place].source
        for behind in range(place + 1, len(cells)):
            cell = cells[behind]
            if cell.own or cell.kind != "markdown" or given.has(cell):
                break
            parts[behind] = cell.source
    text = "\n\n".join(parts[place].strip() for place in sorted(parts))
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}\n\n(cut here)"


def _remarks(notebook: StudentNotebook, roles: Roles, asked: Asked, release: str) -> dict[str, str]:
    remarks = {}
    for one in asked.questions:
        if sentence := _remark(one, roles, notebook.cells):
            remarks[one.id] = sentence
    for text in asked.written:
        if text.id in roles.unsure:
            remarks[text.id] = _unsure(text.id, roles)
        elif text.id not in roles.texts:
            remarks[text.id] = (
                f"Expected the text cell of {text.id}, but the notebook has none: needs review."
            )
    handed_in = notebook.own.get("release")
    if isinstance(handed_in, str) and handed_in and handed_in != release:
        remarks[""] = (
            f"Expected a notebook of release {release}, but it is of release "
            f"{printable(handed_in, 20)}, which may ask for other variants: grade it with the "
            "manifest of that release."
        )
    return remarks


def _remark(one: ManifestQuestion, roles: Roles, cells: Sequence[Cell]) -> str | None:
    """Sentence on a cell that is missing, doubled, or known by its place alone."""
    places = roles.answers.get(one.id, [])
    if one.id in roles.unsure:
        return _unsure(one.id, roles)
    checks = [at for at in roles.checks if checked_question(cells[at]) == one.id]
    if any(defines(cells[at], one.name) for at in checks):
        return (
            f"Expected {one.name} in the cell of {one.id}, but the cell of its check defines it "
            "too, which does not count: needs review."
        )
    if not places:
        return (
            f"Expected the cell of {one.id}, but the notebook has none: {one.name} counts where "
            "another cell defines it."
        )
    if len(places) > 1:
        shown = " and ".join(str(place + 1) for place in places[:5])
        return (
            f"Expected one cell of {one.id}, but cells {shown} of the notebook are marked as it: "
            "they are joined in this order."
        )
    return None


def _unsure(question: str, roles: Roles) -> str:
    return (
        f"Expected the mark of {question} at its cell, but it is lost, and the cell was found "
        f"{roles.unsure[question]}: needs review."
    )
