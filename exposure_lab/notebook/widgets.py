"""Interactive pictures that need no kernel: they work in a static page, on Colab and on paper.

Each widget is one piece of HTML with its own style, script and pictures, since on Colab every
output is a page of its own. Images are (H, W, 3), sRGB in [0, 1].
"""

import base64
import hashlib
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from PIL import Image

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, to_uint8

JPEG_QUALITY = 90


@dataclass(frozen=True)
class Widget:
    """HTML that a notebook displays as the last value of a cell."""

    markup: str
    alt: str

    def __repr__(self) -> str:
        return f"[pictures: {self.alt}]"

    def _repr_html_(self) -> str:
        return self.markup


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
        width: largest width on the page, px; the picture's own where not given.

    Raises:
        ImageError: not images, two shapes, or an empty ``alt``.
    """
    _check_shapes([before, after])
    panes = [_pane(before, labels[0], alt_text(alt)), _pane(after, labels[1], alt_text(alt))]
    inside = (
        f'<div class="xl-frame">{"".join(panes)}'
        f'<input class="xl-range" type="range" min="0" max="100" step="1" value="50" '
        f'aria-label="{html.escape(f"Divider between {labels[0]} and {labels[1]}: {alt}")}">'
        '<span class="xl-handle" aria-hidden="true"></span></div>'
    )
    return embed("xl-ba", inside, alt, width or before.shape[1])


def ev_slider(
    steps: Mapping[float, Array] | Sequence[tuple[str, Array]],
    *,
    alt: str,
    start: int | None = None,
    width: int | None = None,
) -> Widget:
    """Show one picture in several steps, of which a slider shows one at a time.

    Args:
        steps: exposure in stops to image, or pairs of label and image; shown in order (exposures
            rising). Images (H, W, 3), sRGB in [0, 1], all of one shape.
        alt: what the picture shows, for those who don't see it; the step's label is added.
        start: position of the step that shows first; the middle one where not given.
        width: largest width on the page, px; the picture's own where not given.

    Raises:
        ImageError: fewer than two steps, not images, several shapes, or an empty ``alt``.
    """
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
        f'<input class="xl-range" type="range" min="0" max="{len(labelled_steps) - 1}" step="1" '
        f'value="{first}" aria-label="{html.escape(f"Step: {alt}")}">'
        f"{_ticks_html([label for label, _ in labelled_steps])}</div>"
    )
    return embed("xl-ev", inside, alt, width or labelled_steps[0][1].shape[1])


def ev_label(ev: float) -> str:
    """Format an exposure in stops, with a true minus sign: ``+1.5 EV``."""
    sign = "+" if ev > 0 else "\N{MINUS SIGN}" if ev < 0 else ""
    return f"{sign}{abs(ev):g} EV"


def embed(kind: str, inside: str, alt: str, width: int, assets: str = "sliders") -> Widget:
    """Embed HTML together with the style and the script that it needs.

    Args:
        kind: class that the style and the script know it by, such as ``xl-ba``.
        inside: markup of the widget.
        alt: what it shows, for those who don't see it.
        width: largest width on the page, px.
        assets: name of the style and the script in ``assets/``, without their suffixes.
    """
    folder = resources.files(__package__) / "assets"
    style, script = (
        (folder / f"{assets}.{suffix}").read_text(encoding="utf-8") for suffix in ("css", "js")
    )
    # The same content gives the same name, so a notebook that is run again does not change.
    name = f"xl-{hashlib.sha256(inside.encode()).hexdigest()[:12]}"
    return Widget(
        f'<div class="xl-widget {kind}" data-widget="{name}" role="group" '
        f'aria-label="{html.escape(alt)}" style="width:{width}px">'
        f"<style>{style}</style>{inside}</div><script>{script}</script>",
        alt,
    )


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


def picture_html(image: Array, uri: str, alt: str) -> str:
    """Write the ``img`` element of a picture.

    Args:
        image: (H, W, 3), for its height and width.
        uri: data URI of the picture, from `jpeg_uri`.
        alt: what the picture shows; escaped here.
    """
    height, width = image.shape[:2]
    return (
        f'<img class="xl-picture" width="{width}" height="{height}" alt="{html.escape(alt)}" '
        f'src="{uri}">'
    )


def jpeg_uri(image: Array) -> str:
    """Encode a picture as the data URI of a JPEG, so that the page needs no file beside it."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg(image)).decode()}"


def jpeg(image: Array) -> bytes:
    """Encode a picture as JPEG."""
    buffer = io.BytesIO()
    # Full colour resolution: two versions are compared, and halved colour would differ at edges.
    Image.fromarray(to_uint8(image)).save(buffer, "jpeg", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def alt_text(alt: str) -> str:
    """Strip a description of its last full stop. Raises ImageError where it is empty."""
    if not alt.strip():
        raise ImageError("Expected a text in `alt` that says what is seen, but it is empty.")
    return alt.strip().rstrip(".")


def _check_shapes(images: Sequence[Array]) -> None:
    shapes = sorted({image.shape for image in images})
    if len(shapes) > 1:
        raise ImageError(f"Expected pictures of one shape, but got {shapes}: resize them first.")
