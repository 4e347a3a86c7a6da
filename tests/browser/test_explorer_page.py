"""The receptive-field explorer, moved by key, mouse and finger, on a page that the test writes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import MARKS, WrittenPage, write_page

from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.images.resize import shrink
from exposure_lab.networks.receptive import map_side, seen_pixels
from exposure_lab.notebook.receptive_field_widget import VerdictMap, explore_fields

pytestmark = MARKS

PHOTO = shrink(sample_photo("coffee"), 100)
SIZE = PHOTO.shape[0], PHOTO.shape[1]
MAPS = {
    layers: VerdictMap.of(
        layers,
        3 * np.random.default_rng(layers).standard_normal([map_side(s, layers) for s in SIZE]),
        *SIZE,
    )
    for layers in (1, 2, 3)
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with the same widget twice, as nobody promised that there is only one."""
    logits = {layers: verdicts.tenths / 10 for layers, verdicts in MAPS.items()}
    markup = explore_fields(PHOTO, logits, alt="A cup of coffee", start=3).markup
    path = tmp_path_factory.mktemp("explorer") / "page.html"
    return write_page(path, markup + markup)


class Exploration(WrittenPage):
    """The first widget of the page, with what the page asked for and complained of."""

    def __init__(self, browser: Any, page: Path, width: int = 1280, **options: Any) -> None:
        super().__init__(browser, page, width, **options)
        self.widget = self.tab.locator(".xl-rf").first
        self.photo, self.map = self.widget.locator(".xl-side").all()
        self.choices = self.widget.get_by_role("radio").all()

    @property
    def status(self) -> str:
        """The line below the pictures."""
        text: str = self.widget.get_by_role("status").inner_text()
        return text

    @property
    def hole(self) -> str:
        """The outline of what the chosen logit sees."""
        path: str = self.widget.locator(".xl-edge").get_attribute("d")
        return path

    def point(self, side: Any, y: float, x: float) -> dict[str, float]:
        """Where a place of the picture, in its px, lies in the window."""
        box = side.bounding_box()
        return {
            "x": box["x"] + x / SIZE[1] * box["width"],
            "y": box["y"] + y / SIZE[0] * box["height"],
        }

    def shows(self, layers: int, row: int, column: int) -> None:
        """Everything on the page is about this logit."""
        assert self.status == MAPS[layers].sentence(row, column)
        (top, bottom), (left, right) = (
            seen_pixels(index, size, layers)
            for index, size in zip((row, column), SIZE, strict=True)
        )
        assert self.hole == f"M{left} {top}V{bottom + 1}H{right + 1}V{top}Z"
        dot, box = (
            self.widget.locator(name).bounding_box() for name in (".xl-dot", ".xl-side >> nth=1")
        )
        for index, axis, side, size in (
            (row, "y", "height", SIZE[0]),
            (column, "x", "width", SIZE[1]),
        ):
            place = (dot[axis] + dot[side] / 2 - box[axis]) / box[side] * size
            assert place == pytest.approx(2**layers * (index + 1.5), abs=1)
        maps = self.widget.locator(".xl-verdicts").all()
        shown = [i for i, picture in enumerate(maps, 1) if picture.is_visible()]
        assert shown == [layers]


def test_it_starts_in_the_middle(browser: Any, page: Path) -> None:
    explored = Exploration(browser, page)
    explored.shows(3, *MAPS[3].middle)
    assert [choice.is_checked() for choice in explored.choices] == [False, False, True]
    assert [r for r in explored.requests if not r.startswith(("file:", "data:"))] == []
    assert explored.complaints == []
    explored.context.close()


def test_keys_move_and_stop_at_the_border(browser: Any, page: Path) -> None:
    explored = Exploration(browser, page)
    row, column = MAPS[3].middle
    rows, columns = MAPS[3].tenths.shape
    explored.tab.keyboard.press("Tab")  # the first thing on the page that takes keys
    for key, place in (
        ("ArrowRight", (row, column + 1)),
        ("ArrowUp", (row - 1, column + 1)),
        ("ArrowLeft", (row - 1, column)),
        ("ArrowDown", (row, column)),
        ("Home", (row, 0)),
        ("ArrowLeft", (row, 0)),
        ("Shift+ArrowRight", (row, min(5, columns - 1))),
        ("End", (row, columns - 1)),
        ("Shift+ArrowDown", (min(row + 5, rows - 1), columns - 1)),
    ):
        explored.tab.keyboard.press(key)
        explored.shows(3, *place)
    assert explored.tab.evaluate("scrollY") == 0  # the keys moved the logit and not the page
    explored.context.close()


