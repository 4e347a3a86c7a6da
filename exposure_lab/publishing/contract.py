"""Contract of a committed chapter, which the checks, the book and Colab rely on.

Notebook metadata ``exposure_lab``: ``question``, ``surprise``, ``picture``. One cell tagged
``parameters`` sets ``profile`` and ``data``. An answer cell is followed by a check cell of the same
question, and only check cells hold outputs. Its prose has at most `MAX_WORDS` words, a line of open
code at most `MAX_COLUMNS` characters, and the reading time at its top is that of `reading_minutes`.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from exposure_lab.publishing.chapter_names import select_chapters
from exposure_lab.publishing.notebook_files import (
    WIDGET_VIEW,
    Cell,
    Notebook,
    question_id,
    read_notebook,
    tags,
)
from exposure_lab.publishing.reading_time import (
    count_words,
    open_code,
    reading_minutes,
    stated_minutes,
)

MAX_LINES = 20
"""Lines of code in a cell; longer code belongs into the library."""

MAX_WORDS = 2000
"""Words of prose in a chapter; a longer one is two chapters."""

MAX_COLUMNS = 84
"""Characters in a line of open code: what a page shows in a window of 1280 px without scrolling."""

PARAMETERS = {"profile": '"auto"', "data": '"auto"'}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|private|content)/\S+")


def problems(root: Path | str = ".", names: Sequence[str] = ()) -> list[str]:
    """List every way in which a committed chapter breaks the contract, one sentence each.

    Args:
        root: a checkout with ``book/``.
        names: such as ``"01_exposure"`` or ``"1"``; none means all.

    Raises:
        ConfigError: unknown chapter.
        ChapterError: no chapters, or a file that is no notebook.
    """
    every_problem = []
    for path in select_chapters(names, root):
        if repeated := _list_repeated_ids(path):
            every_problem.append(f"{path.name}: cell ids must be unique, but {repeated} are not.")
            continue  # what follows would read the notebook with new ids in their place
        notebook = read_notebook(path)
        sentences = [
            *_check_notebook(notebook),
            *_check_length(notebook),
            *_check_parameters(notebook),
            *_check_cells(notebook),
            *_check_questions(notebook, path.stem[:2]),
        ]
        every_problem += [f"{path.name}: {sentence}" for sentence in sentences]
    return every_problem


def _list_repeated_ids(path: Path) -> str:
    """List ids that cells share, from the file itself: nbformat renames one of two as it reads."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError):
        return ""  # `read_notebook` says what is wrong
    names = Counter(str(cell.get("id")) for cell in cells)
    return ", ".join(name for name, count in names.items() if count > 1)


def _check_notebook(notebook: Notebook) -> list[str]:
    sentences = []
    own = notebook.metadata.get("exposure_lab", {})
    for key in ("question", "surprise", "picture"):
        if not str(own.get(key, "")).strip():
            sentences.append(f"metadata exposure_lab.{key} is missing: a chapter names its {key}.")
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        sentences.append("the format is older than 4.5, which knows no cell ids: save it anew.")
    if "widgets" in notebook.metadata or "papermill" in notebook.metadata:
        sentences.append("it holds traces of an execution in its metadata: commit it cleared.")
    names_in_cells = {
        cell.metadata.get("mystnb", {}).get("figure", {}).get("name") for cell in notebook.cells
    }
    picture = own.get("picture", "")
    in_text = any(f"{picture}" in cell.source for cell in notebook.cells)
    if picture and picture not in names_in_cells and not in_text:
        sentences.append(f"its picture {picture!r} is no figure's name in it.")
    return sentences


def _check_length(notebook: Notebook) -> list[str]:
    sentences = []
    if (count := count_words(notebook)) > MAX_WORDS:
        sentences.append(
            f"it has {count} words, of {MAX_WORDS} at most: cut, or split the chapter."
        )
    stated, minutes = stated_minutes(notebook), reading_minutes(notebook)
    if stated not in (None, minutes):
        sentences.append(f"it says it takes {stated} minutes to read; that is {minutes}: say so.")
    return sentences


