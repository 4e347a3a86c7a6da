"""The parts of the book's first page that a program makes: its picture, and how many claims hold.

    python -m exposure_lab.notebook.first_page OUT

writes `before_after.html` and `claims_bar.html`, included by `book/index.md` when built.
"""

import html
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.files.atomic import write_text
from exposure_lab.images.array import Array, ImageFunction
from exposure_lab.inference.corrector import Corrector
from exposure_lab.metrics.pixel import psnr
from exposure_lab.notebook.ledger_html import SIGNS
from exposure_lab.notebook.widgets import before_after, ev_label
from exposure_lab.study.ledger import VERBS, Entry, judge_scales, sum_up
from exposure_lab.weights.shipped import DEFAULT

PHOTO, EV = "coffee", -1.5
"""CC0, and none of the photographs that the shipped network learned from."""

ALT = "An espresso in a white cup on a red saucer, on a wooden table"


def picture_html(photo: Array, correct: ImageFunction, name: str, ev: float = EV) -> str:
    """Write a photo made too dark and its correction under a divider, with what was measured.

    Args:
        photo: (H, W, 3), sRGB in [0, 1], well exposed; the correction is scored against it.
        correct: what the picture shows the effect of.
        name: of the network, for the caption.
        ev: exposure of the left picture, stops.
    """
    dark = apply_ev(photo, ev)
    corrected = correct(dark)
    widget = before_after(dark, corrected, alt=ALT, labels=(ev_label(ev), "corrected"), width=720)
    return (
        f'<figure class="first-picture">{widget.markup}<figcaption><p><strong>Drag the line.'
        f"</strong> Left, a photograph made {abs(ev):g} stops too dark; right, what <code>{name}"
        f"</code>, the network that ships with this book, makes of it. It never saw this "
        f"photograph in training. PSNR against the well exposed original: "
        f"{psnr(dark, photo):.1f} dB before, {psnr(corrected, photo):.1f} dB after.</p>"
        "</figcaption></figure>\n"
    )


def claims_bar(entries: Sequence[Entry]) -> str:
    """Write how many claims hold, hold in part, fail and so on: a bar, and a list that says it.

    Args:
        entries: of the ledger; the verdicts at our scale are counted.
    """
    counts: Counter[str] = Counter(entry.ours.verdict for entry in entries)
    parts, items = [], []
    for verdict, sign in SIGNS.items():
        number, kind = counts[verdict], f"claims-{verdict.replace(' ', '-')}"
        if number:
            parts.append(f'<span class="{kind}" style="flex-grow:{number}">{sign}</span>')
        said = html.escape(VERBS[verdict][number != 1].removeprefix("is ").removeprefix("are "))
        items.append(
            f'<li class="{kind}"><span class="claims-sign" aria-hidden="true">{sign}</span> '
            f"<strong>{number}</strong> {said}</li>"
        )
    return (
        f'<div class="claims-board"><div class="claims-bar" role="img" '
        f'aria-label="{html.escape(sum_up(entries))}">{"".join(parts)}</div>'
        f'<ul class="claims-list">{"".join(items)}</ul></div>\n'
    )


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    picture = picture_html(sample_photo(PHOTO), Corrector.load(), DEFAULT)
    write_text(out / "before_after.html", picture)
    write_text(out / "claims_bar.html", claims_bar(judge_scales()))


if __name__ == "__main__":
    main()
