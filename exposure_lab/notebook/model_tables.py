"""Tables of all models side by side, on photos that none of them has seen."""

from pathlib import Path
from typing import Any

from exposure_lab.errors import ChapterError
from exposure_lab.fingerprints import read_fingerprinted
from exposure_lab.notebook.tables import Table
from exposure_lab.study.results import results_folder

MODELS = {
    "identity": "identity",
    "auto-gamma": "auto-gamma",
    "auto-exposure": "auto-exposure",
    "white-point": "white-point",
    "mean-3x3": "mean-3x3",
    "gain-3x3": "gain-3x3",
    "stretch": "stretch",
    "equalize": "equalize",
    "clahe": "clahe",
    "report": "U-Net GAN",
    "unet-16": "unet-16",
    "same-pairs": "grid, same pairs",
    "grid-s": "grid-s",
}
"""Model -> its row. The report's network stands there with 16 channels after its stem, unet-16 is
the same with the repairs of chapters 04 to 08, and the grid below them learned from their pairs."""

SETS = {
    "val": ("Berkeley", "100 photos of BSDS500, rendered at five exposures"),
    "kodak": ("Kodak", "Kodak's 24 photos, rendered at five exposures"),
    "brackets": (
        "real",
        "100 real scenes (1 and 1.5 EV stand for one and two steps of the camera, of a stop or "
        "more each; the target is the frame nearest to mid-grey, which suits auto-exposure)",
    ),
}
"""Set -> its name in a head, and what it holds."""

EVS = ("-1.5", "-1", "+0", "+1", "+1.5")
"""Exposures, as the names of figures have them."""

SCORES = {"psnr": ".1f", "ssim": ".2f", "delta_e": ".1f"}
"""Score -> how it is written."""

OVERVIEW = (
    "PSNR in dB: at wrong exposures/at 0 EV, where little should be done; a copy counts 60. SSIM, "
    "colour difference (CIEDE2000) and weave (energy of the finest checkerboard by the target's) "
    "are those of the wrong exposures of real scenes. M: million weights. MB: in half precision. "
    "s: seconds for 12 megapixels, two cores. U-Net GAN: the report's network, a sixteenth as "
    "large; unet-16: the same, repaired as in chapters 04 to 08; grid, same pairs: a grid that "
    "learned from the pairs of both. Networks are scored as the command correct applies them, "
    "which hides the weave of those that draw. The real scenes helped to choose grid-s: its pairs, "
    "and below what change it copies a photo."
)
"""Caption of the table of all models."""

BY_EXPOSURE = "PSNR in dB, SSIM, colour difference (CIEDE2000)"
"""Caption of the table of one set."""


def comparison(photos: str | None = None, folder: Path | None = None) -> Table:
    """Tabulate how near every model comes to the right picture.

    Args:
        photos: a set, for its scores at each exposure: ``val``, ``kodak`` or ``brackets``. All
            three are in one table where not given.
        folder: where the results are; the package's own where not given.

    Raises:
        ChapterError: no such set.
        DataError: the results were edited by hand.
    """
    if photos is not None and photos not in SETS:
        raise ChapterError(f"Expected photos, one of {', '.join(SETS)}, but got {photos!r}.")
    content = read_fingerprinted((folder or results_folder()) / "comparison.json")
    figures: dict[str, Any] = content["figures"]
    made = f"{content['device']}, {content['date']}"
    if photos is None:
        return Table(_overview_head(), _overview_rows(figures), f"{OVERVIEW} {made}.")
    head = ("model", *(f"{float(ev):+g} EV" if float(ev) else "0 EV" for ev in EVS))
    rows = tuple(
        (words, *(_all_scores(figures, f"{model}.{photos}", ev) for ev in EVS))
        for model, words in _measured(figures).items()
    )
    return Table(head, rows, f"{SETS[photos][1]}: {BY_EXPOSURE}. {made}.")


def comparison_markdown(folder: Path | None = None) -> str:
    """Write the table of all models in Markdown, for README and the first page."""
    shown = comparison(folder=folder)
    sides = [":--", *["--:"] * (len(shown.head) - 1)]
    lines = (shown.head, sides, *shown.rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _measured(figures: dict[str, Any]) -> dict[str, str]:
    """Models that were measured, with the words of their rows."""
    return {name: words for name, words in MODELS.items() if f"{name}.weights" in figures}


def _overview_head() -> tuple[str, ...]:
    sets = [short for short, _ in SETS.values()]
    return ("model", *sets, "SSIM", "ΔE", "weave", "M", "MB", "s")


def _overview_rows(figures: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    rows = []
    for model, words in _measured(figures).items():
        row = [words]
        for name in SETS:
            both = [_value(figures, f"{model}.{name}.psnr.{ev}", ".1f") for ev in ("wrong", "+0")]
            row.append("/".join(both))
        row += [
            _value(figures, f"{model}.brackets.{score}.wrong", how)
            for score, how in (("ssim", ".2f"), ("delta_e", ".1f"), ("checkerboard", ".2f"))
        ]
        weights = figures[f"{model}.weights"]["value"]
        size = _value(figures, f"{model}.megabytes", ".1f") if weights else "-"
        row += [_in_millions(weights), size, _value(figures, f"{model}.seconds", ".1f")]
        rows.append(tuple(row))
    return tuple(rows)


def _all_scores(figures: dict[str, Any], start: str, ev: str) -> str:
    return ", ".join(_value(figures, f"{start}.{score}.{ev}", how) for score, how in SCORES.items())


def _value(figures: dict[str, Any], name: str, how: str) -> str:
    return f"{figures[name]['value']:{how}}" if name in figures else "-"


def _in_millions(weights: float) -> str:
    return f"{weights / 1e6:.2g}" if weights else "-"
