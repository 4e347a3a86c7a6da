"""The built site in a browser that reaches no network, wide and narrow, light and dark."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from site_visit import HTML, ICON, PAGES, SITE_MARKS, Visit, with_text

VIEWS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]

pytestmark = SITE_MARKS


@pytest.fixture(scope="module")
def visit(browser: Any, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A page in a view, opened once for all tests that only look at it."""
    visit = Visit(browser, *request.param)
    yield visit
    visit.tab.context.close()


def looking_at(pages: Iterable[str], *views: tuple[int, str]) -> pytest.MarkDecorator:
    """Run a test on pages in views; tests on the same one share the visit."""
    every = [(page, *view) for page in pages for view in views]
    return pytest.mark.parametrize(
        "visit", every, indirect=True, ids=lambda one: "-".join(map(str, one))
    )


@looking_at(PAGES, *VIEWS)
def test_every_page(visit: Visit, request: pytest.FixtureRequest) -> None:
    *_, scheme = request.node.callspec.params["visit"]
    assert not [url for url in visit.requests if not url.startswith(("file:", "data:"))]
    assert visit.complaints == []
    shown, wide = visit.tab.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= shown, f"the page is {wide} px wide in a window of {shown}"
    assert visit.tab.evaluate("document.documentElement.dataset.theme") == scheme
    assert all(visit.all("img", "e.alt.trim() || e.getAttribute('role') === 'presentation'"))
    visit.all("img", "e.loading = 'eager'")  # a figure loads when it is scrolled to
    visit.tab.wait_for_function("[...document.images].every(e => e.complete)")
    assert all(visit.all("img", "e.naturalWidth > 0"))
    looks = visit.all(".bd-article img", "getComputedStyle(e).filter")
    assert set(looks) <= {"none"}, "a photograph is changed by the page"
    visit.tab.wait_for_function(
        "document.fonts.status == 'loaded' && !document.querySelector(ICON)".replace("ICON", ICON)
    )
    drawn = visit.all(
        "svg.svg-inline--fa", "e.querySelector('path')?.getAttribute('d')?.length > 20"
    )
    assert len(drawn) > 5 and all(drawn), "an icon is missing from the theme's script"
    assert not [url for url in visit.requests if "searchindex" in url]
    if not visit.all(".admonition-title, a.github", "e.className"):  # the theme's styles mark these
        assert not [url for url in visit.requests if "/webfonts/" in url]


@looking_at(PAGES, (1280, "dark"), (390, "light"))
def test_axe_finds_nothing_that_stops_a_reader(visit: Visit) -> None:
    found = Axe().run(visit.tab).response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []


@looking_at(with_text('class="math '), (1280, "light"))
def test_formulas_are_set(visit: Visit) -> None:
    formulas = visit.tab.locator(".bd-article .math")
    assert formulas.count() > 0
    visit.tab.wait_for_selector(".bd-article mjx-container svg", timeout=10_000)
    assert visit.tab.locator(".bd-article .math mjx-container").count() >= formulas.count()
    assert visit.tab.locator("mjx-merror, [data-mjx-error]").count() == 0


@looking_at(with_text('<div class="math '), (390, "light"))
def test_formulas_leave_room_for_their_number_on_a_phone(visit: Visit) -> None:
    set_ = "[...document.querySelectorAll('div.math')].every(e => e.querySelector('svg'))"
    visit.tab.wait_for_function(set_, timeout=10_000)
    width = "getBoundingClientRect().width"
    need = f"e.querySelector('svg').{width} + (e.querySelector('.eqno')?.{width} ?? 0)"
    rows = visit.all("div.math", f"[e.id, {need}, e.clientWidth]")
    assert rows
    assert not [name for name, needed, room in rows if needed > room]


@pytest.mark.parametrize("page", [page for page in PAGES if "book/0" in page])
def test_a_figure_shown_small_leads_to_its_picture(browser: Any, page: str) -> None:
    visit = Visit(browser, page, width=390)
    size = "[e.getAttribute('width'), e.clientWidth, e.src, e.closest('a')?.href]"
    pictures = visit.all(".xl-figure img", size)
    small = [row for row in pictures if int(row[0]) >= 1.3 * row[1] > 0]  # 0: the other theme's
    assert small and all(picture == leads_to for *_, picture, leads_to in small)
    link = visit.tab.locator("a.xl-alone").first
    link.focus()
    visit.tab.keyboard.press("Enter")
    visit.tab.wait_for_url("**/*.webp")
    visit.tab.context.close()


