"""A game against the network: two sliders and a score, in a page without a kernel.

The arithmetic is that of `adjust`; ``assets/tone.js`` repeats it on the 8-bit values that it shows.
Images are (H, W, 3), sRGB in [0, 1].
"""

import html
import json
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.metrics.pixel import psnr
from exposure_lab.notebook.embedding import (
    NO_SHORTCUTS,
    Widget,
    alt_text,
    embed,
    jpeg_uri,
    picture_html,
)
from exposure_lab.notebook.game_rounds import Round

EXPOSURE = (-3.0, 3.0, 0.05, 0.0)
"""Exposure slider: smallest, largest, step, value at the start; stops."""

CONTRAST = (0.5, 2.0, 0.02, 1.0)
"""Contrast slider, likewise: factor of the distance from mid grey."""

MID_GREY = 0.5
"""sRGB value that contrast leaves as it is."""

LABELS = ("yours", "the network's", "target")
"""Labels of the three pictures; ``play.js`` has the same."""

LABEL_HEIGHT = 22
"""Height of the line of text above each picture of `scoreboard`, px."""


def adjust(image: Array, exposure: float, contrast: float = 1.0) -> Array:
    """Adjust a photo as the two sliders do: exposure in linear light, then contrast in sRGB.

    Args:
        image: (H, W, 3), sRGB in [0, 1].
        exposure: stops; see `apply_ev`.
        contrast: factor of the distance from `MID_GREY`; 1 leaves the image as it is.

    Returns:
        (H, W, 3), sRGB in [0, 1], clipped.

    Raises:
        ImageError: not such an array.
    """
    exposed = apply_ev(image, exposure)
    if contrast == 1:
        return exposed
    spread: Array = np.float32(MID_GREY) + np.float32(contrast) * (exposed - np.float32(MID_GREY))
    return np.clip(spread, 0, 1)


def play(rounds: Sequence[Round], *, alt: str, width: int = 960) -> Widget:
    """Show photos to correct by hand against the network, blind at first.

    The player sees what the network saw, the photo alone. *Done* reveals the target, the network's
    picture, both scores and the round's name. The game works in a static page, by mouse, finger and
    keys; wins are kept in the reader's browser. Pictures are stored as JPEG, and the page computes
    every score from the pictures that it shows.

    Args:
        rounds: rounds of the game; pictures about 200 px high are large enough. They are shuffled,
            the same way each time, since their order would tell what each is.
        alt: what the pictures show, for those who don't see them; don't name the answer.
        width: largest width on the page, px.

    Raises:
        ImageError: no rounds, not images, a round of several shapes, or an empty ``alt``.
    """
    if not rounds:
        raise ImageError("Expected at least one round to play, but got none.")
    order = np.random.default_rng(len(rounds)).permutation(len(rounds))
    rounds = [rounds[i] for i in order]
    uris, indices = _encode_once(rounds)
    # The first round stands in the page as images, so that paper and a page without script have it.
    first_uris = [uris[i] for i in indices[0]]
    pictures = [None if uri in first_uris else uri for uri in uris]
    data = {"names": [game.name for game in rounds], "rounds": indices, "pictures": pictures}
    panes = [
        _pane(picture_html(picture, uri, f"{alt_text(alt)}, round 1: {label}"), label)
        for label, uri, picture in zip(LABELS, first_uris, rounds[0].pictures(), strict=True)
    ]
    inside = (
        f'<div class="xl-stage" data-play="{html.escape(json.dumps(data))}">{"".join(panes)}</div>'
        f'<div class="xl-controls">{_controls_html(len(rounds))}</div>'
    )
    return embed("xl-play", inside, alt_text(alt), width, assets=("play", "tone"))


def scoreboard(game: Round, exposure: float = 0.0, contrast: float = 1.0) -> Array:
    """Draw a round in one picture, each part under its score: for `live`, where a kernel runs.

    As in the page, all pictures are stored with 8 bits before and after.

    Args:
        game: the round.
        exposure, contrast: as `adjust` takes them.

    Returns:
        (H + `LABEL_HEIGHT`, 3 W, 3), sRGB in [0, 1].

    Raises:
        ImageError: not images, or several shapes.
    """
    original, network, target = (from_uint8(to_uint8(picture)) for picture in game.pictures())
    yours = from_uint8(to_uint8(adjust(original, exposure, contrast)))
    columns = []
    for label, picture in zip(LABELS, (yours, network, target), strict=True):
        score = "" if picture is target else f"  {psnr(picture, target):.1f} dB"
        columns.append(np.concatenate([_label_strip(label + score, picture.shape[1]), picture]))
    return np.concatenate(columns, axis=1)


def _encode_once(rounds: Sequence[Round]) -> tuple[list[str], list[list[int]]]:
    """Encode the pictures of all rounds, equal ones once.

    Returns:
        data URIs, and for each round the positions of its three pictures among them.
    """
    positions: dict[str, int] = {}
    indices = [
        [positions.setdefault(jpeg_uri(picture), len(positions)) for picture in game.pictures()]
        for game in rounds
    ]
    return list(positions), indices


def _pane(picture: str, label: str) -> str:
    return (
        f'<figure class="xl-pane">{picture}<figcaption>'
        f'<span>{label}</span> <span class="xl-score"></span></figcaption></figure>'
    )


def _controls_html(rounds: int) -> str:
    """Write the controls: choice of a round by its number, sliders, hint, buttons, record."""
    options = "".join(f"<option>Round {i + 1} of {rounds}</option>" for i in range(rounds))
    return (
        f'<div class="xl-row"><label>Photo <select class="xl-round" {NO_SHORTCUTS}>{options}'
        f'</select></label><label><input type="checkbox" class="xl-sight" {NO_SHORTCUTS}> '
        "Show me the target and my score</label></div>"
        f'<div class="xl-knobs">{_slider("exposure", EXPOSURE)}{_slider("contrast", CONTRAST)}'
        '</div><figure class="xl-hint"><canvas width="256" height="64" role="img" '
        'aria-label="Histogram of your picture"></canvas><figcaption></figcaption></figure>'
        f'<p class="xl-status" role="status"></p>'
        f'<div class="xl-row"><button type="button" class="xl-done" {NO_SHORTCUTS}>Done</button>'
        f'<button type="button" class="xl-reset" {NO_SHORTCUTS}>Reset the sliders</button>'
        '<span class="xl-record"></span>'
        f'<button type="button" class="xl-erase" {NO_SHORTCUTS} hidden>Erase my wins</button></div>'
    )


def _slider(name: str, bounds: tuple[float, float, float, float]) -> str:
    low, high, step, value = bounds
    return (
        f'<label>{name.capitalize()} <span class="xl-value"></span>'
        f'<input class="xl-{name}" {NO_SHORTCUTS} type="range" min="{low:g}" max="{high:g}" '
        f'step="{step:g}" value="{value:g}"></label>'
    )


def _label_strip(text: str, width: int) -> Array:
    """Draw black text on white, (LABEL_HEIGHT, width, 3)."""
    strip = Image.new("RGB", (width, LABEL_HEIGHT), "white")
    ImageDraw.Draw(strip).text((4, 3), text, "black", ImageFont.load_default(14))
    return from_uint8(np.asarray(strip))
