"""The ledger, sorted, filtered, searched and opened, on a page that the test writes."""

from pathlib import Path
from typing import Any

import pytest
from chromium import MARKS, WrittenPage, write_page
from made_up_ledger import CLAIMS, made_up_ledger
from study.synthetic import make_claim

pytestmark = MARKS

NAMES = [claim.id for claim in CLAIMS]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with the same ledger twice, as nobody promised that there is only one."""
    folder = tmp_path_factory.mktemp("ledger")
    markup = made_up_ledger(folder)._repr_html_()
    return write_page(folder / "page.html", markup + markup)


class Reading(WrittenPage):
    """The first ledger of the page, with what the page asked for and complained of."""

    def __init__(self, browser: Any, page: Path, width: int = 1280, **options: Any) -> None:
        super().__init__(browser, page, width, **options)
        self.widget = self.tab.locator(".xl-ledger").first
        self.search = self.widget.get_by_role("searchbox", name="Search")

    @property
    def names(self) -> list[str]:
        """Ids of the claims that show, from top to bottom."""
        shown = self.widget.locator("tbody th code:visible").all_inner_texts()
        return [name.strip() for name in shown]

    @property
    def count(self) -> str:
        """What the line below the controls says."""
        text: str = self.widget.get_by_role("status").inner_text()
        return text

    def head(self, name: str) -> Any:
        """The head of a column."""
        return self.widget.get_by_role("columnheader", name=name, exact=True)

    def choose(self, label: str, value: str) -> None:
        """Choose what to show."""
        self.widget.get_by_role("combobox", name=label, exact=True).select_option(value)

    def row(self, name: str) -> tuple[Any, Any]:
        """The button of a claim, and what it opens."""
        body = self.widget.locator("tbody").filter(
            has=self.tab.locator(f"th code:text-is('{name}')")
        )
        return body.get_by_role("button"), body.locator(".xl-more")


def test_it_starts_closed_in_the_reports_order(browser: Any, page: Path) -> None:
    read = Reading(browser, page)
    assert read.names == NAMES
    assert read.widget.locator(".xl-more:visible").count() == 0
    assert read.count == "8 of 8 claims"
    assert [r for r in read.requests if not r.startswith(("file:", "data:"))] == []
    assert read.complaints == []
    read.context.close()


def test_heads_sort_up_and_down(browser: Any, page: Path) -> None:
    read = Reading(browser, page)
    head = read.head("At our scale")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert read.head("Section").get_attribute("aria-sort") is None
    # Holds, fails, undecided, not testable, not run; equal ones in the report's order.
    holding = ["first-is-better", "no-harm", "rests-on-less"]
    failing = ["second-is-better", "no-difference"]
    assert read.names == [*holding, *failing, "ten-seeds", "by-reading", "elsewhere"]
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert read.names == ["elsewhere", "by-reading", "ten-seeds", *failing, *holding]
    read.head("Claim").get_by_role("button").click()
    words = {claim.id: claim.claim for claim in CLAIMS}
    assert [words[name] for name in read.names] == sorted(words.values())
    read.head("Section").get_by_role("button").click()
    assert read.names == NAMES
    assert read.tab.locator(".xl-ledger").nth(1).locator("[aria-sort]").count() == 1
    read.context.close()


def test_choices_and_search_go_together(browser: Any, page: Path) -> None:
    read = Reading(browser, page)
    read.choose("Our verdict", "holds")
    assert read.names == ["first-is-better", "no-harm", "rests-on-less"]
    assert read.count == "3 of 8 claims"
    read.choose("Section", "3.1")
    assert read.names == ["no-harm"]
    read.choose("Our verdict", "")
    read.choose("Decided by", "reading")
    assert read.names == [] and read.count == "0 of 8 claims"
    read.widget.get_by_role("button", name="Show all").click()
    read.tab.wait_for_function("!document.querySelector('.xl-ledger tbody[hidden]')")
    assert read.names == NAMES and read.count == "8 of 8 claims"
    read.search.fill("FIRST better")
    assert "first-is-better" in read.names and "second-is-better" not in read.names
    read.search.fill("<b>seeds")
    assert read.names == ["ten-seeds"]
    read.search.press("Enter")
    assert read.names == ["ten-seeds"] and "?" not in read.tab.url
    second = read.tab.locator(".xl-ledger").nth(1)
    assert second.locator("tbody:visible").count() == 8
    read.context.close()


def test_keys_open_and_close_a_row(browser: Any, page: Path) -> None:
    read = Reading(browser, page)
    button, more = read.row("first-is-better")
    # Search, three choices, Show all, five heads; then the first claim.
    for _ in range(11):
        read.tab.keyboard.press("Tab")
    assert button.evaluate("e => e === document.activeElement")
    style = "e => getComputedStyle(e).outlineStyle + ' ' + getComputedStyle(e).outlineWidth"
    assert button.evaluate(style) == "solid 3px"
    assert button.get_attribute("aria-expanded") == "false"
    read.tab.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true" and more.is_visible()
    controls = button.get_attribute("aria-controls")
    assert more.get_attribute("id") == controls
    assert read.tab.locator(f"[id='{controls}']").count() == 1
    plot = more.get_by_role("img")
    assert plot.is_visible() and "95 % interval" in plot.get_attribute("aria-label")
    read.tab.keyboard.press("Space")
    assert button.get_attribute("aria-expanded") == "false" and not more.is_visible()
    read.context.close()


def test_an_open_row_stays_with_its_claim(browser: Any, page: Path) -> None:
    read = Reading(browser, page)
    button, more = read.row("no-harm")
    button.click()
    read.head("Claim").get_by_role("button").click()
    above, below = (one.bounding_box() for one in (button, more))
    assert more.is_visible() and 0 < below["y"] - above["y"] < 120
    read.choose("Section", "2")
    assert not more.is_visible()
    read.context.close()


def test_links_are_links_only_where_the_chapters_are(
    browser: Any, page: Path, tmp_path: Path
) -> None:
    read = Reading(browser, page)
    assert read.widget.locator("a").count() == 0
    read.context.close()
    chapter = tmp_path / "10_claims.html"
    text = page.read_text(encoding="utf-8")
    chapter.write_text(text.replace("<body", "<html data-content_root='./'><body"), "utf-8")
    read = Reading(browser, chapter)
    link = read.widget.locator("a").first
    assert link.get_attribute("href") == "01_exposure.html" and link.inner_text() == "chapter 01"
    read.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_it_fits_and_can_be_read(browser: Any, page: Path, width: int, scheme: str) -> None:
    read = Reading(browser, page, width, color_scheme=scheme, has_touch=width == 390)
    for name in NAMES:
        read.row(name)[0].click()
    shown, wide = read.tab.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= shown
    for button in read.widget.locator("tbody th button").all():
        box = button.bounding_box()
        assert box["height"] >= (36 if width == 390 else 24)
        assert box["width"] >= 200
    first, *_ = read.widget.locator("tbody").all()
    say, verdict = (first.locator(name).first.bounding_box() for name in ("th", ".xl-verdict"))
    if width == 390:  # one below the other
        assert verdict["y"] >= say["y"] + say["height"] - 1
    else:
        assert verdict["x"] >= say["x"] + say["width"] - 1
    colours = read.widget.evaluate(
        "e => ['.xl-say button', '.xl-sum', 'dd'].map("
        "s => getComputedStyle(e.querySelector(s)).color)"
    )
    body = read.tab.evaluate("getComputedStyle(document.body).color")
    assert set(colours) == {body}
    read.context.close()


def test_every_remark_on_a_verdict_has_its_line(browser: Any, tmp_path: Path) -> None:
    """On a phone, too, where the second of them once ran out of the page."""
    late = make_claim(
        "late", section="4", requires=("fails",), after_the_fact=make_claim().rule_hash
    )
    ledger = made_up_ledger(tmp_path, claims=(make_claim("fails", rule="less"),), late=(late,))
    page = write_page(tmp_path / "page.html", ledger._repr_html_())
    for width in (390, 1280):
        read = Reading(browser, page, width)
        remarks = read.widget.locator("tbody").last.locator("small")
        assert remarks.all_inner_texts() == [
            "rests on a claim that fails",
            "its rule came after the runs",
        ]
        table = read.widget.locator("table").bounding_box()
        first, second = (remark.bounding_box() for remark in remarks.all())
        assert second["y"] >= first["y"] + first["height"] - 1
        for box in (first, second):
            assert box["x"] + box["width"] <= table["x"] + table["width"] + 1
        read.context.close()


def test_without_script_everything_is_open(browser: Any, page: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    widget = tab.locator(".xl-ledger").first
    assert widget.locator("tbody .xl-more:visible").count() == len(NAMES)
    assert widget.get_by_role("button").count() == 0
    assert not widget.get_by_role("searchbox").is_visible()
    context.close()


def test_on_paper_it_is_as_on_the_screen(browser: Any, page: Path) -> None:
    read = Reading(browser, page)
    read.choose("Our verdict", "holds")
    button, more = read.row("no-harm")
    button.click()
    read.tab.emulate_media(media="print")
    assert not read.search.is_visible()
    assert read.names == ["first-is-better", "no-harm", "rests-on-less"]
    assert more.is_visible()
    read.context.close()
