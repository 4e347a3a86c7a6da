"""The small drawn picture of each chapter, for the first page."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

BOOK = Path(__file__).resolve().parents[2] / "book"
CHAPTERS = sorted(path.stem[:2] for path in BOOK.glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("number", CHAPTERS)
def test_each_chapter_has_a_small_picture_that_asks_nobody(number: str) -> None:
    path = BOOK / "images" / f"chapter_{number}.svg"
    text = path.read_text("utf-8")
    assert len(text.encode()) <= 3000
    assert ElementTree.fromstring(text).get("viewBox") == "0 0 120 80"
    assert not re.search(r"href|url\(|<script|<style|@import", text)
    # No ink of its own ground: each colour stands out from a light page and from a dark one.
    assert set(re.findall(r"#[0-9a-f]{6}", text)) <= {"#7d858f", "#3b8fd0", "#d9752b"}
