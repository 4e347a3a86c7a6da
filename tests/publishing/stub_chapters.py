"""Small notebooks for the tests of the machinery: no chapter of the book is needed to try it."""

from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from exposure_lab.publishing.notebook_files import write_notebook


def code(source: str, name: str = "", **metadata: Any) -> Any:
    """A code cell; ``tags`` and other metadata by keyword."""
    cell = new_code_cell(source, metadata=metadata)
    if name:
        cell["id"] = name
    return cell


def text(source: str) -> Any:
    """A Markdown cell."""
    return new_markdown_cell(source)


def parameters() -> Any:
    """The cell that papermill overrides."""
    return code('profile = "auto"\ndata = "auto"', "parameters", tags=["parameters"])


def exercise() -> list[Any]:
    """An answer and its check, as a chapter has them."""
    answer = code(
        "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
        "answer-01-double",
        tags=["answer"],
        exposure_lab={"question": "01.double", "points": 2, "tier": "A"},
    )
    check = code(
        'print("double: right" if double(2) == 4 else "double: wrong")',
        "check-01-double",
        tags=["check", "nbval-check-output"],
        exposure_lab={"question": "01.double"},
    )
    check.execution_count = 1
    check.outputs = [new_output("stream", name="stdout", text="double: right\n")]
    return [answer, check]


def write_chapter(root: Path, name: str, *cells: Any, complete: bool = True) -> Path:
    """Write ``book/<name>.ipynb`` under a folder; with a parameters cell unless told otherwise."""
    body = [text(f"# {name}"), parameters(), *cells] if complete else list(cells)
    notebook = new_notebook(cells=body)
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    notebook.metadata["exposure_lab"] = {
        "question": "What is it?",
        "surprise": "It is small.",
        "picture": "fig-stub",
    }
    path = root / "book" / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_notebook(path, notebook)
    return path


def odd_program(folder: Path) -> str:
    """A program that fails with the encoding it was told, a sign beyond ASCII, and a stray byte."""
    path = folder / "odd-program"
    line = r"""printf '%s: \316\224 and \377\n' "$PYTHONIOENCODING" >&2"""
    path.write_text(f"#!/bin/sh\n{line}\nexit 3\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)
