"""Chapter that a student's notebook is: by its metadata, cells, name, or first lines."""

import re
from collections import Counter

from exposure_lab.course.grading.submissions.file_names import notebook_stem
from exposure_lab.course.grading.submissions.notebook import Cell, StudentNotebook
from exposure_lab.course.grading.submissions.roles import checked_question, is_check
from exposure_lab.course.release.manifest import Manifest
from exposure_lab.errors import GradingError


def find_chapter(notebook: StudentNotebook, manifest: Manifest, shown: str) -> str:
    """Find the number of the chapter that a notebook is.

    Raises:
        GradingError: it is of no chapter of the release.
    """
    numbers = [chapter.number for chapter in manifest.chapters]
    said = notebook.own.get("chapter")
    if said in numbers:
        return str(said)
    entries = (*manifest.questions, *manifest.written)
    marks = {mark: one.chapter for one in entries for mark in (one.id, one.cell_id)}
    by_cells = Counter(marks[mark] for cell in notebook.cells if (mark := _mark(cell)) in marks)
    if by_cells:
        return by_cells.most_common(1)[0][0]
    by_name = [one.number for one in manifest.chapters if _names(shown, one.file)]
    if by_name:
        return by_name[0]
    lines = {line.strip() for cell in notebook.cells for line in cell.source.splitlines()}
    by_line = Counter(one.chapter for one in manifest.questions if one.stub in lines - {"..."})
    if by_line:
        return by_line.most_common(1)[0][0]
    raise GradingError(
        f"Expected a notebook of this release (chapters {', '.join(numbers)}), but {shown} has no "
        "cell of it: ask the student for the chapter's own notebook."
    )


def _mark(cell: Cell) -> str | None:
    """Question of a cell by its metadata or its check, else its id."""
    question = checked_question(cell) if is_check(cell) else cell.says("question")
    return question or cell.says("written") or cell.id


def _names(shown: str, file: str) -> bool:
    """Whether a file's name holds that of a chapter, as copies of it do."""
    stem = notebook_stem(file) or file
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(stem)}(?![a-z])", shown) is not None
