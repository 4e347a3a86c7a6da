"""Receptive-field explorer: its HTML and its numbers; tests/browser plays with it."""

import base64
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import pytest
import torch
from parsed_html import assert_stands_alone, data_of, elements, parse, pixels, text

from exposure_lab.errors import ConfigError, ImageError
from exposure_lab.images.array import Array, to_tensor
from exposure_lab.networks.patchgan import PatchGAN
from exposure_lab.networks.receptive import field, gradient_field, map_side, receptive_field
from exposure_lab.notebook.receptive_field_widget import LARGEST, VerdictMap, explore_fields


def logits(photo: Array, layers: int) -> Array:
    """Draw patch logits for a photo, (h, w)."""
    draw = np.random.default_rng(layers)
    shape = map_side(photo.shape[0], layers), map_side(photo.shape[1], layers)
    return (3 * draw.standard_normal(shape)).astype(np.float32)


def explorer(photo: Array, *layers: int, **options: Any) -> str:
    """Make an explorer of a photo and return its HTML."""
    maps = {count: logits(photo, count) for count in layers or (1, 2, 3)}
    return explore_fields(photo, maps, alt="A cup.", **options)._repr_html_()


def maps_of(page: Element) -> list[dict[str, Any]]:
    """Maps as the script reads them."""
    maps: list[dict[str, Any]] = data_of(page, "maps")
    return maps


def test_the_script_gets_the_geometry_of_the_networks(photo: Array) -> None:
    page = parse(explorer(photo))
    for layers, data in zip((1, 2, 3), maps_of(page), strict=True):
        assert data["layers"] == layers
        assert data["field"] == receptive_field(layers)
        assert (data["rows"], data["columns"]) == logits(photo, layers).shape
        for index in range(4):  # what the script computes from first, step and field
            first = data["first"] + data["step"] * index
            assert (first, first + data["field"] - 1) == field(index, layers)
    (panes,) = elements(page, class_="xl-panes")
    assert panes.get("data-size") == "{} {}".format(*photo.shape[:2])


def test_the_script_gets_the_logits_in_tenths(photo: Array) -> None:
    values = logits(photo, 2)
    values[0, 0], values[-1, -1] = 40, -40
    (data,) = maps_of(parse(explore_fields(photo, {2: values}, alt="A cup").markup))
    tenths = np.frombuffer(base64.b64decode(data["logits"]), np.int8).reshape(values.shape)
    assert np.abs(tenths / 10 - np.clip(values, -LARGEST, LARGEST)).max() <= 0.0501
    assert (tenths[0, 0], tenths[-1, -1]) == (127, -127)


def test_the_sentence_says_what_the_network_sees() -> None:
    torch.manual_seed(0)
    network = PatchGAN(4, 2).eval()
    picture = np.random.default_rng(0).random((70, 90, 3), dtype=np.float32)
    seen = to_tensor(picture)[None]
    with torch.no_grad():
        values = network(seen, seen)[0, 0].numpy()
    verdicts = VerdictMap.of(2, values, 70, 90)
    for row, column in ((0, 0), (7, 9), (map_side(70, 2) - 1, 3), (5, map_side(90, 2) - 1)):
        reached = gradient_field(network, seen, seen, row, column) > 0
        rows, columns = (reached.any(axis).nonzero().flatten().tolist() for axis in (1, 0))
        sentence = verdicts.sentence(row, column)
        assert f"row {row}, column {column} of 15 \N{MULTIPLICATION SIGN} 20" in sentence
        seen_area = f"rows {rows[0]} to {rows[-1]} and columns {columns[0]} to {columns[-1]}."
        assert seen_area in sentence
        assert ("mirror" in sentence) == (len(rows) < 34 or len(columns) < 34)


def test_the_sentence_gives_logit_and_probability() -> None:
    values = np.zeros((6, 6))
    values[0, :4] = 2.0, -2.0, 0.04, -0.3
    verdicts = VerdictMap.of(3, values, 64, 64)
    sentences = [verdicts.sentence(0, column) for column in range(4)]
    assert "+2.0, that is 88 % real" in sentences[0]  # 1 / (1 + e^-2) = 0.881
    assert "\N{MINUS SIGN}2.0, that is 12 % real" in sentences[1]
    assert ": 0.0, that is 50 % real" in sentences[2]
    assert "\N{MINUS SIGN}0.3, that is 43 % real" in sentences[3]  # 1 / (1 + e^0.3) = 0.426


