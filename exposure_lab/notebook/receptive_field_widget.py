"""Receptive-field explorer: choose a patch logit and see what it sees, without a kernel.

The geometry is that of `networks.receptive`; ``assets/explorer.js`` repeats it from the numbers
that each map brings. Pictures are (H, W, 3), sRGB in [0, 1].
"""

import base64
import html
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, check_image
from exposure_lab.networks.receptive import field, map_side, receptive_field, seen_pixels
from exposure_lab.notebook.embedding import NO_SHORTCUTS, Widget, alt_text, embed, jpeg

VERDICTS = "cividis"
"""Colour map of a probability: dark blue is fake, yellow is real; lightness rises all the way."""

LARGEST = 12.7
"""Largest logit that is stored, in tenths in one byte; beyond it a verdict is certain anyway."""


@dataclass(frozen=True)
class VerdictMap:
    """Patch logits of one critic over one picture."""

    layers: int
    tenths: NDArray[np.int8]
    """(h, w): the logits in tenths."""
    height: int
    """Height of the picture, px."""
    width: int
    """Width of the picture, px."""

    @classmethod
    def of(cls, layers: int, logits: NDArray[Any], height: int, width: int) -> "VerdictMap":
        """Store logits (h, w) in tenths. Raises ConfigError, ImageError; see `explore_fields`."""
        expected = map_side(height, layers), map_side(width, layers)
        if np.shape(logits) != expected:
            raise ImageError(
                f"Expected logits of shape {expected} for a picture of {height}x{width} px and "
                f"{layers} layers, but got {np.shape(logits)}: hand in the map of this picture."
            )
        stored = np.round(np.clip(logits, -LARGEST, LARGEST) * 10).astype(np.int8)
        return cls(layers, stored, height, width)

    @property
    def middle(self) -> tuple[int, int]:
        """Row and column of the logit that shows first."""
        rows, columns = self.tenths.shape
        return rows // 2, columns // 2

    def data(self) -> dict[str, Any]:
        """Data for the script: the geometry, and one signed byte a logit, row by row."""
        return {
            "layers": self.layers,
            "step": 2**self.layers,
            "first": field(0, self.layers)[0],
            "field": receptive_field(self.layers),
            "rows": self.tenths.shape[0],
            "columns": self.tenths.shape[1],
            "logits": base64.b64encode(self.tenths.tobytes()).decode(),
        }

    def sentence(self, row: int, column: int) -> str:
        """Describe one logit in words; ``explorer.js`` writes the same."""
        (top, bottom), (left, right) = self._seen(row, column)
        value = int(self.tenths[row, column]) / 10
        sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
        rows, columns = self.tenths.shape
        text = (
            f"Logit in row {row}, column {column} of {rows} \N{MULTIPLICATION SIGN} {columns}: "
            f"{sign}{abs(value):.1f}, that is {100 / (1 + np.exp(-value)):.0f} % real. "
            f"It sees rows {top} to {bottom} and columns {left} to {right}."
        )
        whole = receptive_field(self.layers)
        if min(bottom - top, right - left) + 1 < whole:
            text += (
                f" Its square of {whole} px reaches beyond the border; there each layer reads the "
                "mirror image of what lies inside."
            )
        return text

    def overlay(self, row: int, column: int) -> str:
        """Draw a shade with a hole where the logit looks, and a line around the hole."""
        (top, bottom), (left, right) = self._seen(row, column)
        hole = f"M{left} {top}V{bottom + 1}H{right + 1}V{top}Z"
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" preserveAspectRatio="none" '
            f'aria-hidden="true"><path class="xl-shade" fill-rule="evenodd" '
            f'd="M0 0H{self.width}V{self.height}H0Z{hole}"/>'
            f'<path class="xl-edge" d="{hole}"/></svg>'
        )

    def picture(self, shown: bool) -> str:
        """Draw the map, one px a logit, laid where the centres of its fields lie."""
        probability = 1 / (1 + np.exp(-self.tenths / 10.0))
        colours = matplotlib.colormaps[VERDICTS](probability)[..., :3]
        buffer = io.BytesIO()
        pixels = np.round(colours * 255).astype(np.uint8)
        Image.fromarray(pixels).save(buffer, "png", optimize=True)
        rows, columns = self.tenths.shape
        return (
            f'<img class="xl-verdicts{" xl-now" if shown else ""}" width="{columns}" '
            f'height="{rows}" alt="Map of {rows} by {columns} verdicts, {self.layers} halving '
            f'layers" style="{self._box(1, 1, rows, columns)}" '
            f'src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}">'
        )

    def dot(self, row: int, column: int) -> str:
        """Draw a mark where a logit lies on the map; its style moves it to its own middle."""
        return f'<span class="xl-dot" style="{self._box(row + 1.5, column + 1.5, 1, 1)}"></span>'

    def _seen(self, row: int, column: int) -> tuple[tuple[int, int], tuple[int, int]]:
        rows = seen_pixels(row, self.height, self.layers)
        return rows, seen_pixels(column, self.width, self.layers)

    def _box(self, top: float, left: float, rows: int, columns: int) -> str:
        """Write a box, given in steps of the map, as shares of the picture in CSS."""
        step = 100 * 2**self.layers
        return (
            f"top:{step * top / self.height:.4f}%;height:{step * rows / self.height:.4f}%;"
            f"left:{step * left / self.width:.4f}%;width:{step * columns / self.width:.4f}%"
        )


