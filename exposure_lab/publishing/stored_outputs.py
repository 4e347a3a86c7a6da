"""Store in a committed notebook the outputs of its check cells, and no others."""

import copy
from collections.abc import Sequence
from pathlib import Path

from exposure_lab.errors import ChapterError
from exposure_lab.publishing.chapter_names import select_chapters
from exposure_lab.publishing.notebook_files import Cell, read_notebook, tags, write_notebook
from exposure_lab.publishing.run_chapters import executed


def store_checks(root: Path | str = ".", names: Sequence[str] = ()) -> list[Path]:
    """Copy the outputs of the check cells from the executed copies, and clear all others.

    To be called after `run_chapters`, when a chapter or a check was changed on purpose. Does
    nothing to a notebook that is in this state already.

    Returns:
        The notebooks that were written.

    Raises:
        ChapterError: unknown chapter, one that was not run, or a copy of an older version.
    """
    written = []
    for path in select_chapters(names, root):
        notebook = read_notebook(path)
        ran, _ = executed(path.stem, root)
        ran_cells = {cell.get("id"): cell for cell in read_notebook(ran).cells}
        committed = copy.deepcopy(notebook)
        count = 0
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            cell.outputs, cell.execution_count = [], None
            if "check" in tags(cell):
                count += 1
                cell.outputs = _check_outputs(cell, ran_cells, path)
                # Counted by themselves, so that a cell put in elsewhere changes nothing here.
                cell.execution_count = count
        for key in ("widgets", "papermill"):
            notebook.metadata.pop(key, None)
        if notebook != committed:
            write_notebook(path, notebook)
            written.append(path)
    return written


def _check_outputs(cell: Cell, ran_cells: dict[str, Cell], path: Path) -> list[Cell]:
    ran = ran_cells.get(cell.get("id"))
    if ran is None or ran.source != cell.source:
        raise ChapterError(
            f"Expected an executed copy of {path.name} with its cell {cell.get('id')}, but the "
            f"copy is older: run `exposure-lab chapters run {path.stem}` first."
        )
    return list(ran.outputs)
