"""Chapter 07, evaluation: the questions and who judges them."""

from typing import Any

import numpy as np

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, call, close, expect, letters, number
from exposure_lab.course.questions.ch07_bootstrap import judge_bootstrap
from exposure_lab.course.questions.ch07_converged import judge_levelled_off
from exposure_lab.images.array import Array
from exposure_lab.metrics.pixel import psnr

HALF = 20 * np.log10(2)
"""dB that PSNR rises by when every difference is halved."""


def _half_the_error(answer: Any) -> None:
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
    """Outputs, targets, exposures: pictures of several sizes, the exposures in no order."""
    rng = np.random.default_rng(7)
    evs = [1.0, -1.5, 0.0, 1.0, -1.5, 1.0]
    noise = [0.02, 0.2, 0.05, 0.3, 0.04, 0.1]
    targets = [rng.random((4 + i, 5, 3)).astype(np.float32) for i in range(len(evs))]
    outputs = [
        np.clip(target + spread * rng.standard_normal(target.shape), 0, 1).astype(np.float32)
        for target, spread in zip(targets, noise, strict=True)
    ]
    return outputs, targets, evs


def _psnr_per_ev(answer: Any) -> None:
    outputs, targets, evs = _pictures()
    result = call(answer, outputs, targets, evs)
    if not isinstance(result, dict) or set(result) != set(evs):
        raise Wrong(
            "Expected a dictionary with one entry for each exposure value that occurs, and the "
            "values themselves as keys."
        )
    got = {ev: number(result[ev], "each entry") for ev in result}
    each = [psnr(one, other) for one, other in zip(outputs, targets, strict=True)]
    groups = {ev: [i for i, other in enumerate(evs) if other == ev] for ev in set(evs)}
    right = {ev: float(np.mean([each[i] for i in group])) for ev, group in groups.items()}

    def error(group: list[int]) -> list[Array]:
        return [((outputs[i] - targets[i]) ** 2).ravel() for i in group]

    def decibels(error: Any) -> float:
        return float(-10 * np.log10(error))

    mistakes = {
        "the sum of an exposure's PSNRs: divide by their number": {
            ev: sum(each[i] for i in group) for ev, group in groups.items()
        },
        "the last picture of each exposure alone: the entries overwrite each other": {
            ev: each[group[-1]] for ev, group in groups.items()
        },
        "the first picture of each exposure alone: use all of them": {
            ev: each[group[0]] for ev, group in groups.items()
        },
        "the PSNR of an exposure's pixels taken together: score each picture first": {
            ev: decibels(np.mean(np.concatenate(error(group)))) for ev, group in groups.items()
        },
        "the PSNR of the mean error: take the logarithm of each picture first, then the mean": {
            ev: decibels(np.mean([one.mean() for one in error(group)]))
            for ev, group in groups.items()
        },
        "one number for all exposures: keep them apart": dict.fromkeys(right, float(np.mean(each))),
        "each exposure's sum divided by the number of all pictures": {
            ev: sum(each[i] for i in group) / len(evs) for ev, group in groups.items()
        },
    }
    for what, wrong in mistakes.items():
        expect(
            not all(close(got[ev], wrong[ev], 0.005) for ev in got),
            f"Expected the mean of an exposure's PSNRs, but got {what}.",
        )
    for ev in got:
        expect(
            close(got[ev], right[ev], 0.005),
            "Expected the mean PSNR of the pictures of each exposure, but an entry differs: check "
            "that output, target and exposure belong together.",
        )


def _explain(answer: Any) -> None:
    chosen = letters(answer, "ABCDEF")
    for letter, sentence in {
        "A": "One chosen sentence trusts in a loss of two parts: of which part do the photos know "
        "nothing?",
        "C": "One chosen sentence takes a slope for learning: between which two of those values "
        "did a weight change?",
        "E": "One chosen sentence counts ten pictures as ten: how many scenes are they?",
    }.items():
        expect(letter not in chosen, f"Expected only true sentences. {sentence}")
    for letter, sentence in {
        "B": "what differs from one batch to the next, when no weight does?",
        "D": "what do two runs differ in, beside their rate, when both still rise?",
        "F": "what is left to correct in a photo that is as it should be?",
    }.items():
        expect(
            letter in chosen, f"Expected all true sentences, but one is missing; ask: {sentence}"
        )


QUESTIONS = (
    Question("07.half-the-error", 1, _half_the_error),
    Question("07.psnr-per-ev", 3, _psnr_per_ev),
    Question("07.levelled-off", 3, judge_levelled_off),
    Question("07.bootstrap-interval", 4, judge_bootstrap),
    Question("07.explain", 2, _explain),
)
