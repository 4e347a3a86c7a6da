"""Exposure and step sliders, moved by key and pointer, on a page that the test writes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import MARKS, WrittenPage, write_page

from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.resize import shrink
from exposure_lab.notebook.widgets import before_after, ev_label, ev_slider

MINUS = "\N{MINUS SIGN}"
PHOTO = shrink(sample_photo("coffee"), 40)

pytestmark = MARKS


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with one photo to expose, steps, steps that fade, and a divider."""
    greys = [(f"grey {code}", np.full((50, 80, 3), code / 255, np.float32)) for code in (40, 240)]
    widgets = (
        ev_slider(PHOTO, alt="A cup"),
        ev_slider(greys, alt="Greys", start=0),
        ev_slider(greys, alt="Fading greys", start=0, blend=True),
        before_after(PHOTO, PHOTO, alt="A cup"),
    )
    path = tmp_path_factory.mktemp("sliders") / "page.html"
    return write_page(path, "".join(widget.markup for widget in widgets))


class Sliders(WrittenPage):
    """The page, once the photo can be exposed."""

    def __init__(self, browser: Any, page: Path, width: int = 1280, **options: Any) -> None:
        super().__init__(browser, page, width, **options)
        self.tab.wait_for_selector(".xl-light .xl-now canvas")
        self.light = self.tab.locator(".xl-light")
        self.steps, self.fading = self.tab.locator(".xl-ev").all()

    def expose(self, ev: float) -> Array:
        """Put the exposure somewhere and read the canvas."""
        return self._pixels("canvas", ev)

    def photo(self) -> Array:
        """The photo as the page got it."""
        return self._pixels(".xl-pane:nth-child(2) img", 0)

    def _pixels(self, selector: str, ev: float) -> Array:
        height, width, data = self.light.evaluate(
            """(widget, [selector, ev]) => {
                const range = widget.querySelector('input');
                range.value = ev;
                range.dispatchEvent(new Event('input'));
                const picture = widget.querySelector(selector);
                const sheet = document.createElement('canvas');
                sheet.width = picture.naturalWidth || picture.width;
                sheet.height = picture.naturalHeight || picture.height;
                const ink = sheet.getContext('2d');
                ink.drawImage(picture, 0, 0);
                const data = ink.getImageData(0, 0, sheet.width, sheet.height).data;
                return [sheet.height, sheet.width, Array.from(data)];
            }""",
            [selector, ev],
        )
        codes = np.array(data, np.uint8).reshape(height, width, 4)[..., :3]
        return from_uint8(codes)


def test_the_page_exposes_as_the_library_does(browser: Any, page: Path) -> None:
    sliders = Sliders(browser, page)
    photo = sliders.photo()
    for tenths in range(-20, 21):
        exposed = to_uint8(sliders.expose(tenths / 10)).astype(int)
        expected = to_uint8(apply_ev(photo, tenths / 10)).astype(int)
        assert abs(exposed - expected).max() <= 1
        # Whole stops bring dark values to exactly one half, which 64 and 32 bits round apart.
        assert (exposed != expected).mean() < (0.05 if tenths % 10 == 0 else 0.002)
    assert sliders.complaints == []
    sliders.context.close()


def test_keys_expose_by_a_tenth_of_a_stop(browser: Any, page: Path) -> None:
    sliders = Sliders(browser, page)
    slider = sliders.light.get_by_role("slider")
    slider.focus()
    seen = []
    for key in ("ArrowLeft", "ArrowRight", "ArrowRight", "Home", "End"):
        sliders.tab.keyboard.press(key)
        label = sliders.light.locator(".xl-now .xl-label").inner_text()
        assert slider.get_attribute("aria-valuetext") == label
        picture = sliders.light.get_by_role("img", name=f"A cup, {label}")
        assert picture.is_visible()
        seen.append(label)
    assert seen == [f"{MINUS}0.1 EV", "0.0 EV", "+0.1 EV", f"{MINUS}2.0 EV", "+2.0 EV"]
    sliders.context.close()


def test_steps_jump_and_a_blend_says_that_it_is_one(browser: Any, page: Path) -> None:
    sliders = Sliders(browser, page)
    for widget, labels in (
        (sliders.steps, ["grey 240"]),
        (sliders.fading, ["blend of grey 40 and grey 240"] * 9 + ["grey 240"]),
    ):
        slider = widget.get_by_role("slider")
        slider.focus()
        for label in labels:
            sliders.tab.keyboard.press("ArrowRight")
            assert slider.get_attribute("aria-valuetext") == label
            assert widget.locator(".xl-now .xl-label").inner_text() == label
    sliders.fading.get_by_role("slider").evaluate(
        "e => { e.value = 0.5; e.dispatchEvent(new Event('input')) }"
    )
    panes = sliders.fading.locator(".xl-pane").evaluate_all(
        "all => all.map(e => [getComputedStyle(e.querySelector('img')).visibility,"
        " Number(getComputedStyle(e.querySelector('img')).opacity)])"
    )
    assert panes == [["visible", 1], ["visible", 0.5]]  # half of one over the other
    sliders.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_they_fill_their_column_and_hide_nothing(browser: Any, page: Path, width: int) -> None:
    sliders = Sliders(browser, page, width)
    column = sliders.tab.evaluate("document.body.clientWidth")
    for widget in sliders.tab.locator(".xl-widget").all():
        box = widget.bounding_box()
        picture = widget.locator("img, canvas").locator("visible=true").first.bounding_box()
        at_most = 560 * picture["width"] / picture["height"]
        assert box["width"] == pytest.approx(min(column, at_most), abs=2)
    for widget in (sliders.light, sliders.steps):
        shown = widget.locator(".xl-now")
        picture = shown.locator("img, canvas").locator("visible=true").first.bounding_box()
        assert shown.locator(".xl-label").bounding_box()["y"] >= picture["y"] + picture["height"]
    shown, wide = sliders.tab.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= shown
    sliders.context.close()


def test_without_script_and_on_paper_there_are_several_exposures(browser: Any, page: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    assert tab.locator(".xl-light img:visible").count() == 3
    assert not tab.get_by_role("slider").first.is_visible()
    labels = tab.locator(".xl-light .xl-label").all_inner_texts()
    assert labels == [ev_label(ev) for ev in (-2, 0, 2)]
    context.close()
    sliders = Sliders(browser, page)
    sliders.tab.emulate_media(media="print")
    assert sliders.light.locator(".xl-pane:visible").count() == 3
    assert not sliders.light.get_by_role("slider").is_visible()
    sliders.context.close()
