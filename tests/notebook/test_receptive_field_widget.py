"""The receptive-field explorer: its HTML and its numbers; tests/browser plays with it."""

import base64
import html
import io
import json
import re
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from test_widgets import Tags, pixels

from exposure_lab.errors import ConfigError, ImageError
from exposure_lab.images.array import Array, to_tensor
from exposure_lab.networks.patchgan import PatchGAN
from exposure_lab.networks.receptive import field, gradient_field, map_side, receptive_field
from exposure_lab.notebook.receptive_field_widget import LARGEST, VerdictMap, explore_fields


def logits(photo: Array, layers: int) -> Array:
    """Some patch logits for a photo, (h, w)."""
    draw = np.random.default_rng(layers)
    shape = map_side(photo.shape[0], layers), map_side(photo.shape[1], layers)
    return (3 * draw.standard_normal(shape)).astype(np.float32)


def maps_of(markup: str) -> list[dict[str, Any]]:
    """What the script reads."""
    (found,) = re.findall(r'data-maps="([^"]*)"', markup)
    loaded: list[dict[str, Any]] = json.loads(html.unescape(found))
    return loaded


def explorer(photo: Array, *layers: int, **options: Any) -> str:
    """The markup of an explorer of a photo."""
    maps = {one: logits(photo, one) for one in layers or (1, 2, 3)}
    return explore_fields(photo, maps, alt="A cup.", **options)._repr_html_()


def test_the_script_gets_the_geometry_of_the_networks(photo: Array) -> None:
    for layers, one in zip((1, 2, 3), maps_of(explorer(photo)), strict=True):
        assert one["layers"] == layers
        assert one["field"] == receptive_field(layers)
        assert (one["rows"], one["columns"]) == logits(photo, layers).shape
        for index in range(4):  # what the script computes from first, step and field
            first = one["first"] + one["step"] * index
            assert (first, first + one["field"] - 1) == field(index, layers)


def test_the_script_gets_the_logits_in_tenths(photo: Array) -> None:
    given = logits(photo, 2)
    given[0, 0], given[-1, -1] = 40, -40
    (one,) = maps_of(explore_fields(photo, {2: given}, alt="A cup").markup)
    stored = np.frombuffer(base64.b64decode(one["logits"]), np.int8).reshape(given.shape)
    assert np.abs(stored / 10 - np.clip(given, -LARGEST, LARGEST)).max() <= 0.0501
    assert (stored[0, 0], stored[-1, -1]) == (127, -127)


def test_the_sentence_says_what_the_network_sees() -> None:
    torch.manual_seed(0)
    network = PatchGAN(4, 2).eval()
    picture = np.random.default_rng(0).random((70, 90, 3), dtype=np.float32)
    seen = to_tensor(picture)[None]
    with torch.no_grad():
        values = network(seen, seen)[0, 0].numpy()
    one = VerdictMap.of(2, values, 70, 90)
    for row, column in ((0, 0), (7, 9), (map_side(70, 2) - 1, 3), (5, map_side(90, 2) - 1)):
        reached = gradient_field(network, seen, seen, row, column) > 0
        rows, columns = (reached.any(axis).nonzero().flatten().tolist() for axis in (1, 0))
        said = one.sentence(row, column)
        assert f"row {row}, column {column} of 15 \N{MULTIPLICATION SIGN} 20" in said
        assert f"rows {rows[0]} to {rows[-1]} and columns {columns[0]} to {columns[-1]}." in said
        assert ("mirror" in said) == (len(rows) < 34 or len(columns) < 34)


def test_the_sentence_gives_logit_and_probability() -> None:
    values = np.zeros((6, 6))
    values[0, :4] = 2.0, -2.0, 0.04, -0.3
    one = VerdictMap.of(3, values, 64, 64)
    said = [one.sentence(0, column) for column in range(4)]
    assert "+2.0, that is 88 % real" in said[0]  # 1 / (1 + e^-2) = 0.881
    assert "\N{MINUS SIGN}2.0, that is 12 % real" in said[1]
    assert ": 0.0, that is 50 % real" in said[2]
    assert "\N{MINUS SIGN}0.3, that is 43 % real" in said[3]  # 1 / (1 + e^0.3) = 0.426


def test_without_script_it_shows_the_middle_of_one_map(photo: Array) -> None:
    markup = explorer(photo, start=2)
    shown = [image for image in Tags(markup).all("img") if "xl-now" in image["class"].split()]
    assert [image["width"] for image in shown] == [str(logits(photo, 2).shape[1])]
    one = VerdictMap.of(2, logits(photo, 2), *photo.shape[:2])
    assert one.sentence(*one.middle) in html.unescape(markup)
    chosen = [radio for radio in Tags(markup).all("input") if "checked" in radio]
    assert [radio["value"] for radio in chosen] == ["1"]


def test_the_picture_and_the_colours_of_the_map(photo: Array) -> None:
    picture, *maps = Tags(explorer(photo, 2)).all("img")
    assert picture["alt"] == "A cup" and abs(pixels(picture["src"]) - photo).mean() < 0.02
    data = base64.b64decode(maps[0]["src"].removeprefix("data:image/png;base64,"))
    colours = np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.float32)
    given = logits(photo, 2)
    assert colours.shape == given.shape
    # Lighter is more real, also for those who see no colour.
    order = np.argsort(given, axis=None)
    assert (np.diff(colours.flatten()[order]) >= -2).all()
    assert colours.max() - colours.min() > 100


def test_it_is_whole_and_asks_for_nothing(photo: Array) -> None:
    markup = explorer(photo)
    assert "<style>" in markup and "<script>" in markup
    assert not re.search(r"https?:|url\(|@import|src=\"(?!data:)", markup)
    assert not [a for _, a in Tags(markup).found if "id" in a]  # two alike may share a page
    assert markup.count("<label>") == 3 and markup.count("<legend>") == 1
    focusable = [a for _, a in Tags(markup).found if a.get("tabindex") == "0"]
    assert [one["role"] for one in focusable] == ["application"]
    assert "Arrow keys" in focusable[0]["aria-label"] and "A cup" in focusable[0]["aria-label"]
    assert [a["class"] for _, a in Tags(markup).found if a.get("role") == "status"] == ["xl-say"]


def test_the_same_pictures_give_the_same_text(photo: Array) -> None:
    assert explorer(photo) == explorer(photo) != explorer(photo, 1, 2)


def test_texts_are_escaped(photo: Array) -> None:
    markup = explore_fields(photo, {1: logits(photo, 1)}, alt='"><b>').markup
    assert not Tags(markup).all("b")


def test_width_and_plain_text(photo: Array) -> None:
    shown = explore_fields(photo, {1: logits(photo, 1)}, alt="A cup.", width=300)
    assert 'style="width:300px"' in shown.markup
    assert repr(shown) == "[pictures: A cup]"


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
