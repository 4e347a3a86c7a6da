"""Cells of CSV tables that spreadsheets show and never run, and the way back from them.

A spreadsheet takes a cell that begins with one of ``= + - @`` for a formula. Where it splits at
semicolons, as in many countries, a cell also begins behind one. An apostrophe in front makes each
of them text. Source: OWASP, "CSV Injection".
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

Cell = str | int | float | None

FORMULA = re.compile(r"(^|[;\t\r\n])('*[=+\-@＝＋－＠])")  # noqa: RUF001 - full-width forms count too
GUARDED = re.compile(r"(^|[;\t\r\n])'('*[=+\-@＝＋－＠])")  # noqa: RUF001
BLANK_START = re.compile(r"'*[\t\r\n]")


def protect(text: str) -> str:
    """Put an apostrophe before whatever a spreadsheet would take for a formula."""
    text = FORMULA.sub(r"\1'\2", text)
    return f"'{text}" if BLANK_START.match(text) else text


def unprotect(cell: str) -> str:
    """Take away the apostrophes that `protect` put into a text."""
    if cell.startswith("'") and BLANK_START.match(cell):
        cell = cell[1:]
    return GUARDED.sub(r"\1\2", cell)


def tidy_number(value: float) -> float:
    """Number as tables and pages show it: two decimals at most, and a whole one without any."""
    cents = round(value + 1e-9, 2)  # half a cent goes up, though 0.145 is stored as less
    return int(cents) if cents == int(cents) else cents


def csv_text(
    rows: Iterable[Sequence[Cell]], *, delimiter: str = ",", spreadsheet: bool = True
) -> str:
    """Format rows as CSV after RFC 4180, texts protected; numbers stay numbers.

    Args:
        rows: the header first.
        delimiter: sign between the columns.
        spreadsheet: begin with the mark by which Excel knows UTF-8; not where a program reads it.
    """
    file = io.StringIO()
    if spreadsheet:
        file.write("\ufeff")
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(
        [_written(cell) for cell in row] for row in rows
    )
    return file.getvalue()


def _written(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return protect(cell.encode("utf-8", "replace").decode())  # no lone surrogates
    return tidy_number(cell) if isinstance(cell, float) else cell
