"""Interactive pictures that need no kernel: they work in a static page, on Colab and on paper.

Images are (H, W, 3), sRGB in [0, 1].
"""

import html
from collections.abc import Mapping, Sequence

import numpy as np

from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, check_image
from exposure_lab.images.resize import shrink
from exposure_lab.notebook.embedding import (
    NO_SHORTCUTS,
    Widget,
    alt_text,
    embed,
    jpeg_uri,
    picture_html,
    widest,
)

EV_STEP = 0.1
"""Step of the slider that computes exposures in the page, stops."""

END_SIDE = 150
"""Short side of the two exposures at the ends of it, px: they show on paper and without script."""


def before_after(
    before: Array,
    after: Array,
    *,
    alt: str,
    labels: tuple[str, str] = ("before", "after"),
    width: int | None = None,
) -> Widget:
    """Show two versions of one picture under a divider that finger, mouse and arrow keys move.

    Args:
        before: (H, W, 3), sRGB in [0, 1]; left of the divider.
        after: the same shape.
        alt: what the picture shows, for those who don't see it; labels are added.
        labels: of the two versions; they stand in the picture.
        width: largest width on the page, px; that of the column where not given.

    Raises:
        ImageError: not images, two shapes, or an empty ``alt``.
    """
    _check_shapes([before, after])
    panes = [_pane(before, labels[0], alt_text(alt)), _pane(after, labels[1], alt_text(alt))]
    inside = (
        f'<div class="xl-frame">{"".join(panes)}'
        f'<input class="xl-range" {NO_SHORTCUTS} type="range" min="0" max="100" value="50" '
        f'aria-label="{html.escape(f"Divider between {labels[0]} and {labels[1]}: {alt}")}">'
        '<span class="xl-handle" aria-hidden="true"></span></div>'
    )
    return embed("xl-ba", inside, alt, width or widest(before))


def ev_slider(
    steps: Array | Mapping[float, Array] | Sequence[tuple[str, Array]],
    *,
    alt: str,
    start: int | None = None,
    width: int | None = None,
    reach: float = 2.0,
    blend: bool = False,
) -> Widget:
    """Show one photo at every exposure, or one picture in several steps, by a slider.

    One photo is exposed in the page, in steps of a tenth of a stop, as `apply_ev` does it. Anything
    else, such as a network's outputs, is a row of pictures of which one shows at a time.

    Args:
        steps: a photo (H, W, 3), sRGB in [0, 1]; or exposure in stops to such an image, or pairs of
            label and image, shown in order (exposures rising) and all of one shape.
        alt: what the picture shows, for those who don't see it; the step's label is added.
        start: position of the step that shows first; the middle one where not given. A photo
            starts as it is.
        width: largest width on the page, px; that of the column where not given.
        reach: stops either way, for a photo.
        blend: fade from one step to the next in tenths; what stands between two is named a blend.

    Raises:
        ImageError: fewer than two steps, not images, several shapes, or an empty ``alt``.
    """
    if isinstance(steps, np.ndarray):
        return _exposed_in_the_page(steps, alt_text(alt), reach, width)
    labelled_steps = (
        [(ev_label(ev), steps[ev]) for ev in sorted(steps)] if isinstance(steps, Mapping) else steps
    )
    if len(labelled_steps) < 2:
        raise ImageError(
            f"Expected at least two steps for a slider, but got {len(labelled_steps)}."
        )
    _check_shapes([image for _, image in labelled_steps])
    panes = "".join(_pane(image, label, alt_text(alt)) for label, image in labelled_steps)
    first = len(labelled_steps) // 2 if start is None else start
    inside = (
        f'<div class="xl-frame">{panes}</div><div class="xl-controls">'
        f'<input class="xl-range" {NO_SHORTCUTS} type="range" min="0" '
        f'max="{len(labelled_steps) - 1}" step="{0.1 if blend else 1}" value="{first}" '
        f'aria-label="{html.escape(f"Step: {alt}")}">'
        f"{_ticks_html([label for label, _ in labelled_steps])}</div>"
    )
    return embed("xl-ev", inside, alt, width or widest(labelled_steps[0][1]))


def _exposed_in_the_page(photo: Array, alt: str, reach: float, width: int | None) -> Widget:
    """Embed one photo and its slider; the ends stand beside it where no script runs."""
    check_image(photo)
    ends = [
        _pane(shrink(apply_ev(photo, ev), min(END_SIDE, *photo.shape[:2])), ev_label(ev), alt)
        for ev in (-reach, reach)
    ]
    inside = (
        f'<div class="xl-frame">{ends[0]}{_pane(photo, ev_label(0), alt)}{ends[1]}</div>'
        f'<div class="xl-controls"><input class="xl-range" {NO_SHORTCUTS} type="range" '
        f'min="{-reach:g}" max="{reach:g}" step="{EV_STEP:g}" value="0" '
        f'aria-label="{html.escape(f"Exposure: {alt}")}">'
        f"{_ticks_html([ev_label(ev) for ev in (-reach, 0, reach)])}</div>"
    )
    return embed("xl-light", inside, alt, width or widest(photo), assets=("sliders", "tone"))


def ev_label(ev: float) -> str:
    """Format an exposure in stops, with a true minus sign: ``+1.5 EV``."""
    sign = "+" if ev > 0 else "\N{MINUS SIGN}" if ev < 0 else ""
    return f"{sign}{abs(ev):g} EV"


def _pane(image: Array, label: str, alt: str) -> str:
    picture = picture_html(image, jpeg_uri(image), f"{alt}, {label}")
    return f'<div class="xl-pane">{picture}<span class="xl-label">{html.escape(label)}</span></div>'


def _ticks_html(labels: Sequence[str]) -> str:
    """Write the labels below a slider: all of up to five, else those at the ends and halfway."""
    last = len(labels) - 1
    # More labels than five run into each other on a phone; the picture names its step anyway.
    shown = range(last + 1) if last < 5 else {0, last // 2, last} if last % 2 == 0 else {0, last}
    ticks = (
        f"<span>{html.escape(label) if i in shown else ''}</span>" for i, label in enumerate(labels)
    )
    return f'<div class="xl-ticks" aria-hidden="true">{"".join(ticks)}</div>'


def _check_shapes(images: Sequence[Array]) -> None:
    shapes = sorted({image.shape for image in images})
    if len(shapes) > 1:
        raise ImageError(f"Expected pictures of one shape, but got {shapes}: resize them first.")
