"""Figures in one style: colour-blind safe, opaque, readable on a light page and a dark one."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Figure  # named again for those above
from numpy.typing import NDArray

from exposure_lab.images.array import Array

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Palette of Okabe and Ito: distinct for every common kind of colour vision."""

DASHES = ("-", "--", "-.", ":")
"""Dashes of lines, which differ without colour too: for print and for the colour-blind."""

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

ERROR_MAP = "inferno"
"""Colour map of errors: from black, none, to pale yellow; the lightness rises all the way."""

Series = tuple[Sequence[float], Sequence[float]]


class GalleryRow(NamedTuple):
    """Row of a gallery: one example."""

    label: str
    """Text left of the row, such as scene and exposure."""
    images: Sequence[Array]
    """Pictures (H, W, 3), sRGB in [0, 1], of one size, in the order of the columns: the target
    last and the output just before it."""
    notes: Sequence[str] = ()
    """Text above each picture, such as its PSNR; the last pictures may have none."""


def use_style() -> None:
    """Set the style of every figure from here on, as a chapter does at its start."""
    # Start the backend now. Started by a figure inside one of the contexts below, a notebook's
    # forgets when the context ends that it is interactive, and shows no pyplot figure any more.
    plt.switch_backend(plt.get_backend())
    plt.rcParams.update(STYLE)


def show_images(
    images: Sequence[Array], titles: Sequence[str] = (), columns: int | None = None
) -> Figure:
    """Show pictures in a grid, row by row, each under its title; a shorter last row is centred.

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
        figure = plt.figure(figsize=size, layout="constrained")
        missing = rows * columns - len(images)
        halves = 2 if missing else 1  # a picture has two columns, so that the last row has a middle
        grid = figure.add_gridspec(rows, halves * columns)
        for i, image in enumerate(images):
            row, column = divmod(i, columns)
            first = halves * column + (missing if row == rows - 1 else 0)
            axis = figure.add_subplot(grid[row, first : first + halves])
            axis.axis("off")
            axis.imshow(np.clip(image, 0, 1))
            if titles:
                axis.set_title(titles[i])
    plt.close(figure)  # the notebook shows what is returned; pyplot would show it again
    return figure


def gallery(
    rows: Sequence[GalleryRow],
    columns: Sequence[str] = ("input", "output", "target"),
    full: float = 0.25,
) -> Figure:
    """Show examples row by row: their pictures and a map of the output's error.

    The map is ``|output - target|``, the mean of the three channels, on one scale for all rows that
    stands beside them.

    Args:
        rows: at least one.
        columns: names of each row's pictures; the map's column is added.
        full: error at the top of the scale, 1 being the whole range; larger ones look the same.
    """
    height, width = rows[0].images[0].shape[:2]
    cell = min(2.4, 7.6 / (len(columns) + 1))
    size = (cell * (len(columns) + 1) + 1.1, len(rows) * (cell * height / width + 0.25) + 0.3)
    # Pictures and their noisy maps make large files; on a page 90 dpi fill the column.
    with plt.rc_context({**STYLE, "axes.grid": False, "figure.dpi": 90}):
        figure, axes = plt.subplots(
            len(rows), len(columns) + 1, figsize=size, squeeze=False, layout="constrained"
        )
        for line, row in zip(axes, rows, strict=True):
            output, target = (np.asarray(image, np.float64) for image in row.images[-2:])
            for axis, image in zip(line, row.images, strict=False):
                axis.imshow(np.clip(image, 0, 1))
            wrong = np.abs(output - target).mean(axis=2)
            shown = line[-1].imshow(wrong, cmap=ERROR_MAP, vmin=0, vmax=full)
            notes = [*row.notes, *[""] * (len(line) - len(row.notes))]
            for axis, note in zip(line, notes, strict=True):
                axis.set(title=note, xticks=[], yticks=[])
                axis.spines[:].set_visible(False)
            line[0].set_ylabel(row.label)
        for axis, name in zip(axes[0], [*columns, "difference"], strict=True):
            axis.set_title("\n".join(filter(None, [name, axis.get_title()])))
        bar = figure.colorbar(shown, ax=axes[:, -1], extend="max", aspect=30)
        bar.set_label("|output \N{MINUS SIGN} target|, mean of the channels (full range: 1)")
    plt.close(figure)
    return figure


def spectra(panels: Mapping[str, NDArray[np.float64]], low: float = -5, high: float = 0) -> Figure:
    """Show power spectra side by side: slow changes in the corners, the finest in the middle.

    Args:
        panels: title to power (H, W) above zero, with frequencies as `numpy.fft.fftfreq` has them.
        low, high: ends of the scale, powers of ten; one scale for all panels stands beside them.
    """
    size = (2.7 * len(panels) + 0.9, 3.1)
    with plt.rc_context({**STYLE, "axes.grid": False}):
        figure, axes = plt.subplots(
            1, len(panels), figsize=size, squeeze=False, sharey=True, layout="constrained"
        )
        for axis, (title, power) in zip(axes.flat, panels.items(), strict=True):
            shown = axis.imshow(
                np.log10(power), cmap=ERROR_MAP, vmin=low, vmax=high, extent=(0, 1, 1, 0)
            )
            for frequencies in (axis.xaxis, axis.yaxis):
                frequencies.set_ticks(np.arange(5) / 4, ["0", "1/4", "1/2", "1/4", "0"])
            axis.set(title=title, xlabel="cycles per px, across")
        axes[0, 0].set_ylabel("cycles per px, down")
        bar = figure.colorbar(shown, ax=axes, extend="both", shrink=0.85)
        bar.set_label("power, powers of ten")
    plt.close(figure)
    return figure


def curves(panels: Mapping[str, Mapping[str, Series]], x_label: str) -> Figure:
    """Draw line charts side by side, one a panel, each line named in a legend.

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
    """Draw lines on existing axes, distinct in colour and in dash."""
    for i, (name, (x, y)) in enumerate(lines.items()):
        marker = "o" if len(x) <= 12 else None
        axis.plot(x, y, DASHES[i % len(DASHES)], label=name, marker=marker, markersize=4)
    if len(lines) > 1:
        axis.legend()
