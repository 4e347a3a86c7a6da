"""Figures that everybody can read, on any page."""

import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from exposure_lab.images.array import Array
from exposure_lab.plots import (
    COLOURS,
    GalleryRow,
    curves,
    draw_lines,
    gallery,
    show_images,
    spectra,
    use_style,
)


@pytest.fixture(autouse=True)
def _own_style():
    with matplotlib.rc_context():
        yield
    plt.close("all")


def test_images_keep_their_order_and_titles(photo: Array) -> None:
    images = [photo * share for share in (0.2, 0.4, 0.6, 0.8, 1.0)]
    figure = show_images(images, [f"{i}" for i in range(5)], columns=3)
    shown = [axis for axis in figure.axes if axis.images]
    figure.draw_without_rendering()
    places = [axis.get_position() for axis in shown]
    middles = [(place.x0 + place.x1) / 2 for place in places]
    assert len(figure.axes) == 5 and len({round(place.width, 2) for place in places}) == 1
    assert middles[:3] == sorted(middles[:3]) and places[0].y0 > places[3].y1
    assert middles[3] + middles[4] == pytest.approx(2 * middles[1])  # the shorter row is centred
    assert [axis.get_title() for axis in shown] == list("01234")
    for axis, image in zip(shown, images, strict=True):
        assert np.allclose(axis.images[0].get_array(), image)
    assert not any(axis.axison for axis in figure.axes)


def test_all_in_one_row_where_nothing_is_said(photo: Array) -> None:
    figure = show_images([photo] * 4)
    assert figure.axes[0].get_gridspec().get_geometry() == (1, 4)


def test_values_just_outside_the_range_are_clipped() -> None:
    image = np.full((4, 4, 3), 1.01, np.float32)
    shown = show_images([image]).axes[0].images[0].get_array()
    assert float(shown.max()) == 1


def test_curves_in_panels() -> None:
    panels = {"a": {"one": ([0, 1], [2, 3])}, "b": {"two": ([0], [1]), "three": ([0], [2])}}
    figure = curves(panels, "step")
    assert [axis.get_title() for axis in figure.axes] == ["a", "b"]
    assert {axis.get_xlabel() for axis in figure.axes} == {"step"}
    assert figure.axes[0].lines[0].get_ydata().tolist() == [2, 3]
    assert figure.axes[0].get_legend() is None  # the title names a single line
    labels = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert labels == ["two", "three"]


def test_gallery_shows_rows_notes_and_the_difference(photo: Array) -> None:
    target, output = photo, np.clip(photo + 0.1, 0, 1)
    rows = [
        GalleryRow("first", (photo * 0.5, output, target), ("12 dB", "20 dB")),
        GalleryRow("second", (photo * 0.7, target, target)),
    ]
    figure = gallery(rows)
    pictures, bar = figure.axes[:8], figure.axes[8]
    titles = [axis.get_title() for axis in pictures]
    assert titles == ["input\n12 dB", "output\n20 dB", "target", "difference", "", "", "", ""]
    assert [axis.get_ylabel() for axis in pictures[::4]] == ["first", "second"]
    for row, line in zip(rows, (pictures[:4], pictures[4:]), strict=True):
        for image, axis in zip(row.images, line, strict=False):
            assert np.allclose(axis.images[0].get_array(), image)
    by_hand = np.abs(output.astype(float) - target).sum(axis=2) / 3
    assert np.allclose(pictures[3].images[0].get_array(), by_hand)
    assert not pictures[7].images[0].get_array().any()
    assert {axis.images[0].get_clim() for axis in (pictures[3], pictures[7])} == {(0, 0.25)}
    assert "output" in bar.get_ylabel() and "mean of the channels" in bar.get_ylabel()


def test_gallery_of_other_columns_and_another_scale(photo: Array) -> None:
    row = GalleryRow("", (photo, photo, photo, photo))
    figure = gallery([row], ("a", "b", "c", "d"), full=0.5)
    assert [axis.get_title() for axis in figure.axes[:5]] == ["a", "b", "c", "d", "difference"]
    assert figure.axes[4].images[0].get_clim() == (0, 0.5)


def test_spectra_share_one_logarithmic_scale() -> None:
    power = np.array([[1, 0.1], [0.01, 10.0]])
    figure = spectra({"a": power, "b": power * 10}, low=-3, high=1)
    first, second, bar = figure.axes
    assert [first.get_title(), second.get_title()] == ["a", "b"]
    assert first.images[0].get_array().tolist() == [[0, -1], [-2, 1]]
    assert first.images[0].get_clim() == second.images[0].get_clim() == (-3, 1)
    assert [label.get_text() for label in first.get_xticklabels()][2] == "1/2"
    assert bar.get_ylabel()


def test_lines_differ_without_colour() -> None:
    axis = plt.figure().add_subplot()
    draw_lines(axis, {str(i): ([0, 1], [i, i]) for i in range(4)})
    assert len({line.get_linestyle() for line in axis.lines}) == 4


def test_few_points_are_marked() -> None:
    axis = plt.figure().add_subplot()
    draw_lines(axis, {"few": (range(12), range(12)), "many": (range(13), range(13))})
    assert [line.get_marker() for line in axis.lines] == ["o", "None"]


@pytest.mark.slow
def test_figures_are_closed_and_opaque(photo: Array) -> None:
    for figure in (
        show_images([photo]),
        curves({"a": {"b": ([0, 1], [0, 1])}}, "x"),
        gallery([GalleryRow("", (photo, photo, photo))]),
        spectra({"a": np.ones((4, 4))}),
    ):
        assert plt.get_fignums() == []  # a notebook would show it a second time
        stream = io.BytesIO()
        figure.savefig(stream)
        corner = Image.open(stream).convert("RGBA").getpixel((0, 0))
        assert corner == (255, 255, 255, 255)


def test_style_of_a_figure_does_not_leak(photo: Array) -> None:
    parameters = dict(matplotlib.rcParams)
    show_images([photo])
    assert dict(matplotlib.rcParams) == parameters
    use_style()
    cycle = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle == list(COLOURS)


def test_style_starts_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(plt, "switch_backend", started.append)
    use_style()
    assert started == [matplotlib.get_backend()]


def test_palette_is_okabe_and_itos() -> None:
    # Okabe and Ito 2008, "Color Universal Design", without yellow, which is faint on white.
    rgb = {(0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167)}
    rgb |= {(230, 159, 0), (86, 180, 233), (0, 0, 0)}
    ours = {tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in COLOURS}
    assert ours == rgb
