"""Answers in a student's own notebook, found without the manifest, which students do not have.

A question's cell is found by its metadata first, then by its id, then by its place before the check
and by what it defines: editors may drop all of these but the code.
"""

import ast
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from exposure_lab.course.release.own_cells import (
    OwnCell,
    OwnQuestion,
    check_call,
    code_cells,
    defined_names,
    read_cells,
    statements,
)
from exposure_lab.errors import ChapterError

IMPORTS = "from exposure_lab.notebook import ("
"""What the cell with a chapter's imports holds."""


@dataclass
class OwnNotebook:
    """What a student hands in, as far as it is code."""

    questions: list[OwnQuestion]
    setup: str
    """Source of the cell with the chapter's imports."""
    cells: list[tuple[OwnCell, str | None]]
    """Cells of answers with their question, and the student's own with None, in order."""
    remarks: dict[str, str] = field(default_factory=dict)
    """Question to a sentence on its cell, where something is odd about it."""


def read_own_notebook(path: Path | str) -> OwnNotebook:
    """Find the questions of a notebook and the cells that answer them.

    Raises:
        ChapterError: no notebook of ours there.
    """
    content = read_cells(Path(path))
    cells = code_cells(content["cells"])
    questions = _questions(content.get("metadata"), cells)
    if not questions:
        raise ChapterError(
            f"Expected a chapter with questions in {path}, but it asks none: check the notebook "
            "that your course handed out."
        )
    notebook = OwnNotebook(questions, _setup(cells), [])
    answers: dict[int, str] = {}
    for question in questions:
        found, notebook.remarks[question.id] = _find_answer(question, cells)
        answers |= {cell.number: question.id for cell in found}
    marked = any("given" in cell.own for cell in cells)
    for cell in cells:
        if cell.number in answers or _is_added(cell, marked):
            notebook.cells.append((cell, answers.get(cell.number)))
    return notebook


def _questions(metadata: Any, cells: list[OwnCell]) -> list[OwnQuestion]:
    """Questions that the notebook's metadata lists; where an editor dropped it, those checked."""
    calls = [call for cell in cells if (call := check_call(cell.source)) is not None]
    checked = {call.id: call for call in calls}
    own = metadata.get("exposure_lab") if isinstance(metadata, dict) else None
    listed = own.get("questions") if isinstance(own, dict) else None
    if not isinstance(listed, dict):
        return list(checked.values())
    in_order = [*(id_ for id_ in checked if id_ in listed), *listed]
    return [
        OwnQuestion(id_, str(one["name"]), one.get("variant") or {}, bool(one.get("private")))
        for id_ in dict.fromkeys(in_order)
        if isinstance(one := listed[id_], dict) and "name" in one
    ]


def _find_answer(question: OwnQuestion, cells: list[OwnCell]) -> tuple[list[OwnCell], str]:
    """Cells of an answer, and a sentence where it is not just the one that was handed out."""
    answers = [cell for cell in cells if not cell.is_check]
    found = [cell for cell in answers if cell.own.get("question") == question.id]
    found = found or [c for c in answers if c.id == f"answer-{question.id.replace('.', '-')}"]
    if len(found) == 1:
        return found, ""
    if found:
        places = " and ".join(str(cell.number) for cell in found)
        return found, (
            f"Expected one cell for this answer, but cells {places} of the notebook are marked as "
            "it: join them, or delete the copies."
        )
    if cell := _before_check(question, cells) or _defining(question, answers):
        return [cell], (
            f"Expected the cell that was handed out, but only the place of cell {cell.number} "
            "tells that it is this answer: copy its code into a fresh copy of the chapter."
        )
    return [], (
        "Expected a cell with this answer, but it is missing: copy your code into a fresh copy of "
        "the chapter."
    )


def _before_check(question: OwnQuestion, cells: list[OwnCell]) -> OwnCell | None:
    """Code cell right before the check of a question, if it defines the name."""
    for before, cell in pairwise(cells):
        call = check_call(cell.source)
        if call and call.id == question.id and not before.is_check and "given" not in before.own:
            return before if question.name in defined_names(before.source) else None
    return None


def _defining(question: OwnQuestion, cells: list[OwnCell]) -> OwnCell | None:
    """The only cell that nobody claims and that defines the name."""
    free = [cell for cell in cells if not cell.own]
    named = [cell for cell in free if question.name in defined_names(cell.source)]
    return named[0] if len(named) == 1 else None


def _is_added(cell: OwnCell, marked: bool) -> bool:
    """Whether a cell is the student's own; without marks, whether it only defines and imports."""
    if cell.is_check or cell.own or IMPORTS in cell.source:
        return False
    body = statements(cell.source)
    definitions = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return marked or (bool(body) and all(isinstance(node, definitions) for node in body))


def _setup(cells: list[OwnCell]) -> str:
    by_id = [cell.source for cell in cells if cell.id == "imports"]
    by_content = [cell.source for cell in cells if IMPORTS in cell.source]
    return next(iter([*by_id, *by_content]), "")
