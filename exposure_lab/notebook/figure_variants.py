"""Versions of a figure for the site: light and dark, wide and narrow, as WebP beside its PNG."""

import io
import marshal
import os
import pickle
import sys
from base64 import b64encode
from types import FunctionType
from typing import Any

import matplotlib.pyplot as plt
from IPython.core.getipython import get_ipython
from IPython.core.pylabtools import print_figure
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from exposure_lab.notebook.dark_figures import DARK, darken
from exposure_lab.notebook.narrow_figures import WIDTH, narrow

ASKED = "EXPOSURE_LAB_FIGURES"
"""Variable that asks for the versions, with the value ``site``; who builds the book sets it."""

NARROW_DPI = 220
"""Pixels an inch of a narrow figure: about two for each CSS px of a phone."""

PAD = 0.1
"""Ground around a figure in a notebook, inches: matplotlib's own measure."""

QUALITY = {"wide": 88, "narrow": 65}
"""Quality of a picture in lossy WebP, of 100: a difference that the eye does not find. Of a narrow
figure two pixels are shown as one, which hides more."""


def keep_variants() -> None:
    """Store each figure shown from here on in all its versions, where `ASKED` says so.

    Its output stays one plain PNG; the versions go into the output's metadata, for the page alone.
    """
    shell: Any = get_ipython()
    if shell is None or os.environ.get(ASKED) != "site":
        return
    plt.figure()  # the notebook's backend sets its own formatter with the first figure
    plt.close()
    shell.display_formatter.formatters["image/png"].for_type(Figure, png_with_variants)


def png_with_variants(figure: Figure) -> tuple[str, dict[str, Any]]:
    """Draw a figure as a notebook does, and its versions with it.

    Returns:
        The PNG in base64, and metadata whose ``variants`` are those of `variants`.
    """
    png = print_figure(figure, "png")
    return b64encode(png).decode(), {"variants": variants(figure, png)}


def variants(figure: Figure, png: bytes) -> dict[str, dict[str, Any]]:
    """Draw the versions of a figure, which itself stays as it is.

    Args:
        figure: one that was just drawn.
        png: what came of it.

    Returns:
        For each of ``light-wide``, ``dark-wide``, ``light-narrow`` and ``dark-narrow`` a WebP:
        ``webp`` in base64, ``width`` and ``height`` in pixels. A figure for which a phone has room
        as it is has no narrow ones.
    """
    how = _compression(figure, "wide")
    with PngImageFile(io.BytesIO(png)) as opened:
        made = {"light-wide": _webp(opened.convert("RGB"), how)}
    wide = _copy(figure)
    made["dark-wide"] = _draw_dark(wide, wide.get_tightbbox().padded(PAD), how)
    if figure.get_figwidth() > 1.1 * WIDTH:
        small = _copy(figure)
        small.set_dpi(NARROW_DPI)
        narrow(small)
        edges = small.get_tightbbox().padded(0.03)
        how = _compression(figure, "narrow")
        made["light-narrow"] = _draw(small, edges, how)
        made["dark-narrow"] = _draw_dark(small, edges, how)
    return made


class _Pickler(pickle.Pickler):
    """Pickler that takes functions without a name too, such as `Axes.bar_label` leaves behind."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, FunctionType) and obj.__name__ == "<lambda>" and not obj.__closure__:
            return _function, (marshal.dumps(obj.__code__), obj.__module__, obj.__defaults__)
        return NotImplemented


def _function(code: bytes, module: str, defaults: tuple[Any, ...] | None) -> FunctionType:
    return FunctionType(marshal.loads(code), vars(sys.modules[module]), "<lambda>", defaults)


def _copy(figure: Figure) -> Figure:
    buffer = io.BytesIO()
    _Pickler(buffer).dump(figure)
    copy: Figure = pickle.loads(buffer.getvalue())
    plt.close(copy)  # pyplot takes a copy for its own, and would show it at the cell's end
    return copy


def _compression(figure: Figure, size: str) -> dict[str, Any]:
    """Choose how a figure is compressed: a photograph is a third with a loss that nobody sees."""
    if any(axis.images for axis in figure.axes):
        return {"quality": QUALITY[size], "method": 4}
    return {"lossless": True, "method": 3}  # lines and words stay sharp, and are small so


def _draw_dark(figure: Figure, edges: Bbox, how: dict[str, Any]) -> dict[str, Any]:
    figure.set_layout_engine("none")  # everything has its place
    with plt.rc_context(DARK):
        darken(figure)
        return _draw(figure, edges, how)


def _draw(figure: Figure, edges: Bbox, how: dict[str, Any]) -> dict[str, Any]:
    """Draw what lies between ``edges``, inches."""
    figure.set_layout_engine("none")
    buffer = io.BytesIO()
    look: dict[str, Any] = {
        "dpi": figure.dpi,
        "bbox_inches": edges,
        "facecolor": figure.get_facecolor(),
    }
    figure.savefig(buffer, format="png", pil_kwargs={"compress_level": 1}, **look)
    with PngImageFile(io.BytesIO(buffer.getvalue())) as opened:
        return _webp(opened.convert("RGB"), how)


def _webp(picture: Image.Image, how: dict[str, Any]) -> dict[str, Any]:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", **how)
    content = b64encode(buffer.getvalue()).decode()
    return {"webp": content, "width": picture.width, "height": picture.height}
