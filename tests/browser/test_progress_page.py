"""Answers that a reader keeps in the browser: found again, counted, exported and erased."""

import json
from pathlib import Path
from typing import Any

import pytest
from chromium import MARKS

ASSETS = Path(__file__).resolve().parents[2] / "site_assets"

pytestmark = MARKS

# As Sphinx writes an exercise, and as the first page lists chapters.
EXERCISE = """<div class="exercise admonition" id="ex-05-{name}"><p class="admonition-title">
<span class="caption-number">Exercise 5.{number} </span> ({name})</p>
<section><p>What does it cost?</p></section></div>"""
LINK = '<li><p><strong><a href="{name}.html">{name}</a></strong>: a finding.</p></li>'
CHAPTERS = ("04_augmentation", "05_losses", "06_training")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of two pages: a chapter with two exercises, and a first page."""
    folder = tmp_path_factory.mktemp("site") / "book"
    folder.mkdir()
    head = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Losses — The book</title>'
        '<meta name="viewport" content="width=device-width">'
        + "".join(f'<link rel="stylesheet" href="{ASSETS / name}.css">' for name in ("progress",))
        + f'<script defer src="{ASSETS / "progress.js"}"></script>'
        "<style>.visually-hidden{position:absolute;clip-path:inset(50%)}</style>"
    )
    exercises = "".join(EXERCISE.format(name=n, number=i) for i, n in enumerate(["price", "pull"]))
    pages = {
        "05_losses": f"<h1>Losses</h1><p>Prose.</p>{exercises}",
        "index": f'<h1>The book</h1><p><a href="05_losses.html">Start</a></p><ul>'
        f"{''.join(LINK.format(name=name) for name in CHAPTERS)}</ul>",
    }
    for name, body in pages.items():
        text = f'{head}<body><main><article class="bd-article">{body}</article></main>'
        (folder / f"{name}.html").write_text(text, "utf-8")
    return folder


class Reader:
    """A reader with a browser of their own, whose storage lasts from page to page."""

    def __init__(self, browser: Any, book: Path, width: int = 1280) -> None:
        self.book = book
        self.context = browser.new_context(viewport={"width": width, "height": 800})
        self.tab = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, name: str) -> None:
        """Go to a page of the book."""
        self.tab.goto((self.book / f"{name}.html").as_uri())

    def answer(self, number: int, text: str) -> None:
        """Write an answer into the field of an exercise."""
        exercise = self.tab.locator("div.exercise").nth(number)
        exercise.locator("summary").click()
        exercise.get_by_role("textbox").fill(text)

    @property
    def progress(self) -> str:
        """What stands at the top of the chapter."""
        text: str = (
            self.tab.get_by_role("group", name="My progress").get_by_role("status").inner_text()
        )
        return text


@pytest.fixture
def reader(browser: Any, book: Path) -> Any:
    """A reader who has the chapter open for the first time."""
    reader = Reader(browser, book)
    reader.open("05_losses")
    yield reader
    assert reader.complaints == []
    assert all(url.startswith(("file:", "blob:")) for url in reader.requests)
    reader.context.close()


def test_an_answer_and_its_tick_are_there_the_next_time(reader: Reader) -> None:
    assert reader.progress == "0 of 2 done"
    reader.answer(0, "0.105\nand 2.303")
    reader.tab.get_by_role("checkbox", name="Done: Exercise 5.0").check()
    assert reader.progress == "1 of 2 done"
    reader.tab.reload()
    assert reader.progress == "1 of 2 done"
    assert reader.tab.get_by_role("checkbox", name="Done: Exercise 5.0").is_checked()
    assert not reader.tab.get_by_role("checkbox", name="Done: Exercise 5.1").is_checked()
    assert "0.105" in reader.tab.locator("summary").first.inner_text()
    reader.tab.locator("summary").first.click()
    field = reader.tab.get_by_role("textbox", name="My answer to Exercise 5.0")
    assert field.input_value() == "0.105\nand 2.303"


def test_the_first_page_counts_what_was_done(reader: Reader) -> None:
    reader.open("index")
    assert reader.tab.locator(".xl-done").count() == 0
    reader.open("05_losses")
    for box in reader.tab.get_by_role("checkbox").all():
        box.check()
    reader.open("index")
    counts = reader.tab.locator("li:has(.xl-done)").all_inner_texts()
    assert counts == ["05_losses: a finding. 2 of 2 done"]


def test_all_works_by_keyboard(reader: Reader) -> None:
    reader.tab.locator("summary").first.focus()
    for key in ("Enter", "Tab", "4", "2", "Tab", "Space"):
        reader.tab.keyboard.press(key)
    assert reader.progress == "1 of 2 done"
    assert reader.tab.get_by_role("textbox", name="My answer to Exercise 5.0").input_value() == "42"


def test_export_and_erase(reader: Reader) -> None:
    export, erase = (
        reader.tab.get_by_role("button", name=f"{n} answers") for n in ("Export", "Erase")
    )
    assert export.is_disabled() and erase.is_disabled()
    reader.answer(1, "λ = 100")
    with reader.tab.expect_download() as waiting:
        export.click()
    content = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    assert waiting.value.suggested_filename.endswith(".json")
    assert content["answers"] == {"05.pull": {"answer": "λ = 100", "done": False}}
    asked: list[str] = []
    reader.tab.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    erase.click()
    assert "all chapters" in asked[0]
    assert reader.tab.get_by_role("textbox").first.input_value() == "λ = 100"
    reader.tab.once("dialog", lambda dialog: dialog.accept())
    erase.click()
    assert reader.tab.locator("textarea").nth(1).input_value() == ""
    assert erase.is_disabled()
    reader.tab.reload()
    assert reader.tab.locator("textarea").nth(1).input_value() == ""


def test_an_answer_of_another_chapter_stays_and_is_not_counted(reader: Reader) -> None:
    reader.tab.evaluate(
        """localStorage.setItem('exposure-lab.answers',
            JSON.stringify({'01.stop': {answer: '188', done: true}}))"""
    )
    reader.tab.reload()
    assert reader.progress == "0 of 2 done"
    reader.answer(0, "1")
    kept = json.loads(reader.tab.evaluate("localStorage.getItem('exposure-lab.answers')"))
    assert sorted(kept) == ["01.stop", "05.price"]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["05_losses", "index"])
def test_nothing_jumps_and_all_fits(browser: Any, book: Path, width: int, name: str) -> None:
    reader = Reader(browser, book, width)
    reader.open("05_losses")
    reader.answer(0, "a long answer " * 30)
    reader.tab.get_by_role("checkbox").first.check()
    reader.open(name)
    shifts = reader.tab.evaluate(
        """() => new Promise(done => {
            const seen = [];
            new PerformanceObserver(list => list.getEntries().forEach(e => seen.push(e.value)))
                .observe({type: 'layout-shift', buffered: true});
            requestAnimationFrame(() => requestAnimationFrame(() => done(seen)));
        })"""
    )
    assert shifts == []
    shown, wide = reader.tab.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= shown
    reader.context.close()


def test_the_room_that_is_kept_free_is_what_is_needed(browser: Any, book: Path) -> None:
    tops = "[...document.querySelectorAll('p')].map(e => e.getBoundingClientRect().top)"
    places = []
    for runs in (False, True):
        reader = Reader(browser, book)
        if not runs:  # the page as it is before the script has run
            reader.tab.route("**/progress.js", lambda route: route.abort())
        reader.open("05_losses")
        assert reader.tab.locator(".xl-progress").count() == runs
        places.append(reader.tab.evaluate(tops))
        reader.context.close()
    assert places[0] == places[1]


def test_where_nothing_may_be_stored_nothing_is_shown(browser: Any, book: Path) -> None:
    reader = Reader(browser, book)
    reader.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused') }})"
    )
    reader.open("05_losses")
    assert reader.tab.locator(".xl-answer, .xl-progress").count() == 0
    assert reader.complaints == []
    free = "getComputedStyle(document.querySelector('.exercise'), '::after').content"
    assert reader.tab.evaluate(free) == "none"
    reader.context.close()