def explore_fields(
    picture: Array,
    logits: Mapping[int, NDArray[Any]],
    *,
    alt: str,
    start: int | None = None,
    width: int = 960,
) -> Widget:
    """Show a picture beside its map of verdicts: choose a logit, and what it cannot see goes dark.

    Works by mouse, finger and arrow keys. Without script, and on paper, it shows the logit in the
    middle of the map that shows first.

    Args:
        picture: (H, W, 3), sRGB in [0, 1]: what was judged.
        logits: number of layers to patch logits (h, w), as a `PatchGAN` with so many gives them.
        alt: what the picture shows, for those who don't see it.
        start: number of layers whose map shows first; the first one where not given.
        width: largest width on the page, px.

    Raises:
        ImageError: no image, no map, a map of another picture, or an empty ``alt``.
        ConfigError: the picture is too small for a map.
    """
    check_image(picture)
    if not logits:
        raise ImageError("Expected at least one map of patch logits to explore, but got none.")
    size = picture.shape[:2]
    maps = [VerdictMap.of(layers, values, *size) for layers, values in logits.items()]
    first = next((each for each in maps if each.layers == start), maps[0])
    inside = (
        _panes_html(picture, maps, first, html.escape(alt_text(alt)))
        + '<p class="xl-legend"><span>fake, 0 %</span> <span class="xl-scale"></span> '
        "<span>real, 100 %</span></p>"
        f'<p class="xl-say" role="status">{first.sentence(*first.middle)}</p>'
        '<fieldset class="xl-layers"><legend>Halving layers &rarr; side of the square</legend>'
        f"{_layer_choices_html(maps, first)}</fieldset>"
    )
    return embed("xl-rf", inside, alt_text(alt), width, assets="explorer")


def _panes_html(picture: Array, maps: list[VerdictMap], first: VerdictMap, alt: str) -> str:
    """Write the picture, and beside it the map."""
    height, width = picture.shape[:2]
    data = html.escape(json.dumps([each.data() for each in maps]))
    keys = "Arrow keys move by one, with Shift by five, Home and End to the ends of a row."
    return (
        f'<div class="xl-panes" data-maps="{data}" data-size="{height} {width}">'
        f'<div class="xl-side" {NO_SHORTCUTS} tabindex="0" role="application" '
        f'aria-label="Choose a patch logit of: {alt}. {keys}">'
        f'<img class="xl-picture" width="{width}" height="{height}" alt="{alt}" '
        f'src="data:image/jpeg;base64,{base64.b64encode(jpeg(picture)).decode()}">'
        f"{first.overlay(*first.middle)}</div>"
        f'<div class="xl-side xl-map" style="aspect-ratio:{width}/{height}">'
        f"{''.join(each.picture(each is first) for each in maps)}{first.dot(*first.middle)}"
        "</div></div>"
    )


def _layer_choices_html(maps: list[VerdictMap], first: VerdictMap) -> str:
    return "".join(
        f'<label><input type="radio" {NO_SHORTCUTS} value="{i}"'
        f"{' checked' if each is first else ''}> "
        f"{each.layers} &rarr; {receptive_field(each.layers)} px</label>"
        for i, each in enumerate(maps)
    )
