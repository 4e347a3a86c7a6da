"""Change one module in small ways and list the changes that its tests do not notice.

    python .ci/mutate.py exposure_lab/course/expectations.py tests/course/test_expectations.py
    python .ci/mutate.py --lines 100 140 MODULE TESTS...

Run it in the root of a checkout, with the interpreter of the tests. It works in a temporary copy
of the tree. Each mutant is one change: another comparison, another operator, a number one higher or
lower, a truth value turned round, a statement left out. A mutant that passes all tests is printed:
either a test is missing, or the change makes no difference. Exit code 1 where there is one.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
DROPPED = (ast.Expr, ast.AugAssign, ast.Raise, ast.Return, ast.Continue, ast.Break)
TYPES = {"annotation", "returns"}
"""Fields of a syntax tree that hold types, which change nothing when the program runs."""


class Mutant(NamedTuple):
    """Source of a module with one change."""

    line: int
    original: str
    changed: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Make every mutant of a module's source, in the order of its lines."""
    tree = ast.parse(source)
    places = sorted(_places(tree), key=lambda place: place[2].lineno)
    for parent, field, node, index in places:
        for replacement in _replacements(node):
            _put(parent, field, index, replacement)
            yield Mutant(node.lineno, _brief(node), _brief(replacement), ast.unparse(tree))
        _put(parent, field, index, node)


def _places(parent: ast.AST) -> Iterator[tuple[ast.AST, str, ast.expr | ast.stmt, int | None]]:
    """Find each (parent, field, node, index in the field where it is a list) below a node."""
    for field, value in ast.iter_fields(parent):
        if field in TYPES:
            continue
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(node, ast.expr | ast.stmt):
                yield parent, field, node, index if isinstance(value, list) else None
            if isinstance(node, ast.AST) and not isinstance(node, ast.JoinedStr):
                yield from _places(node)


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _replacements(node: ast.expr | ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left, operators, comparators):
            for i, operator in enumerate(operators):
                for other in COMPARISONS[type(operator)]:
                    yield ast.Compare(
                        left, [*operators[:i], other(), *operators[i + 1 :]], comparators
                    )
        case ast.BinOp(left, operator, right) if type(operator) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(operator)](), right)
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value) | float(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Expr(ast.Constant(str())):
            pass  # a docstring
        case ast.stmt() if isinstance(node, DROPPED):
            yield ast.Pass()


def _brief(node: ast.AST) -> str:
    first, *rest = ast.unparse(node).splitlines() or [""]
    return f"{first} ..." if rest else first


def copy_tree(root: Path, target: Path) -> None:
    """Copy what git knows of a checkout and does not ignore; everything where it is none."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if listed.returncode:
        shutil.copytree(root, target, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        return
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():  # a deleted file is still listed
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, target / name)


def passes(tests: list[str], folder: Path, seconds: float | None) -> bool:
    """Whether the tests pass in a copy of the tree; too slow counts as failing."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTEST_ADDOPTS", None)  # a report that somebody asked for is not ours
    try:
        run = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("module", help="file that is changed, below this folder")
    parser.add_argument("tests", nargs="+", help="files of tests that should notice")
    parser.add_argument("--lines", nargs=2, type=int, metavar=("FIRST", "LAST"))
    asked = parser.parse_args()
    first, last = asked.lines or (0, sys.maxsize)
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        copy = Path(scratch) / "tree"
        copy_tree(Path.cwd(), copy)
        file = copy / asked.module
        original = file.read_text(encoding="utf-8")
        start = time.monotonic()
        if not passes(asked.tests, copy, None):
            print("Expected tests that pass, but they fail without any change.", file=sys.stderr)
            return 2
        seconds = 10 + 3 * (time.monotonic() - start)
        chosen = [mutant for mutant in mutants(original) if first <= mutant.line <= last]
        print(f"{len(chosen)} mutants of {asked.module}, {seconds:.0f} s each at most", flush=True)
        survivors = 0
        for mutant in chosen:
            file.write_text(mutant.source, encoding="utf-8")
            if passes(asked.tests, copy, seconds):
                survivors += 1
                change = f"{mutant.original}  ->  {mutant.changed}"
                print(f"{asked.module}:{mutant.line}: not noticed: {change}", flush=True)
    print(f"{len(chosen) - survivors} noticed, {survivors} not")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
