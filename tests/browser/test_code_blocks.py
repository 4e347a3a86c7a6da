"""Code on the chapters' pages: it fits the column, and answers wait until they are opened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import MARKS, WrittenPage

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "build" / "html" / "book"
CHAPTERS = sorted(HTML.glob("[0-9][0-9]_*.html"))

pytestmark = [
    *MARKS,
    pytest.mark.skipif(not CHAPTERS, reason="no site in build/html: run `make book` first"),
]

WIDE = """all => all.filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth)
    .map(e => `${e.scrollWidth} of ${e.clientWidth} px: ${e.textContent.trim().slice(0, 60)}`)"""
"""Blocks that scroll sideways; one in a closed fold is not visible."""


@pytest.fixture(
    scope="module", params=CHAPTERS or [None], ids=lambda page: page.stem if page else "none"
)
def chapter(browser: Any, request: pytest.FixtureRequest) -> Iterator[WrittenPage]:
    """A chapter in a window of 1280 px."""
    page = WrittenPage(browser, request.param)
    yield page
    page.context.close()


def test_no_open_code_scrolls_sideways(chapter: WrittenPage) -> None:
    blocks = ".bd-article pre"
    assert chapter.tab.locator(blocks).count() > 5
    assert chapter.tab.eval_on_selector_all(blocks, WIDE) == []


def test_no_code_scrolls_sideways_once_every_fold_is_open(chapter: WrittenPage) -> None:
    folds = "details.hide"
    assert chapter.tab.locator(folds).count() > 2
    chapter.tab.eval_on_selector_all(folds, "all => all.forEach(e => { e.open = true; })")
    try:
        assert chapter.tab.eval_on_selector_all(".bd-article pre", WIDE) == []
    finally:
        chapter.tab.eval_on_selector_all(folds, "all => all.forEach(e => { e.open = false; })")


def test_a_fold_is_named_and_no_two_of_one_name_follow_each_other(chapter: WrittenPage) -> None:
    bars = chapter.tab.locator("details.hide > summary")
    names = [name.strip().partition("\n")[0] for name in bars.all_inner_texts()]
    assert names and all(name.startswith(("Show the ", "Show a solution")) for name in names)
    in_a_row = "div.cell:has(> details.hide:last-child) + div.cell:has(> details.hide:first-child)"
    pairs = chapter.tab.eval_on_selector_all(
        in_a_row,
        "all => all.map(e => [e.previousElementSibling, e].map("
        "one => one.querySelector('summary').textContent))",
    )
    assert not [pair for pair in pairs if pair[0] == pair[1]]


def test_no_check_is_read_before_its_solution_is_opened(chapter: WrittenPage) -> None:
    def verdicts() -> list[str]:
        shown = chapter.tab.locator(".bd-article").inner_text()
        return [line for line in shown.splitlines() if ": right, " in line]

    solutions = chapter.tab.locator("details.hide:has(> summary:has-text('Show a solution'))")
    assert solutions.count() > 1
    assert verdicts() == []
    solutions.first.locator("summary").click()
    assert len(verdicts()) == 1
    solutions.first.locator("summary").click()
