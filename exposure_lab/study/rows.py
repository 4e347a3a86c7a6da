"""Rows of a results file, and the figures that follow from what a row holds already."""

from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
"""Scores of one arm at one seed, or the values of one figure, as the JSON file holds them."""

PARITY_DB = 25.0
"""PSNR from which on a corrected picture counts as the same as its target.

A picture of mid tones that is a third of a stop off, the finest step of a camera's dial, scores
about 25 dB: its values are off by the factor 2^(1/3/2.2), 11 %, of a root mean square of 0.5.
"""


def dark_at_parity(row: Row) -> list[float] | None:
    """Tell for each scene whether its darkest picture came up to its target: 1, else 0."""
    scores = row["scores"].get("psnr_dark")
    return None if scores is None else [float(score >= PARITY_DB) for score in scores]


def first_epoch_psnr(row: Row) -> float | None:
    """Look up the mean held-out PSNR after the first epoch, dB; its curve begins before it."""
    scores = row.get("curve", {}).get("val_psnr", [])
    return float(scores[1]) if len(scores) > 1 else None


DERIVED: dict[tuple[str, str], Callable[[Row], Any]] = {
    ("scores", "dark_at_parity"): dark_at_parity,
    ("run", "first_epoch_psnr"): first_epoch_psnr,
}
"""Kind (``scores``, one value a scene, or ``run``, one in all) and figure to what computes it."""


def figure_of(row: Row, kind: str, figure: str) -> Any:
    """Look up a figure of a row, or derive it; None where the row does not give it."""
    if figure in row[kind]:
        return row[kind][figure]
    derive = DERIVED.get((kind, figure))
    return derive(row) if derive else None
