"""What of a chapter is open on its page, and how long reading it takes."""

import re

from exposure_lab.publishing.notebook_files import Cell, Notebook, tags
from exposure_lab.publishing.page_cells import ALWAYS_FOLDED

UNREAD = re.compile(r"\$\$.*?\$\$|\]\([^)\s]*\)", re.DOTALL)
"""Matches display equations and the addresses of links, which do not count as words."""

STATED = re.compile(r"\*Reading time: about (\d+) minutes\b")
"""Matches the reading time that a chapter states at its top."""

WORDS_PER_MINUTE = 200
LINES_PER_MINUTE = 20
MINUTES_PER_FIGURE = 1
MINUTES_PER_EXERCISE = 5
ROUNDED_TO = 5

NOT_OPEN = {"hide-input", "hide-cell", "remove-cell", "remove-input", "answer", "check"}
"""Tags of code cells whose code a reader of the page does not see before opening a fold."""


def count_words(notebook: Notebook) -> int:
    """Count the words of a chapter's prose."""
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return len(re.findall(r"\w+", UNREAD.sub(" ", prose)))


def open_code(cell: Cell) -> list[str]:
    """List the lines of code that a page shows of a cell without a fold, empty ones left out."""
    if cell.cell_type != "code" or NOT_OPEN & set(tags(cell)) or cell.get("id") in ALWAYS_FOLDED:
        return []
    return [line for line in cell.source.splitlines() if line.strip()]


def reading_minutes(notebook: Notebook) -> int:
    """Estimate how long a student reads a chapter, to the nearest 5 minutes, and at least 5.

    A minute for 200 words of prose, for 20 lines of open code and for a figure; 5 minutes for an
    exercise.
    """
    lines = sum(len(open_code(cell)) for cell in notebook.cells)
    figures = sum("figure" in cell.metadata.get("mystnb", {}) for cell in notebook.cells)
    exercises = sum("answer" in tags(cell) for cell in notebook.cells)
    minutes = (
        count_words(notebook) / WORDS_PER_MINUTE
        + lines / LINES_PER_MINUTE
        + figures * MINUTES_PER_FIGURE
        + exercises * MINUTES_PER_EXERCISE
    )
    return max(ROUNDED_TO, ROUNDED_TO * round(minutes / ROUNDED_TO))


def stated_minutes(notebook: Notebook) -> int | None:
    """Read the minutes that a chapter states at its top; None where it states none."""
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    found = STATED.search(first)
    return int(found[1]) if found else None
