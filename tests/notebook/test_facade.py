"""One face for chapters: every name is there, none is left over, and a chapter needs no other."""

import ast
import json
from pathlib import Path

import pytest

from exposure_lab import notebook

BOOK = Path(__file__).resolve().parents[2] / "book"

CHAPTERS = sorted([*BOOK.glob("*.ipynb"), *BOOK.glob("instructors/*.ipynb")])


def imported_names(chapter: Path) -> set[str]:
    """Names that a chapter imports from the library; all from the one face."""
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    names = set()
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code" or "exposure_lab" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("exposure_lab"):
                assert node.module == "exposure_lab.notebook", f"{chapter.name}: {node.module}"
                names |= {alias.name for alias in node.names}
    return names


def test_chapters_import_from_nowhere_else_and_need_every_name() -> None:
    assert len(CHAPTERS) >= 9
    assert set().union(*map(imported_names, CHAPTERS)) == set(notebook.__all__)


def test_every_name_is_there() -> None:
    for name in notebook.__all__:
        assert getattr(notebook, name) is not None
    assert dir(notebook) == sorted(notebook.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        notebook.nothing  # noqa: B018


def test_no_name_is_that_of_a_module_beside_it() -> None:
    # Once such a module is imported, the package's attribute is the module and no longer the name.
    homes = {name: home for name, home in notebook._HOMES.items() if home.startswith("notebook.")}
    assert homes and not [name for name, home in homes.items() if home == f"notebook.{name}"]
