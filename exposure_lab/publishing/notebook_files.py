"""Read notebooks, judge an execution, and clean an executed copy before it is published.

A notebook is an `nbformat` node, version 4.5. Nothing here starts a kernel.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

from exposure_lab.errors import ChapterError
from exposure_lab.files.atomic import write_text

Notebook = Any
Cell = Any

CHAPTER_NAME = re.compile(r"\d\d_[a-z0-9_]+")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def find_chapters(root: Path | str) -> list[Path]:
    """Find the chapters ``book/NN_title.ipynb`` of a checkout, in order.

    Raises:
        ChapterError: there are none.
    """
    folder = Path(root) / "book"
    chapters = sorted(p for p in folder.glob("*.ipynb") if CHAPTER_NAME.fullmatch(p.stem))
    if not chapters:
        raise ChapterError(
            f"Expected chapters such as 01_exposure.ipynb in {folder}, but there are none: "
            "run this in a checkout of the project."
        )
    return chapters


def read_notebook(path: Path | str) -> Notebook:
    """Read a notebook as version 4.

    Raises:
        ChapterError: missing, or not a notebook.
    """
    try:
        return nbformat.read(str(path), as_version=4)  # type: ignore[no-untyped-call]
    except FileNotFoundError as error:
        raise ChapterError(f"Expected a notebook at {path}, but there is no such file.") from error
    except Exception as error:  # nbformat raises many kinds for one thing: this is no notebook
        raise ChapterError(
            f"Expected a notebook in {path}, but it does not parse ({type(error).__name__}): "
            "restore it."
        ) from error


def write_notebook(path: Path | str, notebook: Notebook) -> None:
    """Write a notebook as Jupyter does: one space of indent, a final newline. Raises FilesError."""
    text: str = nbformat.writes(notebook, version=4)  # type: ignore[no-untyped-call]
    write_text(path, text.rstrip("\n") + "\n")


def tags(cell: Cell) -> list[str]:
    """Tags of a cell; an empty list where it has none."""
    return list(cell.metadata.get("tags", []))


def question_id(cell: Cell) -> str | None:
    """Id of the question that an answer or check cell belongs to, such as ``"02.unet-block"``.

    Metadata first, then the cell's id: an editor may rewrite ids.
    """
    in_metadata = cell.metadata.get("exposure_lab", {}).get("question")
    if in_metadata:
        return str(in_metadata)
    match = re.fullmatch(r"(?:answer|check)-(\d\d)-([a-z0-9-]+)", cell.get("id", ""))
    return f"{match[1]}.{match[2]}" if match else None


class Failure(NamedTuple):
    """Reason why an execution is no success."""

    sentence: str
    raised: bool
    """Whether the cell raised it; otherwise something kept the cell from running."""


def failure(notebook: Notebook) -> Failure | None:
    """Find the first code cell that did not run well; None where all did.

    It is judged by what the cells hold. What papermill writes about itself is not asked: it says
    "completed" of cells that a dead kernel or a timeout never finished.
    """
    own = [cell for cell in notebook.cells if "injected-parameters" not in tags(cell)]
    for number, cell in enumerate(own, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        where = f"cell {number} ({cell.get('id', 'no id')})"
        if "raises-exception" not in tags(cell):
            for output in cell.outputs:
                if output.output_type == "error":
                    return Failure(f"{where} {_describe_error(output)}", raised=True)
        if cell.execution_count is None:
            return Failure(f"{where} did not run", raised=False)
    return None


def clean(notebook: Notebook, private: Mapping[str, str]) -> Notebook:
    """Remove from an executed copy, in place, what nobody else should see.

    Times and paths that papermill wrote, widget state (a static page has no kernel for it), red
    banner cells of a failure, and the folders in ``private``. The injected cell gets the tag that
    hides it from the page.

    Args:
        notebook: an executed copy.
        private: folder to what stands for it, such as ``{"/tmp/x": "."}``.
    """
    for key in ("papermill", "widgets"):
        notebook.metadata.pop(key, None)
    notebook.cells = [c for c in notebook.cells if "papermill-error-cell-tag" not in tags(c)]
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in tags(cell):
            cell.metadata["tags"] = [*tags(cell), "remove-cell"]
        elif not tags(cell):
            cell.metadata.pop("tags", None)
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if WIDGET_VIEW not in o.get("data", {})]
            for output in cell.outputs:
                _replace_folders(output, private)
    return notebook


def private_folders(*working: Path) -> dict[str, str]:
    """List the folders of this machine that a page must not name, the longest first.

    Returns:
        Folder to what stands for it on the page.
    """
    folders = {str(Path.home()): "~", os.path.realpath(Path.home()): "~"}
    folders.pop("/", None)
    for folder in working:
        folders |= {str(folder): ".", os.path.realpath(folder): "."}
    return dict(sorted(folders.items(), key=lambda item: -len(item[0])))


def _replace_folders(node: Any, private: Mapping[str, str]) -> None:
    """Replace folder names in every text of an output; pictures hold none."""
    for key, value in node.items():
        if key.startswith("image/") and key != "image/svg+xml":
            continue
        if isinstance(value, dict):
            _replace_folders(value, private)
        elif isinstance(value, str):
            node[key] = _hide_folders(value, private)
        elif isinstance(value, list):
            node[key] = [_hide_folders(v, private) if isinstance(v, str) else v for v in value]


def _hide_folders(text: str, private: Mapping[str, str]) -> str:
    for folder, name in private.items():
        # Not inside a longer name: /root must not match in /rooted.
        text = re.sub(rf"{re.escape(folder)}(?![\w-])", name, text)
    # The number of a kernel's process, in the place that warnings are reported from.
    return re.sub(r"\.?/\S*ipykernel_\d+/\d+\.py", "<cell>", text)


def _describe_error(error: Any) -> str:
    if error.ename == "KeyboardInterrupt":  # nobody but the time limit presses the stop button
        return "took longer than a cell may, and was stopped"
    return f"raised {error.ename}: {_first_line(error.evalue)}"


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no message"
