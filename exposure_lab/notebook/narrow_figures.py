"""Lay a figure out anew for a phone: panels below one another, and text that can be read."""

import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.legend import Legend
from matplotlib.text import Text

WIDTH = 3.6
"""Width of a narrow figure, inches."""

SHOWN = 344
"""Width of a figure's place on a phone of 390 px, CSS px."""

LEAST = 9.3
"""Least size of a label on that phone, CSS px: what it must have is 9."""

SMALLEST_FONT = LEAST * 72 * WIDTH / SHOWN
"""Least size of a font in a figure of that width, points."""

LINE = 1.25 / 72
"""Height of a line of text, inches a point."""


def narrow(figure: Figure) -> None:
    """Lay a figure out anew, in place, for a phone that is 390 px wide.

    Charts side by side come to stand below one another. A grid of pictures gets fewer columns, each
    of its rows being broken into as many parts. A diagram, whose words have their places in it, is
    only made smaller, as far as its words allow. Text smaller than 9 px is made larger.
    """
    panels = [axis for axis in figure.axes if axis.get_subplotspec() is not None]
    if not panels:
        return
    figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.03, wspace=0, hspace=0)
    if len(panels) == 1:
        _shrink(figure, panels[0])
    elif _is_grid(panels):
        _break_rows(figure, panels)
    else:
        _stack(figure, panels)
    for text in figure.findobj(Text):
        if text.get_text() and float(text.get_fontsize()) < SMALLEST_FONT:
            text.set_fontsize(SMALLEST_FONT)
    _fit_legends(figure)


def _is_grid(panels: Sequence[Axes]) -> bool:
    """Whether the panels are pictures with no axes; cells at the end may be empty."""
    full = [axis for axis in panels if axis.has_data() or axis.texts]
    return bool(full) and all(axis.images and not axis.get_xlabel() for axis in full)


def _shrink(figure: Figure, panel: Axes) -> None:
    wide, high = figure.get_size_inches()
    if panel.axison or panel.images:
        if wide > WIDTH:
            figure.set_size_inches(WIDTH, max(min(high, 2.6), high * WIDTH / wide))
        return
    figure.set_size_inches(min(wide, _width_for_words([panel])), high)


def _width_for_words(diagrams: Sequence[Axes]) -> float:
    """Greatest width of a figure in which a phone shows the words at their least size, inches."""
    words = [text for axis in diagrams for text in axis.texts if text.get_text()]
    return SHOWN * min((float(word.get_fontsize()) for word in words), default=10) / (72 * LEAST)


def _stack(figure: Figure, panels: Sequence[Axes]) -> None:
    """Put all panels into one column, in the order in which they are read."""
    rows = panels[0].get_gridspec().nrows  # type: ignore[union-attr]
    heights = [_height_of_panel(figure.get_figheight() / rows, axis) for axis in panels]
    legends = sum(0.25 * len(legend.get_texts()) for legend in figure.legends)
    grid = GridSpec(len(panels), 1, figure=figure, height_ratios=heights)
    for i, axis in enumerate(panels):
        _say_what_a_neighbour_said(axis, panels)
        axis.set_subplotspec(grid[i, 0])
        axis.title.set_text(textwrap.fill(axis.get_title(), 44))
    width = WIDTH
    if not any(axis.axison or axis.images for axis in panels):  # diagrams, none of them a chart
        width = min(figure.get_figwidth(), _width_for_words(panels))
    figure.set_size_inches(width, sum(heights) + legends)


def _height_of_panel(high: float, axis: Axes) -> float:
    """Height of a panel in a column, its labels included, inches."""
    if axis.get_aspect() != "auto":
        return WIDTH * 0.75 * float(axis.get_data_ratio()) + 0.5
    return min(max(high, 1.7), 2.5)


def _say_what_a_neighbour_said(axis: Axes, panels: Sequence[Axes]) -> None:
    """Give an axis the labels that stood once for all panels of a row or a column."""
    for name in ("x", "y"):
        joined = getattr(axis, f"get_shared_{name}_axes")().get_siblings(axis)
        first = next(other for other in panels if other in joined)
        if first is not axis:
            axis.tick_params(axis=name, **{"labelleft" if name == "y" else "labelbottom": True})
            if not getattr(axis, f"get_{name}label")():
                getattr(axis, f"set_{name}label")(getattr(first, f"get_{name}label")())


