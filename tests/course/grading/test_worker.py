"""Cells as the worker takes them: which statements a question needs, and how they run."""

import sys
from typing import Any

import pytest

from exposure_lab.course.grading import worker_statements
from exposure_lab.course.grading.worker_cells import Notebook
from exposure_lab.course.grading.worker_question import Printed, in_one_line
from exposure_lab.course.grading.worker_statements import Cell, NotThere, Placeholder


def run(name: str, *cells: tuple[str, str | None], setup: str = "") -> tuple[Any, Any]:
    """Run what the question of that name needs of some cells."""
    names = dict.fromkeys([name, *(question for _, question in cells if question)])
    job = {
        "setup": setup,
        "cells": [{"source": source, "question": question} for source, question in cells],
        "questions": [{"id": each, "name": each} for each in names],
    }
    notebook = Notebook(job, worker_statements)
    found, error = notebook.run(name, name, vars(notebook.run_setup()))
    return (None if found is notebook.MISSING else found), error


ANSWERS = {
    "a helper above": [("def h(x):\n    return x + 1", None), ("def f():\n    return h(1)", "f")],
    "a helper below": [("def f():\n    return h(1)", "f"), ("def h(x):\n    return x + 1", None)],
    "a helper of a helper": [
        ("k = 1\ndef h(x):\n    return x + k", None),
        ("def f():\n    return g()", "f"),
        ("def g():\n    return h(1)", None),
    ],
    "a helper in another answer": [
        ("def g(x):\n    return x + 1", "g"),
        ("def f():\n    return g(1)", "f"),
    ],
    "a table that another answer fills": [
        ("table = []\nfor i in range(3):\n    table.append(i)", "g"),
        ("def f():\n    return table[2]", "f"),
    ],
    "an import inside": [("def f():\n    import math\n    return math.floor(2.5)", "f")],
    "an import in an added cell": [
        ("import math as m\nfrom os import *", None),
        ("def f():\n    return m.floor(2.5)", "f"),
    ],
    "an import that is tried": [
        ("try:\n    import numba_is_not_here\nexcept ImportError:\n    two = 2", None),
        ("def f():\n    return two", "f"),
    ],
    "a name that is looked up by its text": [
        ("two = 2", None),
        ("def f():\n    return globals()['two']", "f"),
    ],
    "a class and a decorator": [
        ("def d(g):\n    return lambda: g() + 1", None),
        ("@d\ndef f():\n    return 1", "f"),
    ],
    "a cell that was split": [("two = 2", "f"), ("def f():\n    return two", "f")],
    "Windows line ends": [("two = 2\r\ndef f():\r\n    return two\r\n", "f")],
    "a byte order mark": [("\ufeffdef f():\n    return 2", "f")],
    "annotations that name nothing": [
        ("from __future__ import annotations\ndef f() -> Nothing:\n    return 2", "f")
    ],
    "magics": [
        ("%matplotlib inline\n!ls\nnp?\nhere = !pwd\ndef f():\n    %time 1\n    return 2", "f")
    ],
    "a failing line before it": [("print(undefined)\ndef f():\n    return 2", "f")],
    "a check behind it": [
        ("def f():\n    return 2\ncheck('01.f', f)\ndisplay(f())", "f"),
    ],
    "a later cell that uses the same name": [
        ("k = 2\ndef f():\n    return k", "f"),
        ("k = 5\ndef f():\n    return 7", None),
        ("k = 6\ndef g():\n    return k", "g"),
    ],
}


@pytest.mark.parametrize("way", ANSWERS)
def test_an_honest_answer_is_found(way: str) -> None:
    setup = "from exposure_lab.notebook import check, no_such_name"
    found, _ = run("f", *ANSWERS[way], setup=setup)
    assert found() == 2


@pytest.mark.parametrize(
    "other",
    [
        "import sys\nsys.exit()",
        "while True:\n    pass",
        "for _ in iter(int, 1):\n    k = 1",
        "history = [0 for _ in iter(int, 1)]",
        "raise SystemExit",
        "this is no Python",
        "(" * 500 + ")" * 500,
        "x = '\x00'",
    ],
)
@pytest.mark.parametrize("question", [None, "g"])
def test_what_is_not_needed_does_not_run(other: str, question: str | None) -> None:
    found, error = run("f", (other, question), ("def f():\n    return 2", "f"), (other, question))
    assert found() == 2 and error is None


def test_the_error_of_the_own_cell_is_kept() -> None:
    found, error = run("f", ("def f(:", "f"))
    assert found is None and isinstance(error, SyntaxError)
    found, error = run("f", ("f = 1 + undefined", "f"))
    assert found is None and in_one_line(error) == "NameError: name 'undefined' is not defined"


def test_a_name_that_the_chapter_imports_is_no_answer() -> None:
    found, _ = run("sqrt", ("# nothing yet", "sqrt"), setup="from math import sqrt")
    assert found is None


def test_only_what_is_needed_of_the_import_cell_is_imported() -> None:
    sys.modules.pop("this", None)
    setup = "import this\nfrom math import floor, ceil\nslow = [0 for _ in iter(int, 1)]"
    found, _ = run("f", ("def f():\n    return floor(2.5)", "f"), setup=setup)
    assert found() == 2 and "this" not in sys.modules


def test_a_placeholder_raises_a_sentence_however_it_is_used() -> None:
    uses = [
        lambda gone: gone(1),
        lambda gone: gone.name_of_it,
        lambda gone: gone + 1,
        lambda gone: 2 * gone,
        lambda gone: gone[0],
        lambda gone: list(gone),
        lambda gone: not gone,
    ]
    for use in uses:
        with pytest.raises(NotThere, match="`psnr` is not there while answers are graded"):
            use(Placeholder("psnr"))


def test_a_cell_knows_its_error() -> None:
    assert isinstance(Cell("return 1").error, SyntaxError)
    assert Cell("x = 1").error is None


def test_only_the_beginning_of_what_is_printed_is_kept() -> None:
    printed = Printed()
    for _ in range(3000):
        print("ab", file=printed, end="")
    assert printed.text == "ab" * 1000


def test_an_error_is_one_line_of_200_signs() -> None:
    assert in_one_line(ValueError("a\nb")) == "ValueError: a b"
    assert len(in_one_line(ValueError("x" * 10_000))) == 200
    assert in_one_line(MemoryError()) == "MemoryError"
