"""Figures that everybody can read, on any page."""

import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from exposure_lab.image import Array
from exposure_lab.plots import COLOURS, curves, draw_lines, show_images, use_style


@pytest.fixture(autouse=True)
def _own_style():
    with matplotlib.rc_context():
        yield
    plt.close("all")


def test_images_keep_their_order_and_titles(photo: Array) -> None:
    images = [photo * share for share in (0.2, 0.4, 0.6, 0.8, 1.0)]
    figure = show_images(images, [f"{i}" for i in range(5)], columns=3)
    shown = [axis for axis in figure.axes if axis.images]
    assert len(figure.axes) == 6  # two rows of three, the last cell empty
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


def test_lines_differ_without_colour() -> None:
    axis = plt.figure().add_subplot()
    draw_lines(axis, {str(i): ([0, 1], [i, i]) for i in range(4)})
    assert len({line.get_linestyle() for line in axis.lines}) == 4


def test_few_points_are_marked() -> None:
    axis = plt.figure().add_subplot()
    draw_lines(axis, {"few": (range(12), range(12)), "many": (range(13), range(13))})
    assert [line.get_marker() for line in axis.lines] == ["o", "None"]


def test_figures_are_closed_and_opaque(photo: Array) -> None:
    for figure in (show_images([photo]), curves({"a": {"b": ([0, 1], [0, 1])}}, "x")):
        assert plt.get_fignums() == []  # a notebook would show it a second time
        stream = io.BytesIO()
        figure.savefig(stream)
        corner = Image.open(stream).convert("RGBA").getpixel((0, 0))
        assert corner == (255, 255, 255, 255)


def test_style_of_a_figure_does_not_leak(photo: Array) -> None:
    before = dict(matplotlib.rcParams)
    show_images([photo])
    assert dict(matplotlib.rcParams) == before
    use_style()
    cycle = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle == list(COLOURS)


def test_palette_is_okabe_and_itos() -> None:
    # Okabe and Ito 2008, "Color Universal Design", without yellow, which is faint on white.
    rgb = {(0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167)}
    rgb |= {(230, 159, 0), (86, 180, 233), (0, 0, 0)}
    ours = {tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in COLOURS}
    assert ours == rgb
