"""Play against the network: its HTML, its arithmetic, its picture; tests/browser plays it."""

import html
import json
import re
from typing import Any

import numpy as np
import pytest
from test_widgets import Tags, pixels

from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, check_image, from_uint8, to_uint8
from exposure_lab.metrics.pixel import psnr
from exposure_lab.notebook.exposure_game import (
    CONTRAST,
    EXPOSURE,
    STRIP,
    Round,
    adjust,
    play,
    scoreboard,
)


def a_round(photo: Array, ev: float = -1.0) -> Round:
    """A photo whose network does nothing but give a grey."""
    return Round(f"cup, {ev:g} EV", apply_ev(photo, ev), np.full_like(photo, 0.4), photo)


def data_of(markup: str) -> dict[str, Any]:
    """What the script reads."""
    (found,) = re.findall(r'data-play="([^"]*)"', markup)
    loaded: dict[str, Any] = json.loads(html.unescape(found))
    return loaded


def stored(photo: Array) -> Array:
    """What an 8-bit file keeps."""
    return from_uint8(to_uint8(photo))


def test_adjust_is_exposure_then_contrast(photo: Array) -> None:
    assert np.array_equal(adjust(photo, 0), photo)
    assert np.array_equal(adjust(photo, -1.5), apply_ev(photo, -1.5))
    # By hand: half a grey's distance from the middle, either way.
    greys = np.array([[[0.1] * 3, [0.5] * 3, [0.9] * 3]], np.float32)
    assert adjust(greys, 0, 0.5)[0, :, 0] == pytest.approx([0.3, 0.5, 0.7])
    assert adjust(greys, 0, 2)[0, :, 0] == pytest.approx([0, 0.5, 1])
    # The two do not commute: one stop more takes 0.5 up before contrast moves it on.
    one_stop = float(apply_ev(greys, 1)[0, 1, 0])
    assert adjust(greys, 1, 1.2)[0, 1, 0] == pytest.approx(0.5 + 1.2 * (one_stop - 0.5))
    for exposure in EXPOSURE[:2]:
        for contrast in CONTRAST[:2]:
            check_image(adjust(photo, exposure, contrast))


def test_the_first_round_is_there_without_script(photo: Array) -> None:
    one = a_round(photo)
    markup = play([one, a_round(photo, 1.0)], alt="A cup.")._repr_html_()
    images = Tags(markup).all("img")
    assert [image["alt"] for image in images] == [
        f"A cup, cup, -1 EV: {label}" for label in ("yours", "the network's", "target")
    ]
    for image, expected in zip(images, (one.given, one.network, one.target), strict=True):
        assert abs(pixels(image["src"]) - expected).mean() < 0.02


def test_pictures_are_stored_once(photo: Array) -> None:
    markup = play([a_round(photo, ev) for ev in (-1.5, -1, 1)], alt="A cup")._repr_html_()
    data = data_of(markup)
    assert data["names"] == ["cup, -1.5 EV", "cup, -1 EV", "cup, 1 EV"]
    assert data["rounds"] == [[0, 1, 2], [3, 1, 2], [4, 1, 2]]  # one grey and one target serve all
    assert [one is None for one in data["pictures"]] == [True, True, True, False, False]
    assert markup.count("data:image/jpeg") == 5


def test_it_is_whole_and_asks_for_nothing(photo: Array) -> None:
    markup = play([a_round(photo)], alt="A cup")._repr_html_()
    assert "<style>" in markup and "<script>" in markup
    assert not re.search(r"https?:|url\(|@import|src=\"(?!data:)", markup)
    assert not [a for _, a in Tags(markup).found if "id" in a]  # two alike may share a page
    sliders = [one for one in Tags(markup).all("input") if one["type"] == "range"]
    for slider, bounds in zip(sliders, (EXPOSURE, CONTRAST), strict=True):
        assert [float(slider[k]) for k in ("min", "max", "step", "value")] == list(bounds)
    assert markup.count("<label>") == 4  # photo, two sliders, blind: each control has its name


def test_the_start_of_each_slider_lies_on_its_steps() -> None:
    for low, high, step, start in (EXPOSURE, CONTRAST):
        for place in (start, high):
            assert (place - low) / step == pytest.approx(round((place - low) / step))


def test_texts_are_escaped(photo: Array) -> None:
    one = Round('<b>"', photo, photo, photo)
    markup = play([one], alt='"><b>')._repr_html_()
    assert not Tags(markup).all("b")
    assert data_of(markup)["names"] == ['<b>"']


def test_the_same_pictures_give_the_same_text(photo: Array) -> None:
    first, again, other = (
        play([a_round(photo, ev)], alt="A cup")._repr_html_() for ev in (-1, -1, 1)
    )
    assert first == again != other


def test_scoreboard_shows_three_pictures_under_their_scores(photo: Array) -> None:
    one = a_round(photo)
    height, width = photo.shape[:2]
    board = scoreboard(one, 1.0, 1.0)
    check_image(board)
    assert board.shape == (height + STRIP, 3 * width, 3)
    yours, network, target = np.split(board[STRIP:], 3, axis=1)
    assert np.array_equal(yours, stored(apply_ev(stored(one.given), 1)))
    assert abs(network - one.network).max() < 0.002 and abs(target - photo).max() < 0.002
    assert psnr(yours, target) > 30  # the stop that was taken is given back
    texts = np.split(board[:STRIP], 3, axis=1)
    assert all(text.min() < 0.5 for text in texts)  # each has something written on it
    assert np.array_equal(texts[1], np.split(scoreboard(one)[:STRIP], 3, axis=1)[1])
    assert not np.array_equal(texts[0], np.split(scoreboard(one)[:STRIP], 3, axis=1)[0])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda p: play([], alt="A cup"), "at least one round"),
        (lambda p: play([a_round(p)], alt=" "), "`alt`"),
        (lambda p: play([Round("cup", p, p[1:], p)], alt="A cup"), "one shape"),
        (lambda p: play([Round("cup", p * 2, p, p)], alt="A cup"), "clip or rescale"),
        (lambda p: scoreboard(Round("cup", p, p, p[1:])), "one shape"),
        (lambda p: adjust(p[..., 0], 1), "channels last"),
    ],
)
def test_what_is_no_picture_is_refused(photo: Array, change: Any, expected: str) -> None:
    with pytest.raises(ImageError, match=expected):
        change(photo)
