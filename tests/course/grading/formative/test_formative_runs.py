"""Whole notebooks in the sandbox: how far they come, what stops them, what is out of reach."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from made_up_batch import needs_sandbox

from exposure_lab.course.grading.formative import run_notebook
from exposure_lab.course.grading.formative.result import LONGEST
from exposure_lab.course.grading.formative.run_notebook import LIMITS, NotebookRun, stage
from exposure_lab.course.grading.formative.whole_notebook import CodeCell
from exposure_lab.course.grading.sandbox.limits import Limits
from exposure_lab.errors import GradingError

pytestmark = [needs_sandbox, pytest.mark.slow]

ENDLESS = "x = 0\nwhile True:\n    x += 1"


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stage(tmp_path_factory.mktemp("stages"))


def run(
    staged: Path,
    *cells: CodeCell | str,
    seconds: float = 60.0,
    limits: Limits = LIMITS,
    sandboxed: bool = True,
) -> NotebookRun:
    """Run cells; text is a cell of the chapter."""
    made = [CodeCell(one, "given") if isinstance(one, str) else one for one in cells]
    done = NotebookRun(made, seconds)
    done.run(staged, limits=limits, sandboxed=sandboxed)
    return done


def check(question: str, line: str) -> CodeCell:
    return CodeCell(f"print({line!r})", "check", question)


def test_a_notebook_runs_to_its_end(staged: Path) -> None:
    done = run(
        staged,
        "from exposure_lab.notebook import check, start",
        "help(len)\nprint('of no interest')",
        check("01.a", "01.a: right, 2 points."),
        "check('01.predict-stop', None)",
    )
    assert done.stop is None and done.ran == 4
    (line,) = done.checks
    assert (line.question, line.line) == ("01.a", "01.a: right, 2 points.")


def test_a_notebook_stops_at_the_first_error_and_names_its_cell(staged: Path) -> None:
    answer = CodeCell("# mine\nf = 1 / missing", "answer", "01.f")
    done = run(staged, "x = 1", answer, check("01.f", "unseen"))
    assert done.stop is not None and done.ran == 1 and done.checks == ()
    assert (done.stop.cell, done.stop.kind, done.stop.question) == (2, "answer", "01.f")
    assert (done.stop.number, done.stop.line) == (2, "f = 1 / missing")
    assert done.stop.limit is None
    assert done.stop.error == "NameError: name 'missing' is not defined"


def test_an_error_in_a_function_is_told_where_the_cell_calls_it(staged: Path) -> None:
    done = run(staged, "def f():\n    # far\n\n    return {}[5]", "x = 1\ny = 2\n  \nf()\nz = 3")
    assert done.stop is not None and done.stop.error == "KeyError: 5"
    assert (done.stop.cell, done.stop.number, done.stop.line) == (2, 4, "f()")
    syntax = run(staged, "x = 1\ny = = 2")
    assert syntax.stop is not None and syntax.stop.error.startswith("SyntaxError")
    assert (syntax.stop.number, syntax.stop.line) == (2, "y = = 2")


def test_a_cell_that_loops_is_ended(staged: Path) -> None:
    done = run(staged, "x = 1", ENDLESS, seconds=1.0)
    assert done.stop is not None and (done.stop.cell, done.stop.limit) == (2, "time")
    assert 1.0 <= done.seconds < 10


@pytest.mark.parametrize("cell", ["print('x' * 10_000)", "display({'text/html': 'x' * 10_000})"])
def test_a_flood_of_output_is_ended(
    staged: Path, monkeypatch: pytest.MonkeyPatch, cell: str
) -> None:
    monkeypatch.setattr(run_notebook, "OUTPUT", 1_000_000)
    if cell.startswith("display"):
        cell = cell.replace(")", ", raw=True)")
    done = run(staged, f"while True:\n    {cell}")
    assert done.stop is not None and done.stop.limit == "output"


def test_too_much_memory_and_a_kernel_that_leaves_are_told(staged: Path) -> None:
    small = replace(LIMITS, memory=400 * 2**20)
    done = run(staged, "x = bytearray(10**9)\nx[::4096] = b'x' * len(x[::4096])", limits=small)
    assert done.stop is not None
    # Without control groups Python itself says so.
    assert done.stop.limit == "memory" or done.stop.error.startswith("MemoryError")
    left = run(staged, "import os\nos._exit(0)")
    assert left.stop is not None and (left.stop.cell, left.stop.limit) == (1, "died")


def test_long_and_broken_texts_are_cut(staged: Path) -> None:
    raising = f"raise type('N' * 999, (Exception,), {{}})('x' * 10**6)\n{'#' * 9999}"
    done = run(staged, check("01.a", "y" * 10_000), raising)
    assert done.stop is not None
    assert len(done.stop.error) == len(done.checks[0].line) == LONGEST
    half = run(staged, r"print('\ud800')")
    assert half.stop is None or half.stop.error.startswith("UnicodeEncodeError")


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_marks_references_and_the_network_are_out_of_reach(
    staged: Path, tmp_path: Path, port: int
) -> None:
    record = tmp_path / "record.json"
    record.write_text("{}")
    reaching = f"""
import os, pathlib, socket
def refused(action):
    try:
        action()
    except OSError:
        return True
    raise SystemError("this could be reached")
refused(lambda: pathlib.Path({str(record)!r}).read_text())
refused(lambda: pathlib.Path({str(record)!r}).write_text("5 of 5"))
refused(lambda: os.listdir({str(tmp_path)!r}))
refused(lambda: socket.create_connection(("127.0.0.1", {port}), 1))
refused(lambda: pathlib.Path("/packages/mine").write_text(""))
refused(lambda: pathlib.Path("/worker/inside.py").write_text(""))
import exposure_lab
assert exposure_lab.__file__.startswith("/packages/"), exposure_lab.__file__
"""
    done = run(staged, reaching)
    assert done.stop is None
    assert record.read_text() == "{}"


def test_forged_records_change_no_more_than_feedback(staged: Path) -> None:
    forging = r"""
import json, os
parent = os.getppid()
for name in os.listdir(f"/proc/{parent}/fd"):
    try:
        pipe = os.open(f"/proc/{parent}/fd/{name}", os.O_WRONLY)
        for record in ({"end": True}, {"begin": 7}, {"check": 0, "line": "right, 99 points"},
                       {"check": "x", "line": []}, {"missing": ["marks"]}, {"error": 5}, [1]):
            os.write(pipe, b"\n" + json.dumps(record).encode() + b"\n")
    except OSError:
        pass
"""
    done = run(staged, forging, "unfinished = nope")
    assert done.checks == ()
    assert done.stop is not None and done.stop.error.startswith("NameError")


def test_a_trusted_notebook_runs_without_a_sandbox(staged: Path) -> None:
    assert run(staged, "x = 1", sandboxed=False).stop is None


def test_what_a_kernel_lacks_is_named(staged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_notebook, "NEEDED", ("nbformat", "no_such_kernel"))
    with pytest.raises(GradingError) as raised:
        run(staged, "x = 1")
    assert str(raised.value) == (
        "Expected no_such_kernel for the formative run, but there is none: run `pip install "
        '"exposure-lab[grade]"`, or leave --formative out.'
    )


def test_a_sandbox_that_does_not_start_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "inside.py").write_text("raise SystemExit('no room')")
    with pytest.raises(GradingError, match=r"to start a notebook, but it did not \(no room\)"):
        run(tmp_path, "x = 1")
