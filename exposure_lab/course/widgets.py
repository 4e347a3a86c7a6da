"""Sliders that live in a static page and on Colab: plain HTML, CSS and JavaScript, no kernel."""

import base64
import hashlib
import html
import io
import json
from collections.abc import Mapping
from importlib import resources
from string import Template

from PIL import Image

from exposure_lab.errors import ImageError
from exposure_lab.image import Array, to_uint8

JPEG_QUALITY = 88
WIDTH = 640
"""px. Wider pictures are shrunk: a page with six of them should still open on a phone."""


class Widget:
    """A piece of HTML that a notebook shows and a file can hold."""

    def __init__(self, markup: str, description: str) -> None:
        self.markup, self.description = markup, description

    def __repr__(self) -> str:
        return self.description

    def _repr_html_(self) -> str:
        return self.markup


def before_after(
    before: Array, after: Array, *, alt: str, labels: tuple[str, str] = ("before", "after")
) -> Widget:
    """Two pictures on top of each other and a handle that uncovers one of them.

    Works with mouse, touch and arrow keys; without JavaScript and on paper both stand side by side.

    Args:
        before, after: (H, W, 3), sRGB in [0, 1], of one size.
        alt: what is to be seen, for those who see no pictures.
        labels: of the left and the right picture.

    Raises:
        ImageError: two sizes.
    """
    if before.shape != after.shape:
        raise ImageError(
            f"Expected two pictures of one size, but got {before.shape} and {after.shape}."
        )
    height, width = before.shape[:2]
    return _widget(
        "before_after",
        alt,
        before=_data_uri(before),
        after=_data_uri(after),
        left=html.escape(labels[0]),
        right=html.escape(labels[1]),
        ratio=f"{width} / {height}",
        width=str(min(width, WIDTH)),
    )


def ev_slider(steps: Mapping[float, Array], *, alt: str) -> Widget:
    """One picture at several exposures and a slider through them.

    Args:
        steps: EV in stops to picture (H, W, 3), sRGB in [0, 1].
        alt: what is to be seen; the exposure is said beside it.
    """
    evs = sorted(steps)
    nearest = min(range(len(evs)), key=lambda i: abs(evs[i]))
    frames = "".join(
        f'<img src="{_data_uri(steps[ev])}" alt="{html.escape(alt)}, at {_ev_label(ev)}"'
        f"{'' if i == nearest else ' hidden'}>"
        for i, ev in enumerate(evs)
    )
    return _widget(
        "ev_slider",
        alt,
        frames=frames,
        labels=html.escape(json.dumps([_ev_label(ev) for ev in evs])),
        last=str(len(evs) - 1),
        start=str(nearest),
        label=_ev_label(evs[nearest]),
        width=str(min(steps[evs[0]].shape[1], WIDTH)),
    )


def _widget(name: str, alt: str, **values: str) -> Widget:
    """Fill a template; its id follows from its content, so the same page is built twice."""
    folder = resources.files("exposure_lab.course") / "assets"
    template = Template((folder / f"{name}.html").read_text(encoding="utf-8"))
    digest = hashlib.sha256("".join(values.values()).encode()).hexdigest()[:10]
    markup = template.substitute(values, id=f"lab-{digest}", alt=html.escape(alt))
    return Widget(markup, f"[{name.replace('_', ' ')} slider: {alt}]")


def _ev_label(ev: float) -> str:
    return f"{ev:+g} EV" if ev else "0 EV"


def _data_uri(image: Array) -> str:
    picture = Image.fromarray(to_uint8(image))
    picture.thumbnail((WIDTH, WIDTH * 2), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
