"""HTML of the sliders: whole by itself, stable, described; tests/browser moves them."""

import io
from typing import Any

import pytest
from parsed_html import assert_stands_alone, elements, parse, pixels, text
from PIL import Image

from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array
from exposure_lab.notebook.live_sliders import live
from exposure_lab.notebook.widgets import before_after, ev_label, ev_slider


def test_before_after_holds_both_pictures(photo: Array) -> None:
    page = parse(before_after(photo * 0.3, photo, alt="A cup.", labels=("dark", "fixed")).markup)
    first, second = elements(page, "img")
    assert (first.get("alt"), second.get("alt")) == ("A cup, dark", "A cup, fixed")
    assert abs(pixels(first) - photo * 0.3).mean() < 0.02
    assert abs(pixels(second) - photo).mean() < 0.02
    (slider,) = elements(page, "input", type="range")
    assert "dark and fixed" in slider.attrib["aria-label"]


def test_ev_slider_sorts_its_steps_and_starts_in_the_middle(photo: Array) -> None:
    page = parse(ev_slider({ev: photo * 2.0**ev for ev in (0.0, -1.5, -1.0)}, alt="A cup").markup)
    labels = [text(label) for label in elements(page, class_="xl-label")]
    assert labels == ["\N{MINUS SIGN}1.5 EV", "\N{MINUS SIGN}1 EV", "0 EV"]
    (slider,) = elements(page, "input")
    assert [slider.get(name) for name in ("min", "max", "value")] == ["0", "2", "1"]
    assert ev_label(1.5) == "+1.5 EV" and ev_label(-1) == "\N{MINUS SIGN}1 EV"


def test_steps_may_have_any_label_in_any_order(photo: Array) -> None:
    page = parse(ev_slider([("b", photo), ("a", photo)], alt="A cup", start=0).markup)
    assert [text(label) for label in elements(page, class_="xl-label")] == ["b", "a"]
    assert [slider.get("value") for slider in elements(page, "input")] == ["0"]


def test_one_photo_is_exposed_in_the_page(photo: Array) -> None:
    page = parse(ev_slider(photo, alt="A cup.", reach=3).markup)
    (slider,) = elements(page, "input", type="range")
    bounds = [slider.get(name) for name in ("min", "max", "step", "value")]
    assert bounds == ["-3", "3", "0.1", "0"] and slider.get("aria-label") == "Exposure: A cup"
    # Paper and a page without script have the ends as well.
    low, middle, high = elements(page, "img")
    assert middle.get("alt") == "A cup, 0 EV" and abs(pixels(middle) - photo).mean() < 0.02
    assert abs(pixels(low) - apply_ev(photo, -3)).mean() < 0.02
    assert abs(pixels(high) - apply_ev(photo, 3)).mean() < 0.03


def test_steps_may_fade_into_each_other(photo: Array) -> None:
    page = parse(ev_slider({0: photo, 1: photo}, alt="A cup", blend=True).markup)
    assert [slider.get("step") for slider in elements(page, "input")] == ["0.1"]


@pytest.mark.parametrize(
    "widget",
    [before_after, ev_slider, None],
    ids=["before_after", "ev_slider", "ev_slider of one photo"],
)
def test_it_is_whole_and_asks_for_nothing(photo: Array, widget: Any) -> None:
    arguments = {before_after: (photo, photo), ev_slider: ({0: photo, 1: photo},)}
    made = (widget or ev_slider)(*arguments.get(widget, (photo,)), alt="A cup")
    assert_stands_alone(parse(made._repr_html_()))


def test_the_same_pictures_give_the_same_text(photo: Array) -> None:
    first, again, other = (
        before_after(photo, photo * gain, alt="A cup")._repr_html_() for gain in (0.5, 0.5, 0.6)
    )
    assert first == again != other


def test_texts_are_escaped(photo: Array) -> None:
    page = parse(before_after(photo, photo, alt='"><b>', labels=("<i>", "&amp;")).markup)
    assert not elements(page, "b") and not elements(page, "i")
    assert [text(label) for label in elements(page, class_="xl-label")] == ["<i>", "&amp;"]
    assert elements(page, "img")[0].get("alt") == '"><b>, <i>'


def test_width_and_plain_text(photo: Array) -> None:
    widget = before_after(photo, photo, alt="A cup", width=300)
    (group,) = elements(parse(widget.markup), role="group")
    assert (group.get("style"), group.get("aria-label")) == ("width:min(100%,300px)", "A cup")
    assert repr(widget) == "[pictures: A cup]"


def test_it_fills_the_column_unless_it_would_be_too_high(photo: Array) -> None:
    for picture, width in ((photo, 560 * photo.shape[1] / 48), (photo[:, :24], 280)):
        for widget in (
            before_after(picture, picture, alt="A cup"),
            ev_slider(picture, alt="A cup"),
        ):
            (group,) = elements(parse(widget.markup), role="group")
            assert group.get("style") == f"width:min(100%,{width:.0f}px)"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda p: before_after(p, p[1:], alt="A cup"), "one shape"),
        (lambda p: before_after(p, p, alt=" "), "`alt`"),
        (lambda p: before_after(p * 2, p, alt="A cup"), "clip or rescale"),
        (lambda p: before_after(p[..., 0], p[..., 0], alt="A cup"), "channels last"),
        (lambda p: ev_slider({0.0: p}, alt="A cup"), "at least two steps"),
        (lambda p: ev_slider({0.0: p, 1.0: p[1:]}, alt="A cup"), "one shape"),
        (lambda p: ev_slider(p * 2, alt="A cup"), "clip or rescale"),
        (lambda p: ev_slider(p, alt=""), "`alt`"),
    ],
)
def test_what_is_no_picture_is_refused(photo: Array, change: Any, expected: str) -> None:
    with pytest.raises(ImageError, match=expected):
        change(photo)


def test_live_controls_stay_away_where_nobody_can_play(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(**_: float) -> Array:
        raise AssertionError("drawn without a reader")

    live(draw, alt="A cup", ev=(-2, 2, 0.5, 0))  # no kernel here
    monkeypatch.setenv("EXPOSURE_LAB_HEADLESS", "1")
    live(draw, alt="A cup", ev=(-2, 2, 0.5, 0))


def test_live_controls_draw_when_moved(monkeypatch: pytest.MonkeyPatch, photo: Array) -> None:
    ipywidgets = pytest.importorskip("ipywidgets")
    import IPython
    import IPython.display

    monkeypatch.delenv("EXPOSURE_LAB_HEADLESS", raising=False)
    shell = type("Shell", (), {"kernel": object()})()
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    shown: list[Any] = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    asked: list[float] = []

    def draw(ev: float) -> Array:
        asked.append(ev)
        return photo

    live(draw, alt="A cup", ev=(-2, 2, 0.5, 0))
    (box,) = shown
    slider = next(c for c in box.children if isinstance(c, ipywidgets.FloatSlider))
    slider.value = 1.5
    assert asked == [0, 1.5]
    picture = next(c for c in box.children if isinstance(c, ipywidgets.Image))
    assert Image.open(io.BytesIO(picture.value)).size == (photo.shape[1], photo.shape[0])
    kinds = {type(child).__name__ for child in box.children}
    assert "Output" not in kinds