def test_without_script_it_shows_the_middle_of_one_map(photo: Array) -> None:
    page = parse(explorer(photo, start=2))
    (shown,) = elements(page, "img", class_="xl-now")
    assert shown.get("width") == str(logits(photo, 2).shape[1])
    verdicts = VerdictMap.of(2, logits(photo, 2), *photo.shape[:2])
    (status,) = elements(page, role="status")
    assert text(status) == verdicts.sentence(*verdicts.middle)
    radios = elements(page, "input", type="radio")
    assert ["checked" in radio.attrib for radio in radios] == [False, True, False]


def test_the_picture_and_the_colours_of_the_map(photo: Array) -> None:
    picture, verdicts = elements(parse(explorer(photo, 2)), "img")
    assert picture.get("alt") == "A cup" and abs(pixels(picture) - photo).mean() < 0.02
    lightness = 255 * pixels(verdicts) @ [0.299, 0.587, 0.114]  # of ITU-R BT.601
    values = logits(photo, 2)
    assert lightness.shape == values.shape
    # Lighter is more real, also for those who see no colour.
    order = np.argsort(values, axis=None)
    assert (np.diff(lightness.flatten()[order]) >= -2).all()
    assert lightness.max() - lightness.min() > 100


def test_it_is_whole_and_asks_for_nothing(photo: Array) -> None:
    assert_stands_alone(parse(explorer(photo)))


def test_keys_and_a_screen_reader_reach_it(photo: Array) -> None:
    page = parse(explorer(photo))
    (choices,) = elements(page, "fieldset")
    assert text(choices[0]).startswith("Halving layers") and choices[0].tag == "legend"
    sides = [f"{layers} \N{RIGHTWARDS ARROW} {receptive_field(layers)} px" for layers in (1, 2, 3)]
    assert [text(label) for label in elements(choices, "label")] == sides
    (pane,) = elements(page, tabindex="0")
    assert pane.get("role") == "application"
    assert "Arrow keys" in pane.attrib["aria-label"] and "A cup" in pane.attrib["aria-label"]
    assert [status.get("class") for status in elements(page, role="status")] == ["xl-say"]


def test_the_same_pictures_give_the_same_text(photo: Array) -> None:
    assert explorer(photo) == explorer(photo) != explorer(photo, 1, 2)


def test_texts_are_escaped(photo: Array) -> None:
    page = parse(explore_fields(photo, {1: logits(photo, 1)}, alt='"><b>').markup)
    assert not elements(page, "b")
    assert elements(page, "img")[0].get("alt") == '"><b>'


def test_width_and_plain_text(photo: Array) -> None:
    widget = explore_fields(photo, {1: logits(photo, 1)}, alt="A cup.", width=300)
    (group,) = elements(parse(widget.markup), role="group")
    assert group.get("style") == "width:min(100%,300px)"
    assert repr(widget) == "[pictures: A cup]"


@pytest.mark.parametrize(
    ("change", "error", "expected"),
    [
        (lambda p: explore_fields(p, {}, alt="A cup"), ImageError, "at least one map"),
        (lambda p: explore_fields(p, {1: logits(p, 1)}, alt=" "), ImageError, "`alt`"),
        (lambda p: explore_fields(p * 2, {1: logits(p, 1)}, alt="A cup"), ImageError, "clip"),
        (lambda p: explore_fields(p, {2: logits(p, 1)}, alt="A cup"), ImageError, "of shape"),
        (lambda p: explore_fields(p, {6: logits(p, 1)}, alt="A cup"), ConfigError, "at least 192"),
    ],
)
def test_what_does_not_fit_is_refused(
    photo: Array, change: Any, error: type[Exception], expected: str
) -> None:
    with pytest.raises(error, match=expected):
        change(photo)
