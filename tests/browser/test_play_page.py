"""Play against the network, played: by key, finger and mouse, on a page that the test writes."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import MARKS, WrittenPage, write_page

from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.resize import shrink
from exposure_lab.metrics.pixel import psnr
from exposure_lab.notebook.exposure_game import adjust, play
from exposure_lab.notebook.game_rounds import Round
from exposure_lab.notebook.widgets import ev_slider

MINUS = "\N{MINUS SIGN}"
ROUNDS = (("coffee", -1.5), ("coffee", 1.0), ("chelsea", -1.0))

pytestmark = MARKS


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with two games and a slider, since every widget brings its own style."""
    photos = {name: shrink(sample_photo(name), 60) for name, _ in ROUNDS}
    rounds = [
        Round(f"{name}, {ev:+g} EV", apply_ev(photos[name], ev), 0.8 * photos[name], photos[name])
        for name, ev in ROUNDS
    ]
    markup = [play(chosen, alt="A cup or a cat").markup for chosen in (rounds, rounds[:1])]
    path = tmp_path_factory.mktemp("play") / "page.html"
    return write_page(path, ev_slider(photos["coffee"], alt="A cup").markup + "".join(markup))


class Game(WrittenPage):
    """The first widget of the page, with what the page asked for and complained of."""

    def __init__(self, browser: Any, page: Path, width: int = 1280, **options: Any) -> None:
        super().__init__(browser, page, width, **options)
        self.widget = self.tab.locator(".xl-play").first
        self.exposure, self.contrast = self.widget.get_by_role("slider").all()
        self.ready()

    def ready(self) -> None:
        """Wait until the round is on the table."""
        self.tab.wait_for_selector(".xl-play.xl-ready >> nth=0")

    def open(self, number: int) -> None:
        """Choose a round, from 1."""
        self.widget.get_by_role("combobox").select_option(label=f"Round {number} of {len(ROUNDS)}")
        self.ready()

    def set(self, exposure: float, contrast: float) -> None:
        """Put both sliders somewhere, as a finger does."""
        for slider, value in ((self.exposure, exposure), (self.contrast, contrast)):
            slider.evaluate(
                "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})) }",
                str(value),
            )

    def win(self) -> None:
        """Undo the exposure of the round, which the page does not tell, and press Done."""
        exposure = -self.answer()
        self.set(exposure, 1)
        self.press("Done")

    def answer(self) -> float:
        """The round's exposure, read where a player does not look."""
        name = self.widget.evaluate(
            """e => JSON.parse(e.querySelector('.xl-stage').dataset.play)
                .names[e.querySelector('select').selectedIndex]"""
        )
        return float(name.split(", ")[1].removesuffix(" EV"))

    def press(self, name: str) -> None:
        """Press a button, and wait until a round is on the table."""
        self.widget.get_by_role("button", name=name).click()
        self.ready()

    @property
    def status(self) -> str:
        """The line that a screen reader reads out."""
        text: str = self.widget.get_by_role("status").inner_text()
        return text

    @property
    def record(self) -> str:
        """What was won so far."""
        text: str = self.widget.locator(".xl-record").inner_text()
        return text

    def score(self, which: int) -> float:
        """The number under a picture, dB."""
        text: str = self.widget.locator(".xl-score").nth(which).inner_text()
        return float(text.removesuffix(" dB"))

    def pixels(self, which: int) -> Array:
        """A picture of the page: 0 yours, 1 the network's, 2 the target, 3 the input."""
        values = self.widget.evaluate(
            """(widget, which) => {
                const image = widget.querySelectorAll('img.xl-picture')[which % 3];
                const shown = which === 0 ? widget.querySelector('canvas') : image;
                const sheet = document.createElement('canvas');
                [sheet.width, sheet.height] = [image.naturalWidth, image.naturalHeight];
                const ink = sheet.getContext('2d');
                ink.drawImage(shown, 0, 0);
                const data = ink.getImageData(0, 0, sheet.width, sheet.height).data;
                return [sheet.height, sheet.width, Array.from(data)];
            }""",
            which,
        )
        height, width, data = values
        codes = np.array(data, np.uint8).reshape(height, width, 4)[..., :3]
        return from_uint8(codes)


PLACES = [(0, 1), (1.5, 1), (-1.5, 1), (0.35, 1.3), (-3, 0.5), (3, 2), (-0.85, 1), (0, 0.74)]


