"""Figures for the site: dark, narrow, and the notebook's own left as it was."""

import base64
import io
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from IPython.core.pylabtools import print_figure
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from PIL import Image

from exposure_lab.images.srgb import srgb_to_linear
from exposure_lab.notebook import figure_variants
from exposure_lab.notebook.dark_figures import GROUND, on_dark
from exposure_lab.notebook.figure_variants import keep_variants, variants
from exposure_lab.notebook.narrow_figures import narrow
from exposure_lab.plots import GalleryRow, curves, gallery, show_images, use_style

PHONE = 340
"""Width of the column of text on a phone of 390 px, CSS px, rounded down."""

KINDS = {"light-wide", "dark-wide", "light-narrow", "dark-narrow"}


@pytest.fixture(autouse=True)
def _book_style() -> Iterator[None]:
    with matplotlib.rc_context():
        use_style()
        yield
    plt.close("all")


def charts() -> Figure:
    """Three panels in a row with legends, as in the chapters."""
    lines = {"one": ([0, 1], [1, 2]), "two": ([0, 1], [2, 1])}
    figure = curves({name: lines for name in ("left", "middle", "right")}, "step")
    figure.axes[0].axhline(1, color="black")
    return figure


def decode(version: dict[str, Any]) -> np.ndarray:
    """Pixels of a version, uint8 (H, W, 3)."""
    content = base64.b64decode(version["webp"])
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "WEBP"
        assert picture.size == (version["width"], version["height"])
        return np.asarray(picture.convert("RGB"))


def drawn(figure: Figure) -> dict[str, np.ndarray]:
    """Every version of a figure as pixels."""
    made = variants(figure, print_figure(figure, "png"))
    return {kind: decode(version) for kind, version in made.items()}


def smallest_label(figure: Figure) -> float:
    """Size of the smallest text of a figure that fills the column of a phone, CSS px."""
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text().strip()]
    return min(sizes) / 72 / figure.get_figwidth() * PHONE


def markers_in(legend: Legend | None) -> list[str]:
    """The markers that a legend draws; caps of error bars are none."""
    assert legend is not None
    markers = [str(line.get_marker()) for line in legend.findobj(Line2D)]  # type: ignore[attr-defined]
    return [marker for marker in markers if marker not in ("none", "None", "|", "_")]


def test_dark_figures_have_the_pages_ground_and_light_words() -> None:
    made = drawn(charts())
    assert set(made) == KINDS
    for size in ("wide", "narrow"):
        light, dark = made[f"light-{size}"], made[f"dark-{size}"]
        assert light.shape == dark.shape
        assert light[0, 0].tolist() == [255, 255, 255]
        assert dark[0, 0].tolist() == [int(GROUND[i : i + 2], 16) for i in (1, 3, 5)]
        assert dark.mean() < 60 < 200 < light.mean()
        # As much stands out from the dark ground as from the light one: no black word on black.
        marked = [
            (abs(one.astype(int) - one[0, 0]).max(axis=2) > 60).mean() for one in (light, dark)
        ]
        assert marked[1] > 0.7 * marked[0]


