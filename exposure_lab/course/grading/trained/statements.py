"""Statements that come with weights: ``history.json``, as a template writes it, read as data."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from exposure_lab.course.grading.trained.verdict import word_of
from exposure_lab.files.json_files import parse_json

ABLATIONS = (
    "unet-skips",
    "relu-over-maxout",
    "input-and-target",
    "patch-no-worse",
    "augmentation-helps",
    "flips-help",
    "jitter-helps",
    "normalise-helps",
    "bce-over-lsgan",
    "bce-over-hinge",
    "l1-pulls",
)
"""Claims, by their ids in the ledger, of which a student tests two by runs of their own."""

REQUIRED = ("gan-corrects", "gan-corrects-bright", "network-beats-rules", "longer-generalises")
"""Claims that every table has."""

LEAST_ROWS = 3


class Wrong(Exception):
    """The file is not as the template writes it; the message is a sentence for the student."""


@dataclass(frozen=True)
class Statements:
    """What a student states of a run."""

    psnr: Mapping[float, float]
    """Exposure to PSNR on the announced photos, dB."""
    history: Sequence[Mapping[str, float]]
    """Rows with ``step``, ``loss_d``, ``loss_g`` and ``psnr``."""
    starts: Sequence[float]
    """Steps at which the run began or went on."""
    rows: Mapping[str, Mapping[str, Any]]
    """Claim to its row in the table, with ``with``, ``without`` and ``verdict``."""

    def why_no_history(self, last: float, close: float) -> str | None:
        """Say what is odd about the history; None where nothing is.

        Args:
            last: mean PSNR of the handed-in weights over the wrong exposures, dB.
            close: how far the last row may be from it.
        """
        steps = [row["step"] for row in self.history]
        if len(steps) < LEAST_ROWS or any(a >= b for a, b in pairwise(steps)):
            return (
                f"Expected a history of at least {LEAST_ROWS} rows whose steps grow, but it is not "
                "so: hand in the file as the run wrote it."
            )
        if not (self.starts and self.starts[0] == 0 and set(self.starts[1:]) & set(steps)):
            return (
                "Expected a run that was stopped and went on from a step of its history, but none "
                "is noted: stop it once, and load what you saved."
            )
        if not abs(self.history[-1]["psnr"] - last) <= close:
            return (
                f"Expected the history of these weights, but its last row says "
                f"{self.history[-1]['psnr']:.2f} dB, and they give {last:.2f} dB: hand in weights "
                "and history of one run."
            )
        return None

    def why_no_table(self, rule: Mapping[str, Any]) -> str | None:
        """Say what is wrong with the table as it stands; None where nothing is."""
        if missing := [claim for claim in REQUIRED if claim not in self.rows]:
            return f"Expected a row for {missing[0]} in the table, but there is none: add it."
        tested = [claim for claim in self.rows if claim in ABLATIONS]
        if len(self.rows) != 6 or len(tested) != 2:
            return (
                "Expected six claims, of which two are tested by runs of your own, but "
                f"{len(self.rows)} are there, and {len(tested)} of that kind: see the list."
            )
        for claim, row in self.rows.items():
            right = word_of(row["with"], row["without"], **rule)
            if row["verdict"] != right:
                return (
                    f"Expected the verdict on {claim} that its own numbers give, but the row says "
                    f"{row['verdict']!r}: take the word from `verdict`."
                )
        return None


def read_statements(text: Any) -> Statements:
    """Read the text of ``history.json``.

    Raises:
        Wrong: it is not as the template writes it.
    """
    try:
        content = parse_json(text)
        rows = {str(row["claim"]): _row(row) for row in content["verdicts"]}
        if len(rows) != len(content["verdicts"]):
            raise ValueError("a claim is there twice")
        return Statements(
            psnr={float(ev): _number(value) for ev, value in content["psnr"].items()},
            history=[
                {key: _number(row[key]) for key in ("step", "loss_d", "loss_g", "psnr")}
                for row in content["rows"]
            ],
            starts=[_number(step) for step in content["starts"]],
            rows=rows,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise Wrong(
            f"Expected history.json as the template writes it, but it is not so ({what[:100]}): "
            "hand in the file that the last cells wrote."
        ) from None


def _row(row: Any) -> dict[str, Any]:
    numbers = {key: [_number(value) for value in row[key]] for key in ("with", "without")}
    if not numbers["with"] or len(numbers["with"]) != len(numbers["without"]):
        raise ValueError("a row without as many numbers with as without")
    return {**numbers, "verdict": str(row["verdict"])[:20]}


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is expected, and something else came")
    if not math.isfinite(value):
        raise ValueError("a number that is not finite")
    return float(value)