def _break_rows(figure: Figure, panels: Sequence[Axes]) -> None:
    """Give a grid of pictures fewer columns; what stood in one row stays together."""
    columns = sum(axis.get_subplotspec().rowspan.start == 0 for axis in panels)  # type: ignore[union-attr]
    shown = [axis for axis in panels if axis.images]
    for axis in set(panels) - set(shown):
        axis.remove()
    beside = 0.7 * (len(figure.axes) - len(shown))  # a bar that names the colours, and its label
    room = WIDTH - beside - (0.3 if any(axis.get_ylabel() for axis in shown) else 0)
    lines = _lines_of(shown, columns, room)
    most = max(map(len, lines))
    grid = GridSpec(len(lines), 2 * most, figure=figure)
    height = 0.0
    for i, line in enumerate(lines):
        # A list ends in the middle; the parts of broken rows begin at the left.
        first = most - len(line) if i == len(lines) - 1 and len(shown) % columns else 0
        for j, axis in enumerate(line):
            axis.set_subplotspec(grid[i, first + 2 * j : first + 2 * j + 2])
        height += max(_height_of_picture(axis, room / most) for axis in line)
    figure.set_size_inches(WIDTH, height)


def _lines_of(shown: Sequence[Axes], columns: int, room: float) -> list[list[Axes]]:
    """Sort pictures into the lines of a narrow figure."""
    rows = -(-len(shown) // columns)
    if len(shown) % columns or (rows == 1 and columns > 3):
        parts, columns = 2, len(shown)  # a list, in which no column means anything
    elif rows == 1:
        parts = columns if columns < 3 else 1 if _ratio(shown[0]) < 0.8 else 2
    else:
        parts = columns if room / columns > 0.8 or rows > 4 else -(-columns // 2)
    whole = [shown[i : i + columns] for i in range(0, len(shown), columns)]
    return [list(row[i : i + parts]) for row in whole for i in range(0, len(row), parts)]


def _height_of_picture(axis: Axes, width: float) -> float:
    """Height of a picture with its title, inches; the title is broken and made to fit."""
    size = SMALLEST_FONT + (1 if width > 1 else 0)
    axis.title.set_fontsize(size)
    title = axis.get_title()
    if "\n" not in title:
        axis.title.set_text(title := textwrap.fill(title, max(8, int(width * 72 / (0.52 * size)))))
    text = (title.count("\n") + 1) * size * LINE + 0.1 if title else 0
    return (width - 0.04) * _ratio(axis) + text + 0.07


def _ratio(axis: Axes) -> float:
    left, right, bottom, top = axis.images[0].get_extent()
    return abs((top - bottom) / (right - left))


def _fit_legends(figure: Figure) -> None:
    """Make legends smaller, and give those that are wider than the figure fewer columns."""
    on_axes = (axis.get_legend() for axis in figure.axes)
    legends: list[Any] = [*filter(None, on_axes), *figure.legends]  # `_ncols` is not public
    for text in (text for legend in legends for text in legend.get_texts()):
        text.set_fontsize(min(float(text.get_fontsize()), 8.5))
    figure.draw_without_rendering()
    for legend in legends:
        if legend.axes and legend.get_window_extent().x0 >= legend.axes.bbox.x1:
            _put_below(figure, legend)
        while legend._ncols > 1 and legend.get_window_extent().width > 0.9 * figure.bbox.width:
            _set_columns(legend, legend._ncols - 1)
            figure.draw_without_rendering()


def _put_below(figure: Figure, legend: Legend) -> None:
    """Move a legend from beside its axes, where a phone has no room, to below them."""
    wide, high = figure.get_size_inches()
    figure.set_size_inches(wide, high + 0.2 * len(legend.get_texts()))
    legend.set_loc("upper center")
    legend.set_bbox_to_anchor((0.5, -0.25))
    figure.draw_without_rendering()


def _set_columns(legend: Legend, columns: int) -> None:
    """Lay a legend out anew, which `Legend.set_ncols` alone does not do."""
    own: Any = legend  # matplotlib has no public way
    own.set_ncols(columns)
    labels = [text.get_text() for text in legend.get_texts()]
    # Of what has several parts, such as a point with its error bar, a legend keeps but the first.
    whole = {str(parts.get_label()): parts for axis in own.figure.axes for parts in axis.containers}
    shown = zip(labels, legend.legend_handles, strict=True)
    own._init_legend_box([whole.get(label, handle) for label, handle in shown], labels)
    own._set_loc(own._loc)
