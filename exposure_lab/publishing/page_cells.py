"""Cells of an executed copy as a page shows them: code that is plumbing and answers are folded.

A bar opens and closes a fold and names what it holds. What teaches stays open.
"""

from exposure_lab.publishing.notebook_files import Cell, Notebook, question_id, tags

FOLDED = {
    "install": "set-up",
    "parameters": "set-up",
    "start": "set-up",
    "imports": "imports",
    "helpers": "helpers",
}
"""First part of a folded cell's id to what the page calls it."""

ALWAYS_FOLDED = ("parameters", "start", "claims", "closing-verdicts", "stamp")
"""Ids of cells that every chapter has and that teach nothing on a page."""

SHOWN = (
    ("image/", "", "code of this figure"),
    ("text/html", "xl-widget", "code of this widget"),
    ("text/html", "<table", "code of this table"),
)
"""Kind of an output, a text in it, and what the page calls the code that made it."""

PLAIN = "code"
"""Name of a fold that nothing else names."""

SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"


def for_the_page(notebook: Notebook) -> Notebook:
    """Fold what a reader of the page does not need at once, in place.

    - A cell tagged ``hide-input`` is folded under a bar that says what it holds, or what
      ``code_prompt_show`` in its ``mystnb`` metadata says. One without an output joins the folded
      cell that follows it: two bars in a row would only be in the way.
    - The cells that every chapter has, from the set-up to the stamp, are folded.
    - An answer and its check share one fold, with what they print: whoever has not answered yet
      must not read that the answer is right.
    """
    cells: list[Cell] = []
    for cell in notebook.cells:
        if "remove-cell" in tags(cell):
            continue
        _fold(cell)
        if cells and _are_answer_and_check(cells[-1], cell):
            _join(cells[-1], cell, kept=cells[-1])
        elif cells and _are_one_fold(cells[-1], cell):
            _join(cells[-1], cell, kept=cell)
            cells[-1] = cell
        else:
            cells.append(cell)
    notebook.cells = cells
    for cell in cells:
        if name := cell.metadata.pop("fold", ""):
            prompts = {"code_prompt_show": f"Show {name}", "code_prompt_hide": f"Hide {name}"}
            cell.metadata["mystnb"] = prompts | cell.metadata.get("mystnb", {})
    return notebook


def _fold(cell: Cell) -> None:
    """Tag a cell that the page folds, and note what its bar says after Show and Hide."""
    if cell.cell_type != "code":
        return
    if "answer" in tags(cell):  # a reader opens a solution after having tried
        lines = [line for line in cell.source.splitlines() if line.strip() not in SOLUTION]
        cell.source = "\n".join(lines)
        _tag(cell, "hide-cell", "a solution")
    elif "check" in tags(cell):
        _tag(cell, "hide-cell", "the check")
    elif "hide-input" in tags(cell) or cell.get("id") in ALWAYS_FOLDED:
        _tag(cell, "hide-input", f"the {_what(cell)}")


def _tag(cell: Cell, tag: str, name: str) -> None:
    cell.metadata["tags"] = list(dict.fromkeys([*tags(cell), tag]))
    cell.metadata["fold"] = name


def _what(cell: Cell) -> str:
    """Name what a folded cell holds: by its id, or by what it shows."""
    if name := FOLDED.get(cell.get("id", "").partition("-")[0]):
        return name
    if "figure" in cell.metadata.get("mystnb", {}):
        return SHOWN[0][2]
    for output in cell.outputs:
        for kind, content in output.get("data", {}).items():
            for wanted, part, name in SHOWN:
                if kind.startswith(wanted) and part in content:
                    return name
    return PLAIN


def _are_answer_and_check(before: Cell, cell: Cell) -> bool:
    return (
        "answer" in tags(before)
        and "check" in tags(cell)
        and question_id(before) == question_id(cell)
    )


def _are_one_fold(before: Cell, cell: Cell) -> bool:
    """Whether two cells in a row hold only code that is folded and named by us."""
    both = (before, cell)
    return (
        all("fold" in one.metadata and "hide-cell" not in tags(one) for one in both)
        and not any("code_prompt_show" in one.metadata.get("mystnb", {}) for one in both)
        and not before.outputs
    )


def _join(before: Cell, cell: Cell, kept: Cell) -> None:
    """Put the code, outputs and names of two cells in a row into one of them."""
    kept.source = f"{before.source}\n\n\n{cell.source}"
    kept.outputs = [*before.outputs, *cell.outputs]
    if kept is cell:
        folds = (one.metadata["fold"].removeprefix("the ") for one in (before, cell))
        names = [name for fold in folds for name in fold.split(" and ")]
        own = [name for name in dict.fromkeys(names) if name != PLAIN] or [PLAIN]
        kept.metadata["fold"] = f"the {' and '.join(own)}"