@pytest.mark.parametrize("number", range(1, len(ROUNDS) + 1))
def test_its_arithmetic_is_that_of_the_library(browser: Any, page: Path, number: int) -> None:
    game = Game(browser, page)
    game.open(number)
    real_input, network, target = (game.pixels(which) for which in (3, 1, 2))
    game.press("Done")
    for exposure, contrast in PLACES:
        game.set(exposure, contrast)
        corrected = game.pixels(0)
        # In 64 bits here and in 32 there: a value just at one half may round the other way.
        difference = to_uint8(corrected).astype(int) - to_uint8(
            adjust(real_input, exposure, contrast)
        )
        assert abs(difference).max() <= 1 and (difference != 0).mean() < 0.002
        assert (difference == 0).all() or (exposure, contrast) != (0, 1)
        assert game.score(0) == pytest.approx(psnr(corrected, target), abs=0.051)
        assert game.score(1) == pytest.approx(psnr(network, target), abs=0.051)
    game.context.close()


def test_it_starts_blind_and_done_reveals(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    network, target = (game.widget.locator("img").nth(i) for i in (1, 2))
    assert game.widget.locator("canvas").first.is_visible()
    assert not network.is_visible() and not target.is_visible()
    game.set(1, 1.1)
    for told in (game.widget.inner_text(), game.exposure.get_attribute("aria-valuetext")):
        assert "dB" not in told and "coffee" not in told and "chelsea" not in told
    names = game.widget.evaluate("e => [...e.querySelectorAll('[alt]')].map(e => e.alt)")
    assert not any(" EV" in name for name in names)
    game.press("Done")
    assert network.is_visible() and target.is_visible()
    assert game.status.startswith(("This was coffee, ", "This was chelsea, "))
    assert game.score(1) > 0
    assert " EV" in target.get_attribute("alt")
    game.press("Next round")
    assert not network.is_visible() and not target.is_visible()
    assert game.widget.get_by_role("combobox").input_value() == "Round 2 of 3"
    assert game.status.startswith("Blind")
    game.context.close()


def test_wins_blind_and_by_sight_are_counted_apart_and_kept(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    erase = game.widget.get_by_role("button", name="Erase my wins")
    assert game.record == "Won of 3: 0 blind, 0 by sight." and not erase.is_visible()
    game.win()
    assert "ahead of the network: won blind." in game.status
    difference = game.score(0) - game.score(1)
    assert f"{difference:.1f} dB ahead" in game.status
    game.press("Play it again")  # now the target is known
    assert game.status.startswith("By sight")
    game.win()
    assert game.status.endswith("won by sight.")
    game.press("Next round")
    game.widget.get_by_role("checkbox").check()
    assert game.widget.locator("img").nth(2).is_visible() and game.score(0) > 0
    assert not game.widget.locator("img").nth(1).is_visible()
    game.widget.get_by_role("checkbox").uncheck()  # too late
    assert game.status.startswith("By sight")
    game.win()
    assert game.record == "Won of 3: 1 blind, 2 by sight."
    game.tab.reload()
    game.ready()
    assert game.record == "Won of 3: 1 blind, 2 by sight."
    assert game.status.startswith("By sight")  # the first round's target was seen before
    erase.click()
    assert game.record == "Won of 3: 0 blind, 0 by sight."
    game.tab.reload()
    game.ready()
    assert game.record == "Won of 3: 0 blind, 0 by sight." and game.status.startswith("Blind")
    game.context.close()


def test_a_lost_round_is_no_win(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    game.set(-3, 0.5)
    game.press("Done")
    assert game.status.endswith("behind the network, blind.")
    assert game.record == "Won of 3: 0 blind, 0 by sight."
    game.context.close()


def test_where_nothing_may_be_stored_it_plays_all_the_same(browser: Any, page: Path) -> None:
    refused = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})"
    context = browser.new_context()
    context.add_init_script(refused)
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(page.as_uri())
    widget = tab.locator(".xl-play.xl-ready").first
    widget.get_by_role("button", name="Done").click()
    assert "This was" in widget.get_by_role("status").inner_text()
    assert "until you leave this page" in widget.locator(".xl-record").inner_text()
    assert complaints == []
    context.close()


def test_the_status_never_shows_the_former_round(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    game.press("Done")
    assert game.status.startswith("This was")
    # Within one turn of the page's own loop, before anything can be waited for.
    told = game.widget.evaluate(
        """widget => {
            const choice = widget.querySelector('select');
            choice.selectedIndex = 1;
            choice.dispatchEvent(new Event('change', {bubbles: true}));
            const scores = [...widget.querySelectorAll('.xl-score')].map(e => e.textContent);
            return [widget.querySelector('[role=status]').textContent, ...scores];
        }"""
    )
    assert told[0].startswith("Blind") and not any("dB" in text for text in told)
    game.context.close()


def test_keys_move_the_sliders_and_reset_puts_them_back(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    game.widget.get_by_role("checkbox").check()
    before = game.score(0)
    game.exposure.focus()
    steps = round(abs(game.answer()) / 0.05)
    for _ in range(steps):
        game.tab.keyboard.press("ArrowRight" if game.answer() < 0 else "ArrowLeft")
    sign = "+" if game.answer() < 0 else MINUS
    stops = f"{sign}{abs(game.answer()):.2f}"
    assert float(game.exposure.input_value()) == pytest.approx(-game.answer())
    assert game.exposure.get_attribute("aria-valuetext") == f"{stops} stops, {game.score(0):.1f} dB"
    assert f"{stops} EV" in game.widget.inner_text()
    assert game.score(0) > before + 3  # what the photo was off by
    game.tab.keyboard.press("Tab")
    game.tab.keyboard.press("ArrowLeft")
    assert game.contrast.get_attribute("aria-valuetext").startswith("0.98 times")
    game.press("Reset the sliders")
    assert (game.exposure.input_value(), game.contrast.input_value()) == ("0", "1")
    assert game.score(0) == before
    game.context.close()


def test_a_round_is_played_by_keyboard_alone(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    game.exposure.focus()
    for key in ("ArrowRight", "Tab", "Tab", "Enter"):  # exposure, contrast, Done
        game.tab.keyboard.press(key)
    assert game.status.startswith("This was")
    game.tab.keyboard.press("Enter")
    game.ready()
    assert game.widget.get_by_role("combobox").input_value() == "Round 2 of 3"
    assert game.tab.evaluate("document.activeElement.textContent") == "Done"
    game.context.close()


def test_another_round_brings_other_pictures_and_starts_anew(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    shapes = set()
    for number in (1, 2, 3):
        game.set(1.5, 1.2)
        game.open(number)
        shapes.add(game.pixels(2).shape)
        assert (game.exposure.input_value(), game.contrast.input_value()) == ("0", "1")
        name = game.widget.locator("canvas").first.get_attribute("aria-label")
        assert name == f"A cup or a cat, round {number}: yours"
    assert shapes == {shrink(sample_photo(name), 60).shape for name, _ in ROUNDS}
    game.context.close()


def test_the_hint_says_what_was_cut_off_at_white(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    for number in (1, 2, 3):
        game.open(number)
        photo = to_uint8(game.pixels(3))
        share = round(100 * float((photo.max(axis=2) == 255).mean()))
        hint = game.widget.locator(".xl-hint figcaption").inner_text()
        assert (f" {share} % of the photo is at white" in hint) == (share >= 1)
        assert ("Less than 1 %" in hint) == (share < 1)
        inked = game.widget.locator(".xl-hint canvas").evaluate(
            "e => e.getContext('2d').getImageData(0, 0, e.width, e.height).data.some(v => v > 0)"
        )
        assert inked
    game.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_it_fits_and_asks_for_nothing(browser: Any, page: Path, width: int, scheme: str) -> None:
    game = Game(browser, page, width, color_scheme=scheme, has_touch=width == 390)
    shown, wide = game.tab.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= shown
    boxes = [pane.bounding_box() for pane in game.widget.locator(".xl-pane").all()]
    for one, other in pairwise(boxes):  # beside or below each other
        right, below = one["x"] + one["width"], one["y"] + one["height"]
        assert right <= other["x"] or below <= other["y"]
    assert game.complaints == []
    assert not [url for url in game.requests if not url.startswith(("file:", "data:"))]
    if width == 390:  # fingers need room, and a tap moves a slider
        controls = [game.widget.locator(tag).first for tag in ("select", "button", ".xl-exposure")]
        assert all(control.bounding_box()["height"] >= 24 for control in controls)
        game.exposure.scroll_into_view_if_needed()
        box = game.exposure.bounding_box()
        game.tab.touchscreen.tap(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
        assert float(game.exposure.input_value()) == pytest.approx(1.5, abs=0.3)
    game.context.close()


def test_two_on_one_page_play_for_themselves(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    other = game.tab.locator(".xl-play").nth(1)
    game.set(1.5, 1)
    game.press("Done")
    assert other.get_by_role("status").inner_text().startswith("Blind")
    assert other.locator("canvas.xl-picture").count() == 1
    game.context.close()


def test_without_script_and_on_paper_there_are_three_pictures(browser: Any, page: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    assert tab.locator(".xl-play").first.locator("img:visible").count() == 3
    assert not tab.get_by_role("slider").first.is_visible()
    context.close()
    game = Game(browser, page)
    game.tab.emulate_media(media="print")
    assert not game.exposure.is_visible()
    assert game.widget.locator("canvas").first.is_visible()
    assert game.widget.locator("img").nth(2).is_visible()
    game.context.close()
