"""The sliders' HTML: whole by itself, stable, described; tests/browser moves them."""

import base64
import io
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from PIL import Image

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array
from exposure_lab.notebook.live_sliders import live
from exposure_lab.notebook.widgets import before_after, ev_label, ev_slider


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, Any]]:
        """The attributes of every such tag."""
        return [attributes for name, attributes in self.found if name == tag]


def pixels(source: str) -> Array:
    """A data address as an image."""
    data = base64.b64decode(source.removeprefix("data:image/jpeg;base64,"))
    return np.asarray(Image.open(io.BytesIO(data)), np.float32) / 255


def test_before_after_holds_both_pictures(photo: Array) -> None:
    markup = before_after(photo * 0.3, photo, alt="A cup.", labels=("dark", "fixed"))._repr_html_()
    first, second = Tags(markup).all("img")
    assert (first["alt"], second["alt"]) == ("A cup, dark", "A cup, fixed")
    assert abs(pixels(first["src"]) - photo * 0.3).mean() < 0.02
    assert abs(pixels(second["src"]) - photo).mean() < 0.02
    (slider,) = Tags(markup).all("input")
    assert slider["type"] == "range" and "dark and fixed" in slider["aria-label"]


def test_ev_slider_sorts_its_steps_and_starts_in_the_middle(photo: Array) -> None:
    steps = {ev: photo * 2.0**ev for ev in (0.0, -1.5, -1.0)}
    markup = ev_slider(steps, alt="A cup")._repr_html_()
    labels = re.findall(r'class="xl-label">([^<]+)<', markup)
    assert labels == [ev_label(-1.5), ev_label(-1.0), "0 EV"]
    (slider,) = Tags(markup).all("input")
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "2", "1")
    assert ev_label(1.5) == "+1.5 EV" and ev_label(-1) == "\N{MINUS SIGN}1 EV"


def test_steps_may_have_any_label_in_any_order(photo: Array) -> None:
    markup = ev_slider([("b", photo), ("a", photo)], alt="A cup", start=0)._repr_html_()
    assert re.findall(r'class="xl-label">([^<]+)<', markup) == ["b", "a"]
    assert Tags(markup).all("input")[0]["value"] == "0"


def test_it_is_whole_and_asks_for_nothing(photo: Array) -> None:
    markup = before_after(photo, photo, alt="A cup")._repr_html_()
    assert "<style>" in markup and "<script>" in markup
    assert not re.search(r"https?:|url\(|@import|src=\"(?!data:)", markup)
    assert not [a for _, a in Tags(markup).found if "id" in a]  # two alike may share a page


def test_the_same_pictures_give_the_same_text(photo: Array) -> None:
    first, again, other = (
        before_after(photo, photo * gain, alt="A cup")._repr_html_() for gain in (0.5, 0.5, 0.6)
    )
    assert first == again != other


def test_texts_are_escaped(photo: Array) -> None:
    markup = before_after(photo, photo, alt='"><b>', labels=("<i>", "&"))._repr_html_()
    assert not Tags(markup).all("b") and not Tags(markup).all("i")


def test_width_and_plain_text(photo: Array) -> None:
    shown = before_after(photo, photo, alt="A cup", width=300)
    assert 'style="width:300px"' in shown._repr_html_()
    assert repr(shown) == "[pictures: A cup]"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda p: before_after(p, p[1:], alt="A cup"), "one shape"),
        (lambda p: before_after(p, p, alt=" "), "`alt`"),
        (lambda p: before_after(p * 2, p, alt="A cup"), "clip or rescale"),
        (lambda p: before_after(p[..., 0], p[..., 0], alt="A cup"), "channels last"),
        (lambda p: ev_slider({0.0: p}, alt="A cup"), "at least two steps"),
        (lambda p: ev_slider({0.0: p, 1.0: p[1:]}, alt="A cup"), "one shape"),
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
