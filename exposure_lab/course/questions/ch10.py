"""Questions of chapter 10, claims, and the judges of their answers."""

from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, call, close, expect, first_cause, number
from exposure_lab.course.questions.ch10_two_way_error import judge_two_way_error

Means = NDArray[np.float64]

SEEDS = (
    np.array([1.0, 0.75, 0.625, 0.25, -0.5, 0.875]),
    np.array([-0.5, -0.75, 0.25, -0.375, -1.0]),
    np.array([0.5, 0.25, 0.75]),
)
"""Mean differences of a few seeds, dB; eighths, so that sums are exact and ties are ties.
In the first set each mistake leads to a number of its own."""


def _judge_sign_flips(answer: Any) -> None:
    for means in SEEDS:
        got = number(call(answer, means), "the p-value")
        if close(got, _p_value(means), 1e-6):
            continue
        cause = first_cause(_mistakes(means), got, partial(close, tolerance=1e-6))
        if cause:
            raise Wrong(f"Expected the share of all patterns of signs, but {cause}.")
        expect(0 <= got <= 1, "Expected a p-value, a share from 0 to 1, but got another number.")
        expect(
            not close(got, _p_value(means), 0.02),
            "Expected the share over all patterns of signs, but got about that: draw none by "
            "chance, there are few enough to go through them all.",
        )
        raise Wrong(
            "Expected another share: list the patterns for three seeds by hand, with the mean of "
            "each."
        )


def _patterns(means: Means) -> Means:
    """Mean difference under every pattern of signs, (2^S,)."""
    signs = np.array(list(product([1, -1], repeat=len(means))))
    flipped: Means = (signs * means).mean(axis=1)
    return flipped


def _p_value(means: Means) -> float:
    return float(np.mean(np.abs(_patterns(means)) >= abs(means.mean())))


def _mistakes(means: Means) -> dict[str, float]:
    """P-values that mistakes lead to, for each cause."""
    flipped, observed = _patterns(means), means.mean()
    size = len(flipped)
    far = np.abs(flipped) >= abs(observed)
    return {
        "means on the other side of zero do not count in it: compare sizes, without the sign": (
            float(np.mean(flipped >= observed))
        ),
        "means on one side alone count in it: an effect may go either way": float(
            np.mean(flipped <= observed)
        ),
        "patterns as far from zero as the observed one do not count: that one is among them": (
            float(np.mean(np.abs(flipped) > abs(observed)))
        ),
        "the observed pattern is left out of it: it is one of them": (far.sum() - 1) / size,
        "the observed pattern is left out of both numbers: it is one of them": (
            (far.sum() - 1) / (size - 1)
        ),
        "1 was added to both numbers: that is for patterns drawn by chance": (
            (far.sum() + 1) / (size + 1)
        ),
        "got their number: divide it by the number of patterns": float(far.sum()),
        "got the share of those that are nearer to zero": float(np.mean(~far)),
        "got 1 for any numbers: flip the signs, since another order has the same mean": 1.0,
        "the share was doubled: sizes without sign have both sides already": min(
            1.0, 2 * float(far.mean())
        ),
        "it is what signs alone give: the differences have sizes as well": _sign_test(means),
    }


def _sign_test(means: Means) -> float:
    """P-value by the number of positive signs, whatever the sizes."""
    return _p_value(np.sign(means))


QUESTIONS = (
    Question("10.two-way-error", 4, judge_two_way_error),
    Question("10.sign-flips", 3, _judge_sign_flips),
)
