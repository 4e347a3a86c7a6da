"""Answers in a student's notebook, whatever an editor made of ids, metadata and format."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_up_course import FILE, course, package_has, write_book

from exposure_lab.course.release.own_notebook import OwnNotebook, read_own_notebook
from exposure_lab.errors import ChapterError

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def handed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], OwnNotebook]:
    """Notebook of a student, after an editor's change to its JSON, as it is read."""
    package_has(monkeypatch)
    content = json.loads(course(write_book(tmp_path / "book")).release().files[FILE])
    by_id(content, "answer-01-scale")["source"] = ["def scale(x):\n", "    return helper(x)"]
    added = {"cell_type": "code", "source": "def helper(x):\n    return x", "metadata": {}}
    content["cells"].insert(3, added | {"id": "added", "outputs": [], "execution_count": 3})

    def read(change: Change) -> OwnNotebook:
        change(content)
        path = tmp_path / "mine.ipynb"
        path.write_text(json.dumps(content), encoding="utf-8")
        return read_own_notebook(path)

    return read


def by_id(content: dict[str, Any], name: str) -> dict[str, Any]:
    return next(cell for cell in content["cells"] if cell.get("id") == name)


def summary(notebook: OwnNotebook) -> list[tuple[str, str | None]]:
    """First line of each cell that would run, with its question."""
    return [(cell.source.partition("\n")[0], question) for cell, question in notebook.cells]


RAN = [
    ("def helper(x):", None),
    ("def scale(x):", "01.scale"),
    ("squared = None  # a number", "01.square"),
]


def nothing(_content: dict[str, Any]) -> None:
    """Leave it as it is."""


def older_format(content: dict[str, Any]) -> None:
    content["nbformat_minor"] = 2
    for cell in content["cells"]:
        cell.pop("id", None)


def colab_ids(content: dict[str, Any]) -> None:
    for number, cell in enumerate(content["cells"]):
        cell["metadata"]["id"] = f"aBc{number}"
        cell["id"] = f"aBc{number}"
        cell["metadata"].pop("tags", None)


def windows_ends(content: dict[str, Any]) -> None:
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")


def other_metadata(content: dict[str, Any]) -> None:
    for cell in content["cells"]:
        cell["metadata"] |= {"colab": {"base_uri": "x"}, "tags": "text"}


@pytest.mark.parametrize("change", [nothing, older_format, colab_ids, windows_ends, other_metadata])
def test_answers_are_found(handed_in: Callable[[Change], OwnNotebook], change: Change) -> None:
    notebook = handed_in(change)
    assert [question.id for question in notebook.questions] == ["01.scale", "01.square"]
    assert summary(notebook) == RAN
    assert set(notebook.remarks.values()) == {""}
    assert notebook.setup.startswith("import numpy as np")
    assert notebook.questions[0].variant["factor"] > 1


def no_metadata(content: dict[str, Any]) -> None:
    for cell in content["cells"]:
        cell["metadata"] = {}
    content["metadata"] = {}


def nothing_but_code(content: dict[str, Any]) -> None:
    no_metadata(content)
    older_format(content)


def test_without_metadata_the_ids_tell(handed_in: Callable[[Change], OwnNotebook]) -> None:
    notebook = handed_in(no_metadata)
    assert summary(notebook)[:3] == RAN
    assert notebook.remarks["01.scale"] == ""


def test_with_nothing_but_code_the_place_tells(
    handed_in: Callable[[Change], OwnNotebook],
) -> None:
    notebook = handed_in(nothing_but_code)
    assert summary(notebook)[:3] == RAN
    assert "secret_of_the_chapter" not in str(notebook.cells), "a cell of the chapter would run"
    assert "only the place of cell 5" in notebook.remarks["01.scale"]
    assert notebook.setup.startswith("import numpy as np")


def lost(content: dict[str, Any]) -> None:
    content["cells"].remove(by_id(content, "answer-01-scale"))


def doubled(content: dict[str, Any]) -> None:
    at = content["cells"].index(by_id(content, "answer-01-scale"))
    content["cells"].insert(at, dict(content["cells"][at]))


def test_missing_and_doubled_answers_are_named(
    handed_in: Callable[[Change], OwnNotebook],
) -> None:
    assert "cells 5 and 6 of the notebook" in handed_in(doubled).remarks["01.scale"]
    handed_in(lost)
    notebook = handed_in(lost)
    assert "it is missing" in notebook.remarks["01.scale"]
    assert "01.scale" not in {question for _, question in notebook.cells}
    assert notebook.remarks["01.square"] == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "no such file"),
        (b"%PDF-1.7 \xff\xfe", "it is none inside"),
        (b"[" * 200_000, "it is none inside"),
        (b'{"worksheets": []}', "it has no cells"),
        (b"[1]", "it has no cells"),
        (b'{"cells": [3, {"cell_type": "code"}, {"cell_type": "markdown"}]}', "it asks none"),
        (b'{"cells": [{"cell_type": "code", "source": 3, "metadata": [1]}]}', "it asks none"),
    ],
)
def test_what_is_no_chapter_is_said(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "a.ipynb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ChapterError, match=sentence):
        read_own_notebook(path)


def test_a_folder_is_no_notebook(tmp_path: Path) -> None:
    with pytest.raises(ChapterError, match="cannot be read"):
        read_own_notebook(tmp_path)
