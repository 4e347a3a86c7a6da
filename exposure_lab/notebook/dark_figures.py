"""Recolour a figure for a dark page: its ground, its text and lines; pictures stay as they are."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.colors import to_rgba, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.text import Annotation, Text

from exposure_lab.images.srgb import srgb_to_linear

GROUND, INK = "#15171a", "#dfe2e6"
"""Ground and text of the site's dark pages, as `site_assets/book.css` has them."""

CONTRAST = 3.0
"""Least contrast between a coloured line or area and the ground (WCAG 2.1, 1.4.11)."""

DARK: Any = {
    key: INK
    for key in ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
}
"""Settings for drawing a darkened figure: ticks that appear only then are dark's too."""

Colour = tuple[float, float, float, float]


def darken(figure: Figure) -> None:
    """Recolour a figure in place, so that it reads on a dark page.

    White becomes the page's ground, black its text, greys what lies between. Colours stay, and are
    made lighter where they would not stand out. Pictures, colour maps, and text that stands on
    either or on a coloured patch, are left alone.

    Args:
        figure: one that has been drawn, so that its ticks are made and each text has its place.
    """
    kept = {id(text) for axis in figure.axes for text in axis.texts if _on_colour(text, axis)}
    for axis in figure.axes:
        if axis.get_label() == "<colorbar>":  # its ends are patches, of the map's colours
            kept |= {id(patch) for patch in axis.findobj(PathPatch)}
    for artist in figure.findobj():
        if id(artist) not in kept:
            _recolour(artist)


def on_dark(colour: Any) -> Colour:
    """Find the colour that stands on a dark page for one on a light page, red to alpha in [0, 1].

    Args:
        colour: whatever matplotlib takes for one.
    """
    red, green, blue, alpha = to_rgba(colour)
    shade = np.array([red, green, blue])
    ground, ink = (np.array(to_rgba(end)[:3]) for end in (GROUND, INK))
    if _is_grey(shade):
        shade = ground + (1 - shade.mean()) * (ink - ground)
    else:
        while _contrast(shade, ground) < CONTRAST:
            shade = shade + 0.1 * (1 - shade)
    return (*map(float, shade), alpha)  # type: ignore[return-value]


def _recolour(artist: Artist) -> None:
    if isinstance(artist, Text):
        _recolour_text(artist)
    elif isinstance(artist, Line2D):
        face, edge = artist.get_markerfacecolor(), artist.get_markeredgecolor()
        artist.set_color(on_dark(artist.get_color()))
        artist.set_markerfacecolor(on_dark(face))
        artist.set_markeredgecolor(on_dark(edge))
    elif isinstance(artist, Patch):
        _recolour_patch(artist)
    elif isinstance(artist, Collection) and artist.get_array() is None:
        # What a colour map colours has an array, and stays.
        artist.set_facecolor(_all_on_dark(artist.get_facecolor()))
        artist.set_edgecolor(_all_on_dark(artist.get_edgecolor()))


def _recolour_text(text: Text) -> None:
    box = text.get_bbox_patch()
    if box is None or _is_grey(to_rgba(box.get_facecolor())[:3]):
        text.set_color(on_dark(text.get_color()))
    if box is not None:
        _recolour_patch(box)
    if isinstance(text, Annotation) and text.arrow_patch is not None:
        _recolour_patch(text.arrow_patch)


def _recolour_patch(patch: Patch) -> None:
    face, edge = patch.get_facecolor(), patch.get_edgecolor()
    patch.set_facecolor(on_dark(face))
    patch.set_edgecolor(on_dark(edge))


def _all_on_dark(colours: Any) -> list[Colour]:
    return [on_dark(colour) for colour in to_rgba_array(colours)]


def _on_colour(text: Text, axis: Any) -> bool:
    """Whether a text stands on a picture, or on a coloured patch of its axes."""
    box = text.get_window_extent()
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    if axis.images and axis.bbox.contains(x, y):
        return True
    coloured = (p for p in axis.patches if p.get_fill() and not _is_grey(p.get_facecolor()[:3]))
    return any(patch.get_window_extent().contains(x, y) for patch in coloured)


def _is_grey(shade: Iterable[float]) -> bool:
    values = list(shade)
    return max(values) - min(values) < 0.02


def _contrast(one: Any, other: Any) -> float:
    """Contrast of two sRGB colours, 1 to 21 (WCAG 2.1)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(shade: Any) -> float:
    return float(srgb_to_linear(shade) @ [0.2126, 0.7152, 0.0722])
