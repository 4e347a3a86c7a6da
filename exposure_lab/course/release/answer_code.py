"""Code of answer and check cells as a student gets it: solutions taken out, checks of a variant."""

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from exposure_lab.errors import GradingError

SOLUTION = re.compile(
    r"^(?P<indent>[ \t]*)### BEGIN SOLUTION[ \t]*\n(?:.*\n)*?[ \t]*### END SOLUTION[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)
MARK = re.compile(r"###\s*(?:BEGIN|END) SOLUTION", re.IGNORECASE)

UNWRITTEN = "raise NotImplementedError  # your code takes the place of this line"
"""Body of a function that is still to be written; the checks know this error."""

LINE = 88
"""Columns from which the line of a check is broken: a phone and Colab show about as many."""


def take_out_solutions(source: str, question_id: str) -> str:
    """Take the solutions out of an answer's cell, so that what is left still parses.

    Inside a function a line that raises stands in for the solution; outside, what the cell
    assigns before it stays, and where there is nothing, an ellipsis.

    Raises:
        GradingError: marks that do not pair up, no solution, or a rest that does not parse.
    """

    def stub(match: re.Match[str]) -> str:
        return f"{match['indent']}{UNWRITTEN}\n" if match["indent"] else ""

    left, count = SOLUTION.subn(stub, source)
    if not count or MARK.search(left):
        raise GradingError(
            f"Expected the solution of {question_id} between ### BEGIN SOLUTION and ### END "
            "SOLUTION, each in a line of its own, but the marks do not pair up: mend the chapter."
        )
    left = left.rstrip("\n") or "..."
    try:
        if not ast.parse(left).body:  # nothing but a comment
            left += "\n..."
    except SyntaxError as error:
        raise GradingError(
            f"Expected the starting code of {question_id} to parse without its solution, but line "
            f"{error.lineno} does not: mend the chapter."
        ) from error
    return left


def first_code_line(source: str) -> str:
    """First line of a cell that is code: neither empty nor a comment nor a magic command."""
    lines = (line.strip() for line in source.splitlines())
    return next((line for line in lines if line and line[0] not in "#%!"), "")


def check_call(question_id: str, name: str, variant: Mapping[str, Any]) -> str:
    """Code of a check cell.

    Args:
        question_id: such as ``01.render-ev``.
        name: what the answer's cell defines.
        variant: what the release drew; empty for the check that the book has.
    """
    arguments = [f'"{question_id}"', name]
    if variant:
        arguments.append(f"variant={_literal(variant)}")
    line = f"check({', '.join(arguments)})"
    if len(line) <= LINE:
        return line
    return "check(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def _literal(value: Any) -> str:
    """Python code of a JSON value, with the quotation marks that a formatter would take."""
    if isinstance(value, Mapping):
        pairs = (f"{_literal(key)}: {_literal(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def no_check(question_id: str) -> str:
    """Code of a check cell of an instructor's own question, which the package does not know."""
    return f'print("{question_id}: a question of your instructor\'s own, without a check here.")'
