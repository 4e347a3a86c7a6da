"""Judge of a trained network: what its weights give, against thresholds and against what was said.

It reads numbers that came out of the sandbox and imports no torch.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from exposure_lab.course.grading.trained.scores import (
    Pictures,
    psnr_by_exposure,
    squared_errors,
    to_decibels,
)
from exposure_lab.course.grading.trained.statements import Statements, Wrong, read_statements

LOADS = "weights that your code loads and that make the difference"
DARK, BRIGHT = "hidden photos that are too dark", "hidden photos that are too bright"
WELL = "hidden photos that are well exposed"
STATED = "the PSNR that you state"
HISTORY, TABLE = "the history of the run", "the table of verdicts"

PARTS = {LOADS: 2, DARK: 3, BRIGHT: 3, WELL: 1, STATED: 3, HISTORY: 2, TABLE: 3}

CLOSE = 0.2
"""Largest difference between a stated PSNR and the recomputed one, dB: fp16 and GPUs round."""

TOUCHED = 1.0
"""Mean change, of 255, that other weights must make at least."""


def measure(got: Any, known: Any) -> Mapping[str, str | None]:
    """Judge what a network and its files gave, part by part.

    Args:
        got: what the harness brought out of the sandbox.
        known: photos, thresholds and the release's rules, see `ch90_trained`.
    """
    if sentence := _why_unusable(got, known):
        return dict.fromkeys(PARTS, sentence)
    photos, least = known["announced"], known["least"]
    gains = gains_of(got["hidden"], known["hidden"])
    found = psnr_by_exposure(got["announced"], photos["targets"], photos["evs"], **known["how"])
    verdicts: dict[str, str | None] = {LOADS: None}
    verdicts[DARK] = _why_short(gains["dark"], least["dark"], "too dark")
    verdicts[BRIGHT] = _why_short(gains["bright"], least["bright"], "too bright")
    verdicts[WELL] = None
    if gains["well"] < least["well"]:
        verdicts[WELL] = (
            f"Expected well exposed photos to keep {least['well']:.2f} dB, but these weights leave "
            f"them {gains['well']:.2f} dB: train longer, and see whether inputs at EV 0 take part."
        )
    try:
        said = read_statements(got["history"])
    except Wrong as wrong:
        return verdicts | dict.fromkeys((STATED, HISTORY, TABLE), str(wrong))
    verdicts[STATED] = _why_other(said, found)
    verdicts[HISTORY] = said.why_no_history(_mean_of_wrong(found), CLOSE)
    verdicts[TABLE] = _table(said, got["announced"], known)
    return verdicts


def _why_unusable(got: Any, known: Any) -> str | None:
    """Say why nothing can be measured; None where it can."""
    if "missing" in got:
        return (
            f"Expected {got['missing']} beside the notebook, but none that can be used came: hand "
            "it in with the notebook, as the template writes it."
        )
    for name in ("hidden", "announced", "blank"):
        output = got[name]
        right = known["hidden" if name == "blank" else name]["targets"]
        if not isinstance(output, np.ndarray) or output.dtype != np.uint8:
            return "Expected pictures from `correct` as uint8, 0 to 255, but got something else."
        if output.shape != right.shape:
            return f"Expected pictures in shape {right.shape}, but got {output.shape}."
    change = np.abs(got["hidden"].astype(float) - got["blank"]).mean()
    if change < TOUCHED:
        return (
            "Expected other weights to give other pictures, but they give the same: `correct` must "
            "load the weights that it is given."
        )
    return None


def gains_of(outputs: Pictures, photos: Any) -> dict[str, float]:
    """PSNR over that of the inputs where these are wrong, and PSNR where they are right; dB."""
    evs = np.asarray(photos["evs"])
    after = to_decibels(squared_errors(outputs, photos["targets"]))
    before = to_decibels(np.asarray(photos["errors"]))
    return {
        "dark": float((after - before)[evs < 0].mean()),
        "bright": float((after - before)[evs > 0].mean()),
        "well": float(after[evs == 0].mean()),
    }


def _why_short(gain: float, least: float, what: str) -> str | None:
    if gain >= least:
        return None
    way = f"{gain:.2f} dB nearer" if gain > 0 else f"{-gain:.2f} dB further away"
    return (
        f"Expected photos that are {what} to come at least {least:.2f} dB nearer to their targets, "
        f"but these weights bring them {way}: train longer, and look at the held-out curve."
    )


def _why_other(said: Statements, found: Mapping[float, float]) -> str | None:
    """Name the first stated PSNR that the weights do not give."""
    if set(said.psnr) != set(found):
        exposures = ", ".join(f"{ev:g}" for ev in found)
        return f"Expected a PSNR for each of the exposures {exposures}, but some are not there."
    for ev, value in found.items():
        if not abs(said.psnr[ev] - value) <= CLOSE:
            return (
                f"Expected the PSNR that these weights give, but {said.psnr[ev]:.2f} dB is stated "
                f"at EV {ev:+g}, and they give {value:.2f} dB: state what `correct` gives with the "
                "weights that you hand in."
            )
    return None


def _mean_of_wrong(found: Mapping[float, float]) -> float:
    return float(np.mean([value for ev, value in found.items() if ev]))


def _table(said: Statements, outputs: Pictures, known: Any) -> str | None:
    """Judge the table: its form, its words, and the two rows that the weights decide."""
    if sentence := said.why_no_table(known["rule"]):
        return sentence
    photos = known["announced"]
    for claim, ev in CORRECTS.items():
        row, chosen = said.rows[claim], [one == ev for one in photos["evs"]]
        right = psnr_of_each(outputs, photos, ev, known["how"]["border"])
        before = to_decibels(np.asarray(photos["inner_errors"])[chosen])
        if not (_close(row["with"], right) and _close(row["without"], list(before))):
            return (
                f"Expected in the row {claim} the PSNR of each announced photo with these weights, "
                "and that of the inputs, but other numbers are stated: fill the table from the "
                "weights that you hand in."
            )
    return None


CORRECTS = {"gan-corrects": -1.5, "gan-corrects-bright": 1.5}
"""Claims about the handed-in network, and the exposure at which they are judged."""


def psnr_of_each(outputs: Pictures, photos: Any, ev: float, border: int) -> list[float]:
    """PSNR of each picture at one exposure, dB."""
    chosen = [one == ev for one in photos["evs"]]
    errors = squared_errors(outputs[chosen], photos["targets"][chosen], border)
    return [float(value) for value in to_decibels(errors)]


def _close(stated: Sequence[float], values: Sequence[float]) -> bool:
    pairs = list(zip(stated, values, strict=False))
    return len(stated) == len(values) and all(
        math.isfinite(a) and abs(a - b) <= CLOSE for a, b in pairs
    )
