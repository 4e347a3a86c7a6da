"""Notebooks, a release and downloads, made up small for the tests of intake."""

import copy
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from exposure_lab.course.release.manifest import (
    Manifest,
    ManifestChapter,
    ManifestQuestion,
    ManifestWritten,
    Tolerance,
)

Notebook = dict[str, Any]

IMPORTS = "import numpy as np\nfrom exposure_lab.notebook import check, start"
TRAINING = "history = start(profile)\nfor epoch in range(5):\n    print(epoch, history)"

RENDER_STUB = "def render_ev(srgb, ev):\n    raise NotImplementedError"
RENDER = "def render_ev(srgb, ev):\n    return srgb * 2.0**ev"
STOP_STUB = "predicted = None  # your guess, from 0 to 255"
STOP = "predicted = 174  # my guess"
WORDS = "A stop doubles the light."


def question(id_: str, name: str, stub: str) -> ManifestQuestion:
    """Question of one part and two points."""
    return ManifestQuestion(
        id=id_,
        chapter=id_[:2],
        cell_id=f"answer-{id_.replace('.', '-')}",
        name=name,
        points=2,
        tier="A",
        parts={"all": 2},
        variant={},
        stub=stub,
        leaves_out=(),
        tolerance=Tolerance(relative=1e-4, absolute=1e-5),
    )


def chapter(file: str) -> ManifestChapter:
    """Chapter of a file's number."""
    return ManifestChapter(file=file, number=file[:2], title=file, sha256="", setup=IMPORTS)


MANIFEST = Manifest(
    seed=1,
    version="0",
    commit="",
    chapters=(chapter("01_exposure.ipynb"), chapter("10_claims.ipynb")),
    questions=(
        question("01.predict-stop", "predicted", STOP_STUB),
        question("01.render-ev", "render_ev", RENDER_STUB.splitlines()[0]),
        question("10.verdict", "verdict", "def verdict(values):"),
    ),
    written=(
        ManifestWritten(
            id="01.in-your-words", chapter="01", cell_id="written-01-in-your-words", points=2
        ),
    ),
).sealed()


def code(source: str, own: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Code cell, as Jupyter writes one."""
    cell = {"cell_type": "code", "source": source, "outputs": [], "execution_count": None}
    metadata = {"exposure_lab": dict(own)} if own is not None else {}
    return {**cell, "metadata": metadata, **more}


def text(source: str, own: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Markdown cell."""
    metadata = {"exposure_lab": dict(own)} if own is not None else {}
    return {"cell_type": "markdown", "source": source, "metadata": metadata, **more}


def answer(id_: str, source: str) -> dict[str, Any]:
    """Cell of an answer as a release marks it."""
    own = {"question": id_, "points": 2, "tier": "A"}
    return code(source, own, id=f"answer-{id_.replace('.', '-')}")


def check(id_: str, name: str) -> dict[str, Any]:
    """Cell of a check as a release marks it."""
    cell = code(f'check("{id_}", {name})', {"question": id_}, id=f"check-{id_.replace('.', '-')}")
    cell["metadata"]["tags"] = ["check"]
    return cell


def notebook(cells: list[dict[str, Any]], **own: Any) -> Notebook:
    """Notebook of format 4.5."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "exposure_lab": own}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def first_chapter(
    render: str = RENDER, stop: str = STOP, words: str = WORDS, release: str = MANIFEST.release
) -> Notebook:
    """Chapter 01 as a student hands it in; with the stubs, as it was handed out."""
    cells = [
        text("# Exposure", {"given": True}, id="title"),
        code(IMPORTS, {"given": True}, id="imports"),
        code('profile = "auto"', {"given": True}, id="parameters"),
        answer("01.predict-stop", stop),
        check("01.predict-stop", "predicted"),
        answer("01.render-ev", render),
        check("01.render-ev", "render_ev"),
        text("**To answer in words.**", {"given": True}, id="prompt-01-in-your-words"),
        text(words, {"written": "01.in-your-words"}, id="written-01-in-your-words"),
        code(TRAINING, {"given": True}, id="training"),
    ]
    return notebook(cells, release=release, chapter="01", file="01_exposure.ipynb")


def tenth_chapter(source: str = "def verdict(values):\n    return 'holds'") -> Notebook:
    """Chapter 10 as a student hands it in."""
    cells = [answer("10.verdict", source), check("10.verdict", "verdict")]
    return notebook(cells, release=MANIFEST.release, chapter="10", file="10_claims.ipynb")


def changed(change: Callable[[Notebook], Any], start: Notebook | None = None) -> Notebook:
    """Copy of a notebook, the answered first chapter, after a change in place."""
    copied = copy.deepcopy(start or first_chapter())
    change(copied)
    return copied


def save(path: Path, content: Notebook | str | bytes) -> Path:
    """Write a notebook, or whatever stands in for one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, dict):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def dumped(content: Notebook) -> bytes:
    """Notebook as the bytes of its file."""
    return json.dumps(content).encode()


def write_zip(path: Path, members: Mapping[str, bytes | Notebook]) -> Path:
    """Zip of files by name; a name that ends in a slash is a folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, dumped(content) if isinstance(content, dict) else content)
    return path
