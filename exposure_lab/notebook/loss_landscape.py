"""A pixel with two possible truths: its mean L1 and L2 loss, drawn in the page at any chance."""

import html
import json

from exposure_lab.errors import ImageError
from exposure_lab.notebook.embedding import NO_SHORTCUTS, Widget, alt_text, embed
from exposure_lab.plots import COLOURS

CHANCE_STEP = 2
"""Step of the slider, per cent."""


def chance_slider(truths: tuple[float, float] = (0.2, 0.8), *, alt: str) -> Widget:
    """Show the mean L1 and L2 loss of every grey, while a slider moves the chance of two truths.

    The page computes the curves, in steps of 2 %; no kernel is needed.

    Args:
        truths: the two values that the pixel may have, rising, in [0, 1]; the slider is the chance
            of the second one.
        alt: what is drawn, for those who don't see it.

    Raises:
        ImageError: truths that do not rise within [0, 1], or an empty ``alt``.
    """
    low, high = truths
    if not 0 <= low < high <= 1:
        raise ImageError(
            f"Expected two truths that rise within [0, 1], but got {low} and {high}: "
            "name the darker one first."
        )
    inside = (
        f'<div class="xl-plot" data-chance="{html.escape(json.dumps([low, high, *COLOURS[:2]]))}">'
        '<svg viewBox="0 0 460 260" role="img" '
        f'aria-label="{html.escape(alt_text(alt))}"></svg></div>'
        '<p class="xl-say" role="status"></p>'
        f'<label>Chance of {high:g} <span class="xl-value"></span><input class="xl-range" '
        f'{NO_SHORTCUTS} type="range" min="0" max="100" step="{CHANCE_STEP}" value="50"></label>'
    )
    return embed("xl-chance", inside, alt_text(alt), 600, assets="chance")