def test_a_photograph_is_the_same_on_a_dark_page() -> None:
    colours = np.linspace(0, 1, 48 * 48 * 3, dtype=np.float32).reshape(48, 48, 3)
    made = drawn(show_images([colours, colours[::-1]], ["one", "two"]))
    light, dark = (made[f"{theme}-wide"].astype(int) for theme in ("light", "dark"))
    inside = np.s_[light.shape[0] // 2, light.shape[1] // 8 : 3 * light.shape[1] // 8]
    assert abs(light[inside] - dark[inside]).max() <= 8  # what lossy WebP leaves


@pytest.mark.parametrize("colour", ["#0072B2", "#000000", "0.7", "#3b0f70", "navy"])
def test_what_stands_out_on_white_stands_out_on_dark(colour: str) -> None:
    from skimage.color import rgb2lab

    shades = np.array([on_dark(colour)[:3], matplotlib.colors.to_rgb(GROUND)])
    light = rgb2lab(shades)[:, 0]
    assert light[0] - light[1] > 15
    assert on_dark((*matplotlib.colors.to_rgb(colour), 0.25))[3] == 0.25


def test_dark_bars_stand_out_on_dark_and_bright_ones_stay() -> None:
    dark, bright = "#00224e", "#E69F00"
    figure, axis = plt.subplots()
    bars = axis.barh([0, 1], [1, 1], color=[dark, bright])
    figure.draw_without_rendering()
    figure_variants.darken(figure)
    ground, first, second = (
        float(srgb_to_linear(np.array(matplotlib.colors.to_rgb(shade))) @ [0.2126, 0.7152, 0.0722])
        for shade in (GROUND, *(bar.get_facecolor()[:3] for bar in bars))
    )
    assert (first + 0.05) / (ground + 0.05) >= 3  # WCAG 2.1, 1.4.11
    assert first < second
    assert matplotlib.colors.to_hex(bars[1].get_facecolor()) == bright.lower()


def test_shades_of_a_colour_map_keep_their_order_on_dark() -> None:
    shades = matplotlib.colormaps["cividis"](np.linspace(0.1, 0.95, 7))  # two are nearly grey
    brightness = np.array([on_dark(shade)[:3] for shade in shades]).mean(axis=1)
    assert (np.diff(brightness[2:]) > 0).all()


def test_words_on_a_coloured_box_keep_their_colour() -> None:
    figure, axis = plt.subplots(figsize=(6, 3), layout="constrained")
    axis.axis("off")
    for x, face in ((0.2, "#56B4E9"), (0.8, "white")):
        box = {"boxstyle": "round", "facecolor": face, "edgecolor": "black"}
        axis.text(x, 0.5, "word", bbox=box)
    bars = axis.barh([0], [0.5], color="#E69F00")
    axis.bar_label(bars, ["3"], label_type="center")
    figure.draw_without_rendering()
    figure_variants.darken(figure)
    coloured, plain, on_bar = axis.texts
    assert matplotlib.colors.to_hex(coloured.get_color()) == "#000000"
    assert matplotlib.colors.to_hex(on_bar.get_color()) == "#000000"
    assert np.mean(matplotlib.colors.to_rgb(plain.get_color())) > 0.8


def test_the_figure_itself_stays_as_it_was() -> None:
    figure = charts()
    before = print_figure(figure, "png")
    open_before = plt.get_fignums()
    variants(figure, before)
    assert print_figure(figure, "png") == before
    assert plt.get_fignums() == open_before


def test_charts_stand_below_one_another_on_a_phone() -> None:
    figure = charts()
    narrow(figure)
    places = [axis.get_position() for axis in figure.axes]
    assert all(upper.y0 > lower.y1 for upper, lower in pairwise(places))
    assert max(place.x0 for place in places) - min(place.x0 for place in places) < 0.01
    assert smallest_label(figure) >= 9


def test_each_panel_says_what_its_neighbour_said_for_it() -> None:
    figure, axes = plt.subplots(1, 2, figsize=(8, 3), sharey=True, layout="constrained")
    axes[0].set_ylabel("loss")
    for axis in axes:
        axis.plot([1, 3])
    narrow(figure)
    assert axes[1].get_ylabel() == "loss"
    assert any(label.get_text() and label.get_visible() for label in axes[1].get_yticklabels())


@pytest.mark.parametrize(
    ("count", "columns", "lines"),
    [
        (5, 3, [2, 2, 1]),  # a list
        (6, 3, [3, 3]),  # rows
        (10, 5, [3, 2, 3, 2]),  # long rows are broken, and stay rows
        (4, 4, [2, 2]),
        (3, 3, [1, 1, 1]),
        (35, 5, [5] * 7),
    ],
)
def test_pictures_get_fewer_columns(count: int, columns: int, lines: list[int]) -> None:
    pictures = [np.full((60, 90, 3), i / count, np.float32) for i in range(count)]
    figure = show_images(pictures, [f"number {i} of them" for i in range(count)], columns)
    narrow(figure)
    shown = [axis for axis in figure.axes if axis.images]
    tops = [round(axis.get_position().y0, 2) for axis in shown]
    assert [tops.count(top) for top in dict.fromkeys(tops)] == lines
    assert tops == sorted(tops, reverse=True)
    assert smallest_label(figure) >= 9
    edges = [axis.get_tightbbox() for axis in shown]
    assert not any(a.overlaps(b) for a, b in pairwise(edges))


def test_a_gallery_keeps_its_scale_and_its_rows() -> None:
    picture = np.random.default_rng(0).random((32, 32, 3), dtype=np.float32)
    rows = [
        GalleryRow(f"scene {i}", [picture, picture / 2, picture], ["1 dB", "2 dB"]) for i in (1, 2)
    ]
    figure = gallery(rows)
    narrow(figure)
    assert any(axis.get_label() == "<colorbar>" for axis in figure.axes)
    assert [axis.get_ylabel() for axis in figure.axes if axis.images][::4] == ["scene 1", "scene 2"]
    assert smallest_label(figure) >= 9


def test_a_diagram_is_as_small_as_its_words_allow() -> None:
    figure, axis = plt.subplots(figsize=(9, 3), layout="constrained")
    axis.axis("off")
    for i in range(8):
        axis.text(i / 8, 0.5, "word", fontsize=9)
    narrow(figure)
    assert smallest_label(figure) >= 9
    assert figure.get_figwidth() > 3.6


def test_a_legend_keeps_markers_of_error_bars_in_fewer_columns() -> None:
    figure, axis = plt.subplots(figsize=(8, 5), layout="constrained")
    for number in range(4):
        axis.errorbar([0, 1], [number, number], yerr=0.2, fmt="o", label=f"the name {number}")
    axis.legend(ncols=4).set_in_layout(False)
    markers = markers_in(axis.get_legend())
    narrow(figure)
    legend = axis.get_legend()
    assert legend is not None and legend._ncols < 4  # type: ignore[attr-defined]
    assert markers_in(legend) == markers == ["o"] * 4


def test_a_legend_beside_a_chart_goes_below_it() -> None:
    figure, axis = plt.subplots(figsize=(7.5, 3.4), layout="constrained")
    for name in ("target of another photo", "correction"):
        axis.plot([1, 2], label=name)
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    narrow(figure)
    legend = axis.get_legend()
    assert legend is not None
    assert legend.get_window_extent().y1 < axis.bbox.y0
    assert axis.get_position().width > 0.6


def test_a_small_figure_has_no_narrow_version() -> None:
    figure, axis = plt.subplots(figsize=(3.5, 3))
    axis.plot([1, 2])
    assert set(drawn(figure)) == {"light-wide", "dark-wide"}


@pytest.mark.parametrize("asked", [True, False])
def test_only_the_book_asks_for_versions(asked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    monkeypatch.setattr(figure_variants, "get_ipython", lambda: shell)
    monkeypatch.setenv("EXPOSURE_LAB_FIGURES", "site" if asked else "")
    keep_variants()
    shell.display_formatter.active_types = ["image/png"]
    data, metadata = shell.display_formatter.format(charts())
    if not asked:
        assert not data.get("image/png") and not metadata
        return
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert set(metadata["image/png"]["variants"]) == KINDS
