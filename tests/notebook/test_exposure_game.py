"""The exposure game: its HTML, its arithmetic, its picture; tests/browser plays it."""

from importlib import resources
from typing import Any

import numpy as np
import pytest
from parsed_html import assert_stands_alone, data_of, elements, parse, pixels, text

from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, check_image, from_uint8, to_uint8
from exposure_lab.metrics.pixel import psnr
from exposure_lab.notebook.exposure_game import (
    CONTRAST,
    EXPOSURE,
    LABEL_HEIGHT,
    adjust,
    play,
    scoreboard,
)
from exposure_lab.notebook.game_rounds import GAME_PHOTOS, Round, game_photo


def a_round(photo: Array, ev: float = -1.0) -> Round:
    """Make a round whose network answers with one grey."""
    return Round(f"cup, {ev:g} EV", apply_ev(photo, ev), np.full_like(photo, 0.4), photo)


def quantize(photo: Array) -> Array:
    """Round a picture to 8 bits, as a file does."""
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
    games = [a_round(photo), a_round(photo, 1.0)]
    page = parse(play(games, alt="A cup.").markup)
    images = elements(page, "img")
    assert [image.get("alt") for image in images] == [
        f"A cup, round 1: {label}" for label in ("yours", "the network's", "target")
    ]
    first = next(game for game in games if game.name == data_of(page, "play")["names"][0])
    for image, expected in zip(images, first.pictures(), strict=True):
        assert abs(pixels(image) - expected).mean() < 0.02


def test_neither_list_nor_order_nor_pictures_name_the_answer(photo: Array) -> None:
    exposures = (-1.5, -1, 1, 1.5) * 2
    markup = play([a_round(photo, ev) for ev in exposures], alt="A cup").markup
    page = parse(markup)
    rounds = [text(option) for option in elements(page, "option")]
    assert rounds == [f"Round {i} of 8" for i in range(1, 9)]
    names = data_of(page, "play")["names"]
    assert sorted(names) == sorted(f"cup, {ev:g} EV" for ev in exposures)
    assert names != [f"cup, {ev:g} EV" for ev in exposures]
    for element in page.iter():  # all that is said or shown before the script reveals it
        told = {k: v for k, v in element.attrib.items() if k not in ("data-play", "src")}
        assert not any(" EV" in value for value in told.values())
        assert element.tag in ("style", "script") or " EV" not in (element.text or "")


def test_pictures_are_stored_once(photo: Array) -> None:
    page = parse(play([a_round(photo, ev) for ev in (-1.5, -1, 1)], alt="A cup").markup)
    data = data_of(page, "play")
    assert data["rounds"] == [[0, 1, 2], [3, 1, 2], [4, 1, 2]]  # one grey and one target serve all
    assert [address is None for address in data["pictures"]] == [True, True, True, False, False]
    addresses = [image.get("src") for image in elements(page, "img")] + data["pictures"][3:]
    assert len(set(addresses)) == 5
    assert all(address.startswith("data:image/jpeg;base64,") for address in addresses)


def test_the_photos_of_the_game_are_in_no_set_and_have_a_licence() -> None:
    asked = []

    def opponent(picture: Array) -> Array:
        asked.append(picture)
        return np.full_like(picture, 0.4)

    rounds = Round.built_in(opponent, 60)
    assert len(rounds) == len(GAME_PHOTOS) > 2
    for game, given, (name, ev) in zip(rounds, asked, GAME_PHOTOS.items(), strict=True):
        assert game.name == f"{name}, {ev:+g} EV" and name not in SAMPLE_SPLITS
        assert np.array_equal(given, game.real_input)
        assert np.array_equal(game.real_input, apply_ev(game.real_target, ev))
        assert min(game.real_target.shape[:2]) == 60 and game.real_target.std() > 0.1
    licences = resources.files("exposure_lab.notebook") / "assets" / "LICENSES.md"
    stated = licences.read_text("utf-8")
    assert all(f"`game_{name}.jpg`" in stated for name in GAME_PHOTOS)
    assert game_photo("villa", 40).shape == (40, 60, 3)


def test_it_is_whole_and_asks_for_nothing(photo: Array) -> None:
    page = parse(play([a_round(photo)], alt="A cup").markup)
    assert_stands_alone(page)
    sliders = elements(page, "input", type="range")
    for slider, bounds in zip(sliders, (EXPOSURE, CONTRAST), strict=True):
        numbers = [float(slider.attrib[name]) for name in ("min", "max", "step", "value")]
        assert numbers == list(bounds)


def test_each_control_has_its_name(photo: Array) -> None:
    page = parse(play([a_round(photo)], alt="A cup").markup)
    labels = elements(page, "label")
    assert [text(label).split()[0] for label in labels] == ["Photo", "Show", "Exposure", "Contrast"]
    controls = [
        [control.tag for control in label.iter() if control.tag in ("input", "select")]
        for label in labels
    ]
    assert controls == [["select"], ["input"], ["input"], ["input"]]
    buttons = [text(button) for button in elements(page, "button")]
    assert buttons == ["Done", "Reset the sliders", "Erase my wins"]


def test_the_start_of_each_slider_lies_on_its_steps() -> None:
    for low, high, step, start in (EXPOSURE, CONTRAST):
        for value in (start, high):
            assert (value - low) / step == pytest.approx(round((value - low) / step))


def test_texts_are_escaped(photo: Array) -> None:
    page = parse(play([Round('<b>"', photo, photo, photo)], alt='"><b>').markup)
    assert not elements(page, "b")
    assert data_of(page, "play")["names"] == ['<b>"']


def test_the_same_pictures_give_the_same_text(photo: Array) -> None:
    first, again, other = (
        play([a_round(photo, ev)], alt="A cup")._repr_html_() for ev in (-1, -1, 1)
    )
    assert first == again != other


def test_scoreboard_shows_three_pictures_under_their_scores(photo: Array) -> None:
    game = a_round(photo)
    height, width = photo.shape[:2]
    board = scoreboard(game, 1.0, 1.0)
    check_image(board)
    assert board.shape == (height + LABEL_HEIGHT, 3 * width, 3)
    yours, network, target = np.split(board[LABEL_HEIGHT:], 3, axis=1)
    assert np.array_equal(yours, quantize(apply_ev(quantize(game.real_input), 1)))
    assert abs(network - game.fake_target).max() < 0.002 and abs(target - photo).max() < 0.002
    assert psnr(yours, target) > 30  # the stop that was taken is given back
    strips = np.split(board[:LABEL_HEIGHT], 3, axis=1)
    assert all(strip.min() < 0.5 for strip in strips)  # each has something written on it
    assert np.array_equal(strips[1], np.split(scoreboard(game)[:LABEL_HEIGHT], 3, axis=1)[1])
    assert not np.array_equal(strips[0], np.split(scoreboard(game)[:LABEL_HEIGHT], 3, axis=1)[0])


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
