"""Questions of chapter 07, evaluation, and the judges of their answers."""

from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, call, close, expect, first_cause, number
from exposure_lab.course.graded.ch07_explain import CHOICE
from exposure_lab.course.questions.ch07_bootstrap import judge_bootstrap
from exposure_lab.course.questions.ch07_converged import judge_levelled_off
from exposure_lab.images.array import Array
from exposure_lab.metrics.pixel import psnr

HALF = 20 * np.log10(2)
"""dB by which PSNR rises when every difference is halved."""


def _judge_half_the_error(answer: Any) -> None:
    guess = number(answer, "your prediction")
    expect(
        guess > 0,
        "Expected a rise, but got none or a fall: a higher PSNR means a picture that is closer.",
    )
    expect(
        abs(guess - HALF / 2) > 0.3,
        "Expected every difference to be halved, but this answers half the squared error: what "
        "happens to the square of a number that is halved?",
    )
    expect(
        guess > 2.5,
        "Expected decibels, but got about the factor itself: put it through the logarithm.",
    )
    expect(
        abs(guess - 2 * HALF) > 0.3,
        "Expected one factor from the squaring, but it was counted twice: PSNR takes ten times "
        "the logarithm of the squared error, or twenty times that of the error.",
    )
    expect(
        abs(guess - HALF) <= 0.3,
        "Expected the difference of two PSNRs, but got another number: write both with the "
        "equation and subtract.",
    )


def _pictures() -> tuple[list[Array], list[Array], list[float]]:
    """Draw outputs and targets of several sizes, and their exposures in no order."""
    rng = np.random.default_rng(7)
    evs = [1.0, -1.5, 0.0, 1.0, -1.5, 1.0]
    noise = [0.02, 0.2, 0.05, 0.3, 0.04, 0.1]
    targets = [rng.random((4 + i, 5, 3)).astype(np.float32) for i in range(len(evs))]
    outputs = [
        np.clip(target + spread * rng.standard_normal(target.shape), 0, 1).astype(np.float32)
        for target, spread in zip(targets, noise, strict=True)
    ]
    return outputs, targets, evs


def _judge_psnr_per_ev(answer: Any) -> None:
    outputs, targets, evs = _pictures()
    result = call(answer, outputs, targets, evs)
    if not isinstance(result, dict) or set(result) != set(evs):
        raise Wrong(
            "Expected a dictionary with one entry for each exposure value that occurs, and the "
            "values themselves as keys."
        )
    got = [number(result[ev], "each entry") for ev in sorted(set(evs))]
    groups = [[i for i, other in enumerate(evs) if other == ev] for ev in sorted(set(evs))]
    same = partial(close, tolerance=0.005)
    if what := first_cause(_wrong_means(outputs, targets, groups), got, same):
        raise Wrong(f"Expected the mean of an exposure's PSNRs, but got {what}.")
    scores = _scores(outputs, targets)
    expect(
        same(got, [np.mean([scores[i] for i in group]) for group in groups]),
        "Expected the mean PSNR of the pictures of each exposure, but an entry differs: check "
        "that output, target and exposure belong together.",
    )


def _scores(outputs: list[Array], targets: list[Array]) -> list[float]:
    return [psnr(output, target) for output, target in zip(outputs, targets, strict=True)]


def _wrong_means(
    outputs: list[Array], targets: list[Array], groups: list[list[int]]
) -> dict[str, list[float]]:
    """Wrong means for each exposure, whose pictures ``groups`` lists."""
    scores = _scores(outputs, targets)
    sums = [sum(scores[i] for i in group) for group in groups]
    errors = [
        ((output - target) ** 2).ravel() for output, target in zip(outputs, targets, strict=True)
    ]

    def decibels(error: Any) -> float:
        return float(-10 * np.log10(error))

    return {
        "the sum of an exposure's PSNRs: divide by their number": sums,
        "the last picture of each exposure alone: the entries overwrite each other": [
            scores[group[-1]] for group in groups
        ],
        "the first picture of each exposure alone: use all of them": [
            scores[group[0]] for group in groups
        ],
        "the PSNR of an exposure's pixels taken together: score each picture first": [
            decibels(np.mean(np.concatenate([errors[i] for i in group]))) for group in groups
        ],
        "the PSNR of the mean error: take the logarithm of each picture first, then the mean": [
            decibels(np.mean([errors[i].mean() for i in group])) for group in groups
        ],
        "one number for all exposures: keep them apart": [float(np.mean(scores))] * len(groups),
        "each exposure's sum divided by the number of all pictures": [
            total / len(scores) for total in sums
        ],
    }


QUESTIONS = (
    Question("07.half-the-error", 1, _judge_half_the_error),
    Question("07.psnr-per-ev", 3, _judge_psnr_per_ev),
    Question("07.levelled-off", 3, judge_levelled_off),
    Question("07.bootstrap-interval", 4, judge_bootstrap),
    Question("07.explain", 2, CHOICE),
)