def with_widget(kind: str) -> list[str]:
    """The pages that hold a kind of slider."""
    return with_text(f'"xl-widget {kind}"')


def focused(browser: Any, page: str, width: int, kind: str) -> tuple[Visit, Any, Any]:
    """A page, the first widget of a kind on it, and that widget's slider, ready for keys."""
    visit = Visit(browser, page, width)
    widget = visit.tab.locator(kind).first
    slider = widget.get_by_role("slider")
    slider.scroll_into_view_if_needed()
    slider.focus()
    return visit, widget, slider


@pytest.mark.parametrize("page", with_widget("xl-ba"))
@pytest.mark.parametrize("width", [1280, 390])
def test_before_after_moves_by_key_and_by_pointer(browser: Any, page: str, width: int) -> None:
    visit, widget, slider = focused(browser, page, width, ".xl-ba")
    for _ in range(10):
        visit.tab.keyboard.press("ArrowLeft")
    assert slider.input_value() == "40"
    assert "40 %" in slider.get_attribute("aria-valuetext")
    edge = widget.locator(".xl-pane").nth(1).evaluate("e => getComputedStyle(e).clipPath")
    assert "40%" in edge
    frame = widget.locator(".xl-frame").bounding_box()
    middle = frame["y"] + frame["height"] / 2
    visit.tab.mouse.click(frame["x"] + 0.75 * frame["width"], middle)
    assert abs(float(slider.input_value()) - 75) <= 2
    handle = widget.locator(".xl-handle").bounding_box()
    assert abs(handle["x"] - frame["x"] - 0.75 * frame["width"]) < 0.03 * frame["width"]
    visit.tab.context.close()


@pytest.mark.parametrize("page", with_widget("xl-ev"))
@pytest.mark.parametrize("width", [1280, 390])
def test_steps_show_one_picture_at_a_time(browser: Any, page: str, width: int) -> None:
    visit, widget, slider = focused(browser, page, width, ".xl-ev")
    visit.tab.keyboard.press("Home")
    seen = []
    start, end, step = (float(slider.get_attribute(name)) for name in ("min", "max", "step"))
    for _ in range(round((end - start) / step) + 1):
        visible = widget.locator(".xl-pane.xl-now")
        assert visible.count() == 1
        label = visible.locator(".xl-label").inner_text()
        assert slider.get_attribute("aria-valuetext") == label
        seen.append(label)
        visit.tab.keyboard.press("ArrowRight")
    assert len(set(seen)) == len(list(groupby(seen)))  # none comes back
    assert len(set(seen)) >= widget.locator(".xl-pane").count()
    visit.tab.context.close()


@pytest.mark.parametrize("page", with_widget("xl-ba")[:1])
def test_without_script_and_on_paper_all_pictures_show(browser: Any, page: str) -> None:
    visit = Visit(browser, page)
    visit.tab.emulate_media(media="print")
    panes = visit.all(".xl-ba:first-of-type .xl-pane", "getComputedStyle(e).clipPath")
    assert set(panes) == {"none"}
    visit.tab.context.close()
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((HTML / page).as_uri())
    first, second = (
        tab.locator(".xl-ba").first.locator("img").nth(i).bounding_box() for i in (0, 1)
    )
    assert first["width"] > 50 and second["width"] > 50
    assert first["x"] + first["width"] <= second["x"] or first["y"] < second["y"]
    context.close()


def test_solutions_open(browser: Any) -> None:
    pages = [page for page in PAGES if "Show a solution" in (HTML / page).read_text("utf-8")]
    assert pages, "no chapter folds a solution"
    visit = Visit(browser, pages[0])
    details = visit.tab.locator("details.hide:has-text('Show a solution')").first
    assert details.get_attribute("open") is None
    details.locator("summary").click()
    assert details.get_attribute("open") is not None
    assert details.locator("pre").first.is_visible()
    visit.tab.context.close()


def test_search_finds_a_word_from_the_folder(browser: Any) -> None:
    visit = Visit(browser, "search.html?q=discriminator")
    visit.tab.wait_for_selector("#search-results ul li a", timeout=10_000)
    assert not [url for url in visit.requests if not url.startswith(("file:", "data:"))]
    visit.tab.context.close()


def test_the_first_page_leads_to_the_book(browser: Any) -> None:
    visit = Visit(browser, "index.html")
    visit.tab.wait_for_url("**/book/index.html")
    assert visit.tab.title().startswith("Well Exposed")
    visit.tab.context.close()
