"""A book of one small chapter and made-up questions, for the tests of releases."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from exposure_lab.course.graded import registry
from exposure_lab.course.release.release import Course
from exposure_lab.publishing.notebook_files import write_notebook

OWN_QUESTIONS = Path(__file__).parent / "own_questions"
FILE = "01_scaling.ipynb"

SOLUTIONS = {
    "scale": "    wanted = 2 * x  # the secret of the chapter\n    return wanted",
    "squared": "squared = 12**2  # this too",
    "unmarked": "unmarked = 4711",
}


def exercise(name: str, title: str, text: str) -> Any:
    """Markdown cell with an exercise, and prose with a role before it."""
    label = f":label: ex-01-{name}"
    directive = f"```{{exercise}} {title}\n{label}\n\n{text}\n```"
    cell = new_markdown_cell(f"A {{term}}`stop` doubles the light.\n\n{directive}")
    cell["id"] = f"exercise-{name}"
    return cell


def answer(question: str, source: str, points: int) -> Any:
    """Answer cell of an exercise."""
    own = {"question": f"01.{question}", "points": points, "tier": "A"}
    cell = new_code_cell(source, metadata={"tags": ["answer", "hide-input"], "exposure_lab": own})
    cell["id"] = f"answer-01-{question}"
    return cell


def check_cell(question: str, name: str) -> Any:
    """Check cell of an exercise, with the output that a committed chapter holds."""
    own = {"question": f"01.{question}"}
    tags = ["check", "nbval-check-output"]
    cell = new_code_cell(
        f'check("01.{question}", {name})', metadata={"tags": tags, "exposure_lab": own}
    )
    cell["id"], cell["execution_count"] = f"check-01-{question}", 1
    text = f"01.{question}: right, 3 points.\n"
    cell["outputs"] = [new_output("stream", name="stdout", text=text)]
    return cell


def solved(head: str, solution: str) -> str:
    """Source of an answer with its solution between marks."""
    indent = " " * (len(solution) - len(solution.lstrip()))
    return f"{head}\n{indent}### BEGIN SOLUTION\n{solution}\n{indent}### END SOLUTION"


def cells() -> list[Any]:
    """Cells of the chapter."""
    intro = new_markdown_cell(
        "# Scaling: a small chapter\n\n[Open this chapter in Colab](https://colab.research.google."
        "com/github/a/b/blob/student/book/01_scaling.ipynb), without the solutions.\n\nSee "
        "[the next chapter](02_next.ipynb) and {cite}`isola2017`."
    )
    intro["id"] = "intro"
    imports = new_code_cell(
        "import numpy as np\n\nfrom exposure_lab.notebook import (\n    check,\n)"
    )
    imports["id"] = "imports"
    picture = new_code_cell("secret_of_the_chapter = np.zeros(3)")
    picture["id"] = "picture"
    return [
        intro,
        imports,
        exercise("scale", "Scale", "Write `scale(x)`: twice each value. *(9 points)*"),
        answer("scale", solved('def scale(x):\n    """Twice x."""', SOLUTIONS["scale"]), 9),
        check_cell("scale", "scale"),
        picture,
        exercise("square", "Square", "What is the square?"),
        answer("square", solved("squared = None  # a number", SOLUTIONS["squared"]), 2),
        check_cell("square", "squared"),
        exercise("unmarked", "No mark", "Any number. *(1 point)*"),
        answer("unmarked", solved("# your number", SOLUTIONS["unmarked"]), 1),
        check_cell("unmarked", "unmarked"),
    ]


def write_book(folder: Path, chapter: list[Any] | None = None) -> Path:
    """Write the folder of chapters and give it back."""
    notebook = new_notebook(cells=cells() if chapter is None else chapter)
    notebook.metadata["exposure_lab"] = {"question": "?", "surprise": "!", "picture": "none"}
    folder.mkdir(parents=True, exist_ok=True)
    write_notebook(folder / FILE, notebook)
    (folder / "references.bib").write_text(
        "@article{isola2017, author={Isola, P. and Zhu, J.}, title={T}, year={2017}}\n"
    )
    return folder


def course(book: Path, seed: int = 5, **how: Any) -> Course:
    """Course of the small book, with the package's questions unless told otherwise."""
    return Course(book, seed, **how)


def package_has(monkeypatch: Any, folder: Path = OWN_QUESTIONS) -> None:
    """Let the package's own questions be those of a folder."""

    def modules(chapter: str | None) -> Iterator[Any]:
        return registry._own_modules(folder, chapter)

    monkeypatch.setattr(registry, "_package_modules", modules)


def by_id(text: str) -> Mapping[str, Any]:
    """Cells of a notebook's text by id, in order."""
    return {cell["id"]: cell for cell in json.loads(text)["cells"]}
