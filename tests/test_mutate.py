"""Mutants of a toy module: what tests notice, and what they do not."""

import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / ".ci" / "mutate.py"

TOY = """def both(a: bool, b: bool) -> bool:
    return a and b
"""

TESTS = """from toy import both


def test_both():
    assert both(True, True) and both(False, False) is False
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script as a module; it lies outside of every package."""
    spec = spec_from_file_location("mutate", SCRIPT)
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules["mutate"] = module
    spec.loader.exec_module(module)
    return module


def changes(script: ModuleType, source: str) -> list[tuple[str, str]]:
    """List (original, changed) of every mutant."""
    return [(mutant.original, mutant.changed) for mutant in script.mutants(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a < b", [("a < b", "a <= b"), ("a < b", "a >= b")]),
        ("x = a in b", [("a in b", "a not in b")]),
        ("x = a == b != c", [("a == b != c", "a != b != c"), ("a == b != c", "a == b == c")]),
        ("x = a + b", [("a + b", "a - b")]),
        ("x = a and b", [("a and b", "a or b")]),
        ("x = not a", [("not a", "a")]),
        ("x = 2.5", [("2.5", "3.5"), ("2.5", "1.5")]),
        ("x = True", [("True", "False")]),
        ("x[1:]", [("x[1:]", "pass"), ("1", "2"), ("1", "0")]),
        ("while a:\n    f()\n    break", [("f()", "pass"), ("break", "pass")]),
        ("x += a", [("x += a", "pass")]),
        ('"""Text."""\nx: "list[2]" = a', []),
    ],
)
def test_each_kind_of_change(
    script: ModuleType, source: str, expected: list[tuple[str, str]]
) -> None:
    assert changes(script, source) == expected


def test_one_change_at_a_time(script: ModuleType) -> None:
    source = "x = 1\ny = a < b\nz = c + d"
    for mutant in script.mutants(source):
        lines = mutant.source.splitlines()
        different = [i for i, line in enumerate(source.splitlines(), 1) if lines[i - 1] != line]
        assert different == [mutant.line]


def run(folder: Path, tests: str) -> subprocess.CompletedProcess[str]:
    """Run the script on the toy and these tests of it."""
    (folder / "toy.py").write_text(TOY)
    (folder / "test_toy.py").write_text(tests)
    command = [sys.executable, str(SCRIPT), "--lines", "2", "2", "toy.py", "test_toy.py"]
    quick = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=quick, capture_output=True, text=True)


@pytest.mark.slow
def test_what_no_test_notices_is_listed(tmp_path: Path) -> None:
    done = run(tmp_path, TESTS)
    assert (done.returncode, done.stderr) == (1, "")
    assert "toy.py:2: not noticed: a and b  ->  a or b\n1 noticed, 1 not\n" in done.stdout
    assert (tmp_path / "toy.py").read_text() == TOY


@pytest.mark.slow
def test_nothing_is_listed_where_all_is_noticed(tmp_path: Path) -> None:
    done = run(tmp_path, TESTS + "    assert not both(True, False)\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("2 noticed, 0 not\n") and "not noticed" not in done.stdout


def test_tests_that_fail_anyway_are_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "def test_it():\n    assert False\n")
    assert done.returncode == 2
    assert "fail without any change" in done.stderr