def _check_parameters(notebook: Notebook) -> list[str]:
    cells = [cell for cell in notebook.cells if "parameters" in tags(cell)]
    if len(cells) != 1:
        found = ", ".join(str(cell.get("id")) for cell in cells)
        which = f"{len(cells)}: {found}" if cells else "none"
        return [f"it needs one cell tagged parameters, but has {which}."]
    sentences = []
    for name, value in PARAMETERS.items():
        if not re.search(rf"^{name}\s*=\s*{value}", cells[0].source, re.MULTILINE):
            sentences.append(f"its parameters cell must say {name} = {value}.")
    return sentences


def _check_cells(notebook: Notebook) -> list[str]:
    sentences = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        name = f"cell {cell.get('id')}"
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if len(lines) > MAX_LINES:
            sentences.append(f"{name} has {len(lines)} lines, of {MAX_LINES} at most.")
        if (wide := max(map(len, open_code(cell)), default=0)) > MAX_COLUMNS:
            sentences.append(
                f"{name} has a line of {wide} characters, of {MAX_COLUMNS} at most in open code: "
                "break it, or fold the cell (tag hide-input)."
            )
        if path := MACHINE_PATH.search(cell.source):
            sentences.append(f"{name} names a folder of one machine, {path[0]}.")
        own = cell.metadata.get("mystnb", {})
        if "figure" in own and not own.get("image", {}).get("alt", "").strip():
            sentences.append(f"{name} shows a figure without alternative text (mystnb.image.alt).")
        if "check" in tags(cell):
            sentences += _check_check_cell(cell, name)
        elif cell.outputs or cell.execution_count is not None:
            sentences.append(f"{name} holds outputs, which only check cells do: clear it.")
    return sentences


def _check_check_cell(cell: Cell, name: str) -> list[str]:
    if "nbval-check-output" not in tags(cell):
        return [f"{name} is a check and needs the tag nbval-check-output."]
    if not cell.outputs or cell.execution_count is None:
        return [f"{name} is a check and must hold the line that it prints, and its count."]
    if any(o.output_type != "stream" or WIDGET_VIEW in o.get("data", {}) for o in cell.outputs):
        return [f"{name} is a check and may only print."]
    return []


def _check_questions(notebook: Notebook, number: str) -> list[str]:
    sentences: list[str] = []
    answered: list[str] = []
    checked: list[str] = []
    for cell in notebook.cells:
        kind = {"answer", "check"} & set(tags(cell))
        if not kind:
            continue
        name, question = f"cell {cell.get('id')}", question_id(cell)
        if not question or not re.fullmatch(rf"{number}\.[a-z0-9]+(-[a-z0-9]+)*", question):
            sentences.append(f"{name} needs a question such as {number}.some-name in its metadata.")
        elif "answer" in kind:
            answered.append(question)
            sentences += _check_answer_cell(cell, name, question)
        else:
            checked.append(question)
            if question not in answered:
                sentences.append(f"{name} checks {question}, which no cell before it answers.")
    for question, count in Counter(answered).items():
        if count > 1:
            sentences.append(f"question {question} has {count} answer cells.")
    sentences += [
        f"question {question} has no check." for question in answered if question not in checked
    ]
    return sentences


def _check_answer_cell(cell: Cell, name: str, question: str) -> list[str]:
    own = cell.metadata.get("exposure_lab", {})
    sentences = []
    if cell.get("id") != f"answer-{question.replace('.', '-')}":
        sentences.append(f"{name} must have the id answer-{question.replace('.', '-')}.")
    if not isinstance(own.get("points"), int) or own["points"] < 1:
        sentences.append(f"{name} needs points, a whole number of at least 1.")
    if own.get("tier") not in ("A", "B", "C"):
        sentences.append(f"{name} needs a tier, A, B or C.")
    begin, end = cell.source.find("### BEGIN SOLUTION"), cell.source.find("### END SOLUTION")
    if not 0 <= begin < end:
        sentences.append(f"{name} needs its solution between BEGIN SOLUTION and END SOLUTION.")
    return sentences
