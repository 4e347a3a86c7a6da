"""Play against the network, played: by key, finger and mouse, on a page that the test writes."""

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
from exposure_lab.notebook.exposure_game import Round, adjust, play

MINUS = "\N{MINUS SIGN}"
ROUNDS = (("coffee", -1.5), ("coffee", 1.0), ("chelsea", -1.0))

pytestmark = MARKS


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with two widgets, as nobody promised that there is only one."""
    photos = {name: shrink(sample_photo(name), 60) for name, _ in ROUNDS}
    rounds = [
        Round(f"{name}, {ev:+g} EV", apply_ev(photos[name], ev), 0.8 * photos[name], photos[name])
        for name, ev in ROUNDS
    ]
    markup = [play(chosen, alt="A cup or a cat").markup for chosen in (rounds, rounds[:1])]
    path = tmp_path_factory.mktemp("play") / "page.html"
    return write_page(path, "".join(markup))


class Game(WrittenPage):
    """The first widget of the page, with what the page asked for and complained of."""

    def __init__(self, browser: Any, page: Path, width: int = 1280, **options: Any) -> None:
        super().__init__(browser, page, width, **options)
        self.widget = self.tab.locator(".xl-play").first
        self.exposure, self.contrast = self.widget.get_by_role("slider").all()
        self.ready()

    def ready(self) -> None:
        """Wait until the round is on the table."""
        self.tab.wait_for_function("document.querySelector('.xl-score').textContent !== ''")

    def set(self, exposure: float, contrast: float) -> None:
        """Put both sliders somewhere, as a finger does."""
        for slider, value in ((self.exposure, exposure), (self.contrast, contrast)):
            slider.evaluate(
                "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})) }",
                str(value),
            )

    def told(self, words: str) -> None:
        """Wait until the status line says these words."""
        self.tab.wait_for_function(
            "words => document.querySelector('.xl-play [role=status]').innerText.includes(words)",
            arg=words,
        )

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


@pytest.mark.parametrize("round_", range(len(ROUNDS)))
def test_its_arithmetic_is_that_of_the_library(browser: Any, page: Path, round_: int) -> None:
    game = Game(browser, page)
    game.widget.get_by_role("combobox").select_option(index=round_)
    game.tab.wait_for_timeout(200)
    real_input, network, target = (game.pixels(which) for which in (3, 1, 2))
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


def test_keys_move_the_sliders_and_reset_puts_them_back(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    before = game.score(0)
    game.exposure.focus()
    for _ in range(30):
        game.tab.keyboard.press("ArrowRight")
    assert game.exposure.input_value() == "1.5"
    assert game.exposure.get_attribute("aria-valuetext") == "+1.50 stops"
    assert "+1.50 EV" in game.widget.inner_text()
    assert game.score(0) > before + 10  # 1.5 stops are what the photo lacks
    game.tab.keyboard.press("Tab")
    game.tab.keyboard.press("ArrowLeft")
    assert game.contrast.get_attribute("aria-valuetext") == "0.98 times"
    game.widget.get_by_role("button", name="Reset").click()
    assert (game.exposure.input_value(), game.contrast.input_value()) == ("0", "1")
    assert game.score(0) == before
    game.set(-0.5, 1)
    assert game.exposure.get_attribute("aria-valuetext") == f"{MINUS}0.50 stops"
    game.context.close()


def test_the_result_is_told_once_the_hand_rests(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    status = game.widget.get_by_role("status")
    game.told("dB behind the network.")
    # The page moves the slider itself: a busy machine may then be late, but never out of turn.
    told = game.widget.evaluate(
        """async (widget) => {
            const slider = widget.querySelector('input[type=range]');
            const status = widget.querySelector('[role=status]');
            const told = new Set();
            for (let step = 0; step < 40; step += 1) {
                slider.value = step * 0.05;
                slider.dispatchEvent(new Event('input', {bubbles: true}));
                told.add(status.innerText);
                await new Promise((done) => setTimeout(done, 20));
            }
            return told.size;
        }"""
    )
    assert told == 1  # 0.8 s of moves, and nothing new is said
    game.set(1.5, 1)
    game.told("dB ahead of the network. Beaten so far: 1 of 3 rounds.")
    difference = game.score(0) - game.score(1)
    assert f"{difference:.1f} dB" in status.inner_text()
    game.context.close()


def test_another_round_brings_other_pictures_and_starts_anew(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    game.set(1.5, 1.2)
    first = game.pixels(2)
    game.widget.get_by_role("combobox").select_option(label="chelsea, -1 EV")
    game.tab.wait_for_timeout(200)
    assert game.pixels(2).shape == shrink(sample_photo("chelsea"), 60).shape
    assert game.pixels(2).shape != first.shape or not np.array_equal(game.pixels(2), first)
    assert (game.exposure.input_value(), game.contrast.input_value()) == ("0", "1")
    name = game.widget.locator("canvas").get_attribute("aria-label")
    assert name == "A cup or a cat, chelsea, -1 EV: yours"
    assert game.widget.get_by_role("combobox").input_value() == "chelsea, -1 EV"
    game.context.close()


def test_blind_hides_what_the_network_never_saw(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    box = game.widget.get_by_role("checkbox")
    box.focus()
    game.tab.keyboard.press("Space")
    target, score = (game.widget.locator(selector).last for selector in ("img", ".xl-score"))
    assert not target.is_visible() and not score.is_visible()
    assert game.widget.locator("canvas").is_visible()
    game.tab.wait_for_timeout(700)
    assert "dB" not in game.widget.get_by_role("status").inner_text()
    game.set(1.5, 1)
    game.tab.wait_for_timeout(700)
    assert "dB" not in game.widget.get_by_role("status").inner_text()
    box.uncheck()
    assert target.is_visible()
    assert "dB ahead" in game.widget.get_by_role("status").inner_text()
    game.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_it_fits_and_asks_for_nothing(browser: Any, page: Path, width: int, scheme: str) -> None:
    game = Game(browser, page, width, color_scheme=scheme, has_touch=width == 390)
    shown, wide = game.tab.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= shown
    assert game.complaints == []
    assert not [url for url in game.requests if not url.startswith(("file:", "data:"))]
    if width == 390:  # fingers need room, and a tap moves a slider
        controls = [game.widget.locator(tag).first for tag in ("select", "button", "input")]
        assert all(control.bounding_box()["height"] >= 24 for control in controls)
        game.exposure.scroll_into_view_if_needed()
        box = game.exposure.bounding_box()
        game.tab.touchscreen.tap(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
        assert float(game.exposure.input_value()) == pytest.approx(1.5, abs=0.3)
    game.context.close()


def test_two_on_one_page_play_for_themselves(browser: Any, page: Path) -> None:
    game = Game(browser, page)
    other = game.tab.locator(".xl-play").nth(1)
    before = other.locator(".xl-score").first.inner_text()
    game.set(1.5, 1)
    assert other.locator(".xl-score").first.inner_text() == before
    assert other.locator("canvas").count() == 1
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
    assert game.widget.locator("canvas").is_visible()
    game.context.close()
