"""HTML of a widget with its own style, script and pictures: one piece that needs nothing else.

On Colab every output is a page of its own. Images are (H, W, 3), sRGB in [0, 1].
"""

import base64
import hashlib
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from PIL import Image

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, to_uint8

JPEG_QUALITY = 90

TALLEST = 560
"""Largest height of a widget's picture on the page, px: more would push its slider off a screen."""

NO_SHORTCUTS = 'data-lm-suppress-shortcuts="true"'
"""Attribute of every control of ours: without it JupyterLab takes the arrow keys for itself."""


@dataclass(frozen=True)
class Widget:
    """HTML that a notebook displays as the last value of a cell."""

    markup: str
    alt: str

    def __repr__(self) -> str:
        return f"[pictures: {self.alt}]"

    def _repr_html_(self) -> str:
        return self.markup


def widest(image: Array) -> int:
    """Width at which a picture of this shape is `TALLEST` px high, px."""
    height, width = image.shape[:2]
    at_most: int = round(TALLEST * width / height)
    return at_most


def embed(
    kind: str, inside: str, alt: str, width: int, assets: str | Sequence[str] = "sliders"
) -> Widget:
    """Embed HTML together with the style and the script that it needs, as wide as the column.

    Args:
        kind: class that the style and the script know it by, such as ``xl-ba``.
        inside: markup of the widget.
        alt: what it shows, for those who don't see it.
        width: largest width on the page, px.
        assets: names in ``assets/`` without their suffixes: of style and script, and of
            scripts that this one calls; those run first.
    """
    first, *helpers = [assets] if isinstance(assets, str) else assets
    folder = resources.files(__package__) / "assets"
    style = (folder / f"{first}.css").read_text(encoding="utf-8")
    scripts = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in (*helpers, first)]
    # The same content gives the same name, so a notebook that is run again does not change.
    name = f"xl-{hashlib.sha256(inside.encode()).hexdigest()[:12]}"
    return Widget(
        f'<div class="xl-widget {kind}" data-widget="{name}" role="group" '
        f'aria-label="{html.escape(alt)}" style="width:min(100%,{width}px)">'
        f"<style>{style}</style>{inside}</div><script>{''.join(scripts)}</script>",
        alt,
    )


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
