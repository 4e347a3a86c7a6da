"""Figures in one style: colour-blind safe, opaque, readable on a light page and a dark one."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Figure  # named again for those above

from exposure_lab.image import Array

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette: distinct for every common kind of colour vision."""

DASHES = ("-", "--", "-.", ":")
"""Lines differ in dash as well as in colour, for print and for those who see no colour."""

STYLE: Any = {
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.dpi": 110,
    # Opaque white: dark text on a transparent ground would vanish on a dark page.
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.size": 10,
    "grid.alpha": 0.3,
    "image.interpolation": "nearest",
    "legend.frameon": False,
    "svg.fonttype": "none",
}

Series = tuple[Sequence[float], Sequence[float]]


def use_style() -> None:
    """Make this the style of every figure from here on, as a chapter does at its start."""
    plt.rcParams.update(STYLE)


def show_images(
    images: Sequence[Array], titles: Sequence[str] = (), columns: int | None = None
) -> Figure:
    """Pictures in a grid, row by row, each under its title.

    Args:
        images: (H, W, 3), sRGB in [0, 1].
        titles: as many as images, or none.
        columns: all in one row where not given.
    """
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    height, width = images[0].shape[:2]
    cell = min(3.0, 9.0 / columns)
    size = (cell * columns, rows * (cell * height / width + (0.3 if titles else 0.05)))
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            rows, columns, figsize=size, squeeze=False, layout="constrained"
        )
        for axis in axes.flat:
            axis.axis("off")
        for i, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
            axis.imshow(np.clip(image, 0, 1))
            if titles:
                axis.set_title(titles[i])
    plt.close(figure)  # the notebook shows what is returned; pyplot would show it again
    return figure


def curves(panels: Mapping[str, Mapping[str, Series]], x_label: str) -> Figure:
    """Line charts side by side, one a panel, each line named in a legend.

    Args:
        panels: title to lines; a line is its name and its (x values, y values).
        x_label: of all of them.
    """
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            1, len(panels), figsize=(3.6 * len(panels), 2.9), squeeze=False, layout="constrained"
        )
        for axis, (title, lines) in zip(axes.flat, panels.items(), strict=True):
            draw_lines(axis, lines)
            axis.set(title=title, xlabel=x_label)
    plt.close(figure)
    return figure


def draw_lines(axis: Axes, lines: Mapping[str, Series]) -> None:
    """Lines on given axes, told apart by colour and by dash."""
    for i, (name, (x, y)) in enumerate(lines.items()):
        marker = "o" if len(x) <= 12 else None
        axis.plot(x, y, DASHES[i % len(DASHES)], label=name, marker=marker, markersize=4)
    if len(lines) > 1:
        axis.legend()
