"""The built site as a book: its typeface, on paper, its first page, and the library's names."""

import re
from typing import Any

import pytest
from site_visit import HTML, PAGES, SITE_MARKS, Visit, with_text

import exposure_lab
import exposure_lab.notebook

pytestmark = SITE_MARKS


@pytest.mark.parametrize("page", ["book/index.html", "book/01_exposure.html"])
def test_long_reading_is_set_in_the_typeface_of_the_site(browser: Any, page: str) -> None:
    visit = Visit(browser, page)
    paragraph = visit.tab.locator(".bd-article section > p").first
    assert "Source Serif 4" in paragraph.evaluate("e => getComputedStyle(e).fontFamily")
    loaded = "[...document.fonts].some(f => /Source Serif/.test(f.family) && f.status == 'loaded')"
    visit.tab.wait_for_function(loaded)
    visit.tab.context.close()


def test_figures_in_a_table_are_of_one_width(browser: Any) -> None:
    visit = Visit(browser, "book/appendix/large_runs.html")
    width = """text => { const cell = document.querySelector('.bd-article td');
        const probe = document.createElement('span'); probe.textContent = text;
        cell.append(probe); return probe.getBoundingClientRect().width }"""
    visit.tab.wait_for_function("document.fonts.status == 'loaded'")
    assert visit.tab.evaluate(width, "1111111") == visit.tab.evaluate(width, "0000000")
    visit.tab.context.close()


@pytest.mark.parametrize("page", with_text("Show a solution")[:1])
def test_on_paper_code_wraps_and_solutions_are_open(browser: Any, page: str) -> None:
    visit = Visit(browser, page, width=700)  # A4 at 96 dots an inch, less its margins
    visit.tab.emulate_media(media="print")
    wide = visit.all(".bd-article pre", "[e.innerText.slice(0, 60), e.scrollWidth - e.clientWidth]")
    assert wide and not [row for row in wide if row[1] > 1]
    folded = visit.all("details.hide pre", "e.getBoundingClientRect().height > 10")
    assert folded and all(folded)
    sliders = visit.all(".xl-widget input[type=range]", "getComputedStyle(e).visibility")
    assert set(sliders) <= {"hidden"}
    visit.tab.context.close()


def test_the_library_has_each_public_name_once_and_no_spelling_of_pydantic() -> None:
    pages = {name: (HTML / name).read_text("utf-8") for name in PAGES if "/library_" in name}
    assert pages
    for text in pages.values():
        words = re.sub(r"<[^>]+>", "", text)
        assert "FieldInfo(" not in words and "Annotated[" not in words
    every = "".join(pages.values())
    homes = [exposure_lab._HOMES, exposure_lab.notebook._HOMES]
    names = {f"exposure_lab.{home}.{name}" for face in homes for name, home in face.items()}
    assert [name for name in sorted(names) if every.count(f'id="{name}"') != 1] == []


def test_the_first_page_shows_the_ledger_and_its_doors_lead_somewhere(browser: Any) -> None:
    visit = Visit(browser, "book/index.html")
    said = visit.tab.locator(".claims-bar").get_attribute("aria-label")
    assert said in visit.tab.locator(".bd-article").inner_text().replace("\n", " ")
    doors = visit.tab.locator("a.first-button")
    assert doors.all_inner_texts() == ["Read", "Open in Colab", "Correct my photo", "Teach with it"]
    for target in doors.evaluate_all("all => all.map(e => e.getAttribute('href'))"):
        name, _, anchor = target.partition("#")
        page = (HTML / "book" / name) if name else HTML / "book" / "index.html"
        assert "//" in target or f'id="{anchor}"' in page.read_text("utf-8") or not anchor
    visit.tab.context.close()
