"""Cells that no spreadsheet runs, numbers that stay numbers, and texts that come back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure_lab.files.csv_table import (
    csv_text,
    protect,
    tidy_number,
    unprotect,
)

TEXTS = st.text(st.sampled_from("=+-@'\t\r\n;, \"aé＝1")) | st.text(max_size=20)  # noqa: RUF001


@given(TEXTS)
def test_no_cell_begins_with_what_a_spreadsheet_runs(text: str) -> None:
    assert not protect(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(TEXTS)
def test_nothing_begins_a_formula_where_a_spreadsheet_splits_at_semicolons(text: str) -> None:
    for piece in protect(text).split(";"):
        assert not piece.startswith(("=", "+", "-", "@"))


@given(TEXTS)
def test_protected_text_comes_back(text: str) -> None:
    assert unprotect(protect(text)) == text


@given(TEXTS)
def test_ordinary_text_is_left_alone(text: str) -> None:
    word = f"a{text.replace(';', '').replace(chr(9), '').replace(chr(10), '').replace(chr(13), '')}"
    assert protect(word) == word


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=4))
def test_table_comes_back(rows: list[list[str]]) -> None:
    text = csv_text(rows)
    assert text.startswith("\ufeff")
    read = csv.reader(io.StringIO(text[1:], newline=""), strict=True)
    assert [[unprotect(cell) for cell in row] for row in read] == rows


def test_numbers_stay_numbers_and_lines_end_as_rfc_4180_says() -> None:
    text = csv_text([["a", -1, 2.0, 0.1 + 0.2, None]], spreadsheet=False)
    assert text == "a,-1,2,0.3,\r\n"


def test_lone_surrogate_is_no_reason_to_lose_a_table() -> None:
    assert csv_text([["a\ud800b", 1]], spreadsheet=False).encode() == b"a?b,1\r\n"


@pytest.mark.parametrize(("value", "shown"), [(2.675, 2.68), (0.145, 0.15), (7 * 0.9, 6.3), (4, 4)])
def test_half_a_cent_goes_up(value: float, shown: float) -> None:
    assert tidy_number(value) == shown
