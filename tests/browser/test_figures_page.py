"""Figures of the built site: in the colours of the page, laid out for its width, light to load."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import MARKS

HTML = Path(__file__).resolve().parents[2] / "build" / "html"
PAGES = sorted(HTML.glob("book/[0-9][0-9]_*.html"))

MOST = 1_500_000
"""Bytes that a chapter may transfer, without the photographs inside of its widgets."""

pytestmark = [
    *MARKS,
    pytest.mark.skipif(not PAGES, reason="no site in build/html: run `make book` first"),
]

WITH_FIGURES = [page for page in PAGES if "xl-figure" in page.read_text("utf-8")]

SHOWN = """figures => figures.map(f => [...f.querySelectorAll("img")]
    .filter(image => image.clientWidth > 0)
    .map(image => [image.currentSrc.split("/").pop(), image.clientWidth, image.clientHeight]))"""


class Reading:
    """A page for a reader whose system is light or dark, and who has chosen nothing."""

    def __init__(self, browser: Any, page: Path, width: int, scheme: str) -> None:
        view = {"width": width, "height": 900}
        self.context = browser.new_context(viewport=view, color_scheme=scheme)
        self.tab = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("console", self._listen)
        self.tab.goto(page.as_uri())
        self.tab.wait_for_load_state("load")

    def _listen(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def load_figures(self) -> None:
        """Have every picture loaded that shows, as a reader has who reads to the end."""
        self.tab.evaluate(
            """Promise.all([...document.images].filter(e => e.clientWidth > 0).map(e => {
                e.loading = "eager";
                return e.decode();
            }))"""
        )

    def shown(self) -> list[list[tuple[str, int, int]]]:
        """For each figure (file name, width, height) of what shows, CSS px."""
        return list(self.tab.eval_on_selector_all(".xl-figure", SHOWN))


@pytest.fixture
def read(browser: Any) -> Iterator[Any]:
    """Open pages, and close them at the end."""
    opened = []

    def open_page(page: Path, width: int = 1280, scheme: str = "light") -> Reading:
        opened.append(Reading(browser, page, width, scheme))
        return opened[-1]

    yield open_page
    for reading in opened:
        reading.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_site_follows_the_system(read: Any, scheme: str) -> None:
    reading = read(HTML / "book" / "index.html", scheme=scheme)
    theme = "document.documentElement.dataset.theme"
    assert reading.tab.evaluate(theme) == scheme
    assert reading.complaints == []
    other = {"light": "dark", "dark": "light"}[scheme]
    reading.tab.emulate_media(color_scheme=other)
    reading.tab.wait_for_function(f"{theme} === '{other}'")


@pytest.mark.parametrize("page", WITH_FIGURES, ids=lambda page: page.stem)
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_version_shows_for_theme_and_width(
    read: Any, page: Path, width: int, scheme: str
) -> None:
    reading = read(page, width, scheme)
    reading.load_figures()
    figures = reading.shown()
    assert figures and all(len(shown) == 1 for shown in figures)
    names = [name for ((name, _, _),) in figures]
    assert all(f"-{scheme}-" in name for name in names)
    narrow = [name for name in names if name.endswith("-narrow.webp")]
    assert bool(narrow) == (width == 390)
    hidden = {"light": "-dark-", "dark": "-light-"}[scheme]
    assert not [url for url in reading.requests if hidden in url], "a hidden version was loaded"
    if width == 390:  # labels of 9 px are reckoned for that width; see notebook.narrow_figures
        assert min(w for ((name, w, _),) in figures if name in narrow) >= 340


@pytest.mark.parametrize("page", WITH_FIGURES[:2], ids=lambda page: page.stem)
def test_nothing_moves_when_a_figure_arrives(read: Any, page: Path) -> None:
    reading = read(page, 390)
    before = [shown[0][1:] for shown in reading.shown()]
    reading.load_figures()
    after = [shown[0][1:] for shown in reading.shown()]
    assert all(height > 50 for _, height in before)
    assert np.abs(np.subtract(before, after)).max() <= 1


@pytest.mark.parametrize("page", WITH_FIGURES[:2], ids=lambda page: page.stem)
def test_a_figure_leads_to_the_picture_that_shows(read: Any, page: Path) -> None:
    reading = read(page, 390, "dark")
    link = reading.tab.locator("a.xl-alone:has(.xl-figure)").first
    link.scroll_into_view_if_needed()
    link.focus()
    reading.tab.keyboard.press("Enter")
    reading.tab.wait_for_url("**/*-dark-wide.webp")


def transferred(url: str) -> int:
    """Bytes of a file as a server sends it: text as gzip, pictures and fonts as they are."""
    path = Path(re.sub(r"^file://|[?#].*$", "", url))
    content = path.read_bytes()
    if path.suffix == ".html":
        content = re.sub(rb"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+", b"", content)
    text = path.suffix in {".html", ".css", ".js", ".svg", ".json"}
    return len(gzip.compress(content, 6)) if text else len(content)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
@pytest.mark.parametrize("width", [1280, 390])
def test_a_chapter_is_light_to_load(
    read: Any, page: Path, width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    reading = read(page, width)
    reading.load_figures()
    files = {url for url in reading.requests if url.startswith("file:")}
    weights = {url.rpartition("/")[2]: transferred(url) for url in files}
    figures = sum(size for name, size in weights.items() if name.endswith(".webp"))
    total = sum(weights.values())
    with capsys.disabled():
        print(f"\n{page.stem} at {width} px: {total / 1e6:.2f} MB, figures {figures / 1e6:.2f} MB")
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:5]
    assert total <= MOST, f"{total} bytes; the heaviest are {heaviest}"