def test_focus_shows(browser: Any, page: Path) -> None:
    explored = Exploration(browser, page)
    style = "e => getComputedStyle(e).outlineStyle + ' ' + getComputedStyle(e).outlineWidth"
    assert explored.photo.evaluate(style).startswith("none")
    explored.tab.keyboard.press("Tab")
    assert explored.photo.evaluate(style) == "solid 3px"
    explored.tab.keyboard.press("Tab")
    assert explored.choices[2].evaluate(style) == "solid 3px"
    explored.context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_mouse_chooses_on_either_picture(browser: Any, page: Path, width: int) -> None:
    explored = Exploration(browser, page, width)
    for side in (explored.photo, explored.map):
        for y, x, place in ((33, 58, (3, 6)), (2, 2, (0, 0)), (98, 147, (9, 15)), (50, 26, (5, 2))):
            at = explored.point(side, y, x)
            explored.tab.mouse.move(at["x"], at["y"])
            # A square of 8 px around each centre: pixels 8 (i + 1) to 8 (i + 2).
            rows, columns = MAPS[3].tenths.shape
            explored.shows(3, min(place[0], rows - 1), min(place[1], columns - 1))
    explored.context.close()


def test_a_finger_chooses(browser: Any, page: Path) -> None:
    explored = Exploration(browser, page, 390, has_touch=True, is_mobile=True)
    for side in (explored.photo, explored.map):
        at = explored.point(side, 36, 60)
        explored.tab.touchscreen.tap(at["x"], at["y"])
        explored.shows(3, 3, 6)
        at = explored.point(side, 20, 20)
        explored.tab.touchscreen.tap(at["x"], at["y"])
        explored.shows(3, 1, 1)
    assert explored.photo.evaluate("e => getComputedStyle(e).touchAction") == "pan-y"
    explored.context.close()


def test_another_number_of_layers_stays_at_its_place(browser: Any, page: Path) -> None:
    explored = Exploration(browser, page)
    at = explored.point(explored.photo, 44, 92)  # the middle of row 4, column 10
    explored.tab.mouse.move(at["x"], at["y"])
    explored.shows(3, 4, 10)
    explored.choices[1].check()
    explored.shows(2, 10, 22)  # 44 // 4 - 1 and 92 // 4 - 1
    explored.choices[0].check()
    explored.shows(1, 22, 46)  # the middle of the logit before: 46 // 2 - 1 and 94 // 2 - 1
    assert [choice.is_checked() for choice in explored.choices] == [True, False, False]
    # The other widget is the same, and nobody has touched it.
    other = explored.tab.locator(".xl-rf").nth(1)
    choices = other.get_by_role("radio").all()
    assert [choice.is_checked() for choice in choices] == [False, False, True]
    assert other.get_by_role("status").inner_text() == MAPS[3].sentence(*MAPS[3].middle)
    explored.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_and_can_be_read(browser: Any, page: Path, width: int, scheme: str) -> None:
    explored = Exploration(browser, page, width, color_scheme=scheme)
    shown, wide = explored.tab.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= shown
    photo, verdicts = (side.bounding_box() for side in (explored.photo, explored.map))
    if width == 390:  # one above the other
        assert verdicts["y"] >= photo["y"] + photo["height"]
    else:
        assert verdicts["x"] >= photo["x"] + photo["width"]
    assert photo["width"] > 300 and abs(photo["height"] - verdicts["height"]) < 1.5
    for choice in explored.widget.locator("label").all():  # large enough for a finger
        assert choice.bounding_box()["height"] >= 36
    colours = explored.widget.evaluate(
        "e => [getComputedStyle(e.querySelector('.xl-say')).color, "
        "getComputedStyle(document.body).color]"
    )
    assert colours[0] == colours[1]
    explored.context.close()


def test_without_script_and_on_paper(browser: Any, page: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    widget = tab.locator(".xl-rf").first
    assert widget.locator(".xl-say").inner_text() == MAPS[3].sentence(*MAPS[3].middle)
    assert widget.locator(".xl-verdicts:visible").count() == 1
    assert not widget.get_by_role("radio").first.is_visible()
    context.close()
    explored = Exploration(browser, page)
    explored.tab.emulate_media(media="print")
    assert not explored.choices[0].is_visible()
    assert explored.widget.locator(".xl-verdicts:visible").count() == 1
    explored.context.close()
