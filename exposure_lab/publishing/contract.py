"""What every committed chapter promises; graders, the book and Colab rely on it.

Notebook metadata ``exposure_lab``: ``question``, ``surprise``, ``picture``. One cell tagged
``parameters`` sets ``profile`` and ``data``. An answer cell is followed by a check cell of the same
question, and only check cells hold outputs. Its prose has at most `MAX_WORDS` words.
"""

import json
import re
from collections import Counter
from pathlib import Path

from exposure_lab.publishing.notebook_files import (
    WIDGET_VIEW,
    Cell,
    Notebook,
    find_chapters,
    question,
    read_notebook,
    tags,
)

MAX_LINES = 20
"""Of code in a cell; what is longer belongs into the library."""

MAX_WORDS = 2000
"""Of prose in a chapter; who reads on after that reads another chapter."""

UNREAD = re.compile(r"\$\$.*?\$\$|\]\([^)\s]*\)", re.DOTALL)
"""Display equations and the addresses of links, which are not counted as words."""

PARAMETERS = {"profile": '"auto"', "data": '"auto"'}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|private|content)/\S+")


def problems(root: Path | str = ".") -> list[str]:
    """Every way in which a committed chapter breaks the contract, one sentence each.

    Raises:
        ChapterError: no chapters, or a file that is no notebook.
    """
    found = []
    for path in find_chapters(root):
        if repeated := _repeated_ids(path):
            found.append(f"{path.name}: cell ids must be unique, but {repeated} are not.")
            continue  # what follows would read the notebook with new ids in their place
        notebook = read_notebook(path)
        sentences = [
            *_about_notebook(notebook),
            *_about_length(notebook),
            *_about_parameters(notebook),
            *_about_cells(notebook),
            *_about_questions(notebook, path.stem[:2]),
        ]
        found += [f"{path.name}: {sentence}" for sentence in sentences]
    return found


def _repeated_ids(path: Path) -> str:
    """From the file itself: nbformat gives one of two equal ids another name when it reads."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError):
        return ""  # `read_notebook` says what is wrong
    names = Counter(str(cell.get("id")) for cell in cells)
    return ", ".join(name for name, count in names.items() if count > 1)


def _about_notebook(notebook: Notebook) -> list[str]:
    found = []
    own = notebook.metadata.get("exposure_lab", {})
    for key in ("question", "surprise", "picture"):
        if not str(own.get(key, "")).strip():
            found.append(f"metadata exposure_lab.{key} is missing: a chapter names its {key}.")
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        found.append("the format is older than 4.5, which knows no cell ids: save it anew.")
    if "widgets" in notebook.metadata or "papermill" in notebook.metadata:
        found.append("it holds traces of an execution in its metadata: commit it cleared.")
    names_in_cells = {
        cell.metadata.get("mystnb", {}).get("figure", {}).get("name") for cell in notebook.cells
    }
    picture = own.get("picture", "")
    in_text = any(f"{picture}" in cell.source for cell in notebook.cells)
    if picture and picture not in names_in_cells and not in_text:
        found.append(f"its picture {picture!r} is no figure's name in it.")
    return found


def _about_length(notebook: Notebook) -> list[str]:
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    count = len(re.findall(r"\w+", UNREAD.sub(" ", prose)))
    if count > MAX_WORDS:
        return [f"it has {count} words, of {MAX_WORDS} at most: cut, or split the chapter."]
    return []


def _about_parameters(notebook: Notebook) -> list[str]:
    cells = [cell for cell in notebook.cells if "parameters" in tags(cell)]
    if len(cells) != 1:
        return [f"it needs one cell tagged parameters, but has {len(cells)}."]
    found = []
    for name, value in PARAMETERS.items():
        if not re.search(rf"^{name}\s*=\s*{value}", cells[0].source, re.MULTILINE):
            found.append(f"its parameters cell must say {name} = {value}.")
    return found


def _about_cells(notebook: Notebook) -> list[str]:
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        name = f"cell {cell.get('id')}"
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if len(lines) > MAX_LINES:
            found.append(f"{name} has {len(lines)} lines, of {MAX_LINES} at most.")
        if path := MACHINE_PATH.search(cell.source):
            found.append(f"{name} names a folder of one machine, {path[0]}.")
        own = cell.metadata.get("mystnb", {})
        if "figure" in own and not own.get("image", {}).get("alt", "").strip():
            found.append(f"{name} shows a figure without alternative text (mystnb.image.alt).")
        if "check" in tags(cell):
            found += _about_check(cell, name)
        elif cell.outputs or cell.execution_count is not None:
            found.append(f"{name} holds outputs, which only check cells do: clear it.")
    return found


def _about_check(cell: Cell, name: str) -> list[str]:
    if "nbval-check-output" not in tags(cell):
        return [f"{name} is a check and needs the tag nbval-check-output."]
    if not cell.outputs or cell.execution_count is None:
        return [f"{name} is a check and must hold the line that it prints, and its count."]
    if any(o.output_type != "stream" or WIDGET_VIEW in o.get("data", {}) for o in cell.outputs):
        return [f"{name} is a check and may only print."]
    return []


def _about_questions(notebook: Notebook, number: str) -> list[str]:
    found: list[str] = []
    answered: list[str] = []
    checked: list[str] = []
    for cell in notebook.cells:
        kind = {"answer", "check"} & set(tags(cell))
        if not kind:
            continue
        name, asked = f"cell {cell.get('id')}", question(cell)
        if not asked or not re.fullmatch(rf"{number}\.[a-z0-9]+(-[a-z0-9]+)*", asked):
            found.append(f"{name} needs a question such as {number}.some-name in its metadata.")
        elif "answer" in kind:
            answered.append(asked)
            found += _about_answer(cell, name, asked)
        else:
            checked.append(asked)
            if asked not in answered:
                found.append(f"{name} checks {asked}, which no cell before it answers.")
    for asked, count in Counter(answered).items():
        if count > 1:
            found.append(f"question {asked} has {count} answer cells.")
    found += [f"question {asked} has no check." for asked in answered if asked not in checked]
    return found


def _about_answer(cell: Cell, name: str, asked: str) -> list[str]:
    own = cell.metadata.get("exposure_lab", {})
    found = []
    if cell.get("id") != f"answer-{asked.replace('.', '-')}":
        found.append(f"{name} must have the id answer-{asked.replace('.', '-')}.")
    if not isinstance(own.get("points"), int) or own["points"] < 1:
        found.append(f"{name} needs points, a whole number of at least 1.")
    if own.get("tier") not in ("A", "B", "C"):
        found.append(f"{name} needs a tier, A, B or C.")
    begin, end = cell.source.find("### BEGIN SOLUTION"), cell.source.find("### END SOLUTION")
    if not 0 <= begin < end:
        found.append(f"{name} needs its solution between BEGIN SOLUTION and END SOLUTION.")
    return found
