"""Figures of an experiment that the book quotes: each arm, and each difference a claim rests on."""

from collections.abc import Sequence
from typing import Any

from exposure_lab.study.claims import all_claims
from exposure_lab.study.estimates import estimate
from exposure_lab.study.results import Results

Entry = dict[str, Any]

UNITS = {
    "psnr": "dB",
    "psnr_dark": "dB",
    "psnr_bright": "dB",
    "psnr_good": "dB",
    "brightness_error": "stops",
    "artefact_error": "levels",
    "rise": "dB",
    "first_epoch_psnr": "dB",
    "images_per_s": "images/s",
}
"""Unit of a figure; the others have none."""


def figures_of(results: Results) -> dict[str, Entry]:
    """Compute the figures of an experiment from its rows.

    Returns:
        Name to value, 95 % interval, number of seeds (or of scenes where nothing was trained) and
        unit. ``psnr.report`` is a figure of an arm, ``psnr.paired-report`` the first arm minus the
        second, ``psnr`` that of the first two arms, or of the only one.
    """
    measured = [row for row in results.rows if "figure" in row]
    figures = {row["figure"]: _entry(results, row["figure"], (), row["unit"]) for row in measured}
    arms = list(dict.fromkeys(row["arm"] for row in results.rows if "arm" in row))
    names = {
        name for row in results.rows for kind in ("scores", "run") for name in row.get(kind, ())
    }
    for figure in sorted(names):
        for suffix, chosen in groups_of(results.experiment, arms).items():
            entry = _entry(results, figure, chosen, UNITS.get(figure, ""))
            figures[figure + suffix] = entry
    return {name: entry for name, entry in figures.items() if entry is not None}


def groups_of(experiment: str, arms: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Find the suffixes of a figure's name, each with the arms that the figure is then of."""
    pairs = [tuple(arms[:2])] if len(arms) > 1 else []
    claimed = [claim.arms for claim in all_claims().values() if claim.experiment == experiment]
    pairs += [pair for pair in claimed if len(pair) == 2 and set(pair) <= set(arms)]
    groups: dict[str, tuple[str, ...]] = {"": pairs[0] if pairs else tuple(arms)}
    groups |= {f".{arm}": (arm,) for arm in arms}
    return groups | {"." + "-".join(pair): pair for pair in pairs}


def _entry(results: Results, figure: str, arms: Sequence[str], unit: str) -> Entry | None:
    """Value, interval, number and unit of a figure; None where the rows do not give it."""
    effect = estimate(results, figure, arms)
    if effect is None:
        return None
    interval = [_round(end) for end in effect.interval()] if effect.standard_error else None
    n = effect.seeds or (effect.cases if effect.cases > 1 else None)
    return {"value": _round(effect.mean), "ci": interval, "n": n, "unit": unit}


def _round(value: float) -> float:
    return float(f"{value:.5g}")
