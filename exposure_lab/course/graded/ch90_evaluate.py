"""Capstone: PSNR by exposure on pictures that are given, as this release measures it."""

# N pictures, H height, W width

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.graded.ch90_variant import BOOK, FAMILY, LIBRARY, draws, edits
from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant
from exposure_lab.course.grading.trained.scores import psnr_of_errors, squared_errors

ONE, SEVERAL = "pictures of one exposure", "pictures of several exposures"
EQUAL = "pictures that are equal"

MEANS = {
    "pictures": "compute it for each picture, then take the mean of the pictures of an exposure",
    "errors": "take the mean of the squared errors of **all pictures of an exposure**, then "
    "compute one PSNR from it",
}

CAUSES = {
    "border": "the border counts as the template asks: look up how much this release leaves out",
    "mean": "means were taken in the other order: look up which comes first",
    "wrapped": "whole numbers from 0 to 255 wrapped round: convert them before you subtract",
    "root": "the root of the squared error is missing, or there twice: PSNR has a factor of 10 "
    "before the logarithm of the squares",
    "natural": "the logarithm is the natural one: PSNR takes that to base 10",
    "unit": "the largest value counts as 1: these pictures go up to 255",
    "together": "all exposures were taken together",
}


def _how_measured(variant: Variant) -> str:
    border = variant["border"]
    left = (
        f"Leave out a border of {border} pixels on each side of a picture"
        if border
        else "Take the whole picture"
    )
    return f"{left}; {MEANS[variant['mean']]}."


def _psnr(
    variant: Variant, outputs: Any, targets: Any, evs: Sequence[float], *, mistake: str = ""
) -> Mapping[float, float]:
    """PSNR by exposure, dB, or that of a usual mistake."""
    how = dict(variant)
    if mistake == "border":
        how["border"] = BOOK["border"]
    if mistake == "mean":
        how["mean"] = "errors" if variant["mean"] == "pictures" else "pictures"
    errors = squared_errors(outputs, targets, how["border"])
    if mistake == "wrapped":
        inner = slice(how["border"], -how["border"] or None)
        errors = np.square((outputs - targets)[:, inner, inner]).mean(axis=(1, 2, 3))
    found = psnr_of_errors(errors, evs, mean=how["mean"])
    if mistake == "together":
        return dict.fromkeys(found, float(np.mean(list(found.values()))))
    factors = {"root": 2.0, "natural": float(np.log(10))}
    shift = -20 * float(np.log10(255)) if mistake == "unit" else 0.0
    return {ev: value * factors.get(mistake, 1.0) + shift for ev, value in found.items()}


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def call(part: str, evs: Sequence[float]) -> Case:
        order = [float(ev) for ev in rng.permutation(np.repeat(evs, int(rng.integers(2, 4))))]
        height, width = (int(side) for side in rng.integers(10, 16, 2))
        targets = rng.integers(0, 256, (len(order), height, width, 3))
        noise = rng.standard_normal(targets.shape) * rng.uniform(4, 60, (len(order), 1, 1, 1))
        noise[:, :4] *= 2  # the border has more of it
        outputs = targets if part == EQUAL else np.clip(targets + noise, 0, 255)
        return Case(part, (outputs.astype(np.uint8), targets.astype(np.uint8), order))

    one = pick(rng, [-1.5, -1.0, 1.0, 1.5])
    return [
        *(call(ONE, [one]) for _ in range(2)),
        *(call(SEVERAL, evs) for evs in ([-1.5, 0.0, 1.0], [-1.0, 1.5])),
        call(EQUAL, [0.0]),
    ]


def _reference(variant: Variant) -> Callable[..., Any]:
    return partial(_psnr, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    return {cause: partial(_psnr, variant, mistake=name) for name, cause in CAUSES.items()}


EVALUATE = GradedQuestion(
    id="90.evaluate",
    name="psnr_by_ev",
    objective="measure a correction by PSNR, exposure by exposure",
    what="the PSNR of each exposure",
    parts={ONE: 1, SEVERAL: 2, EQUAL: 1},
    reference=_reference,
    cases=_cases,
    draw=draws("border", "mean"),
    edits=edits(_how_measured),
    mistakes=_mistakes,
    tolerance=Tolerance(relative=1e-5, absolute=1e-4),
    leaves_out=LIBRARY,
    draws_with=FAMILY,
)
