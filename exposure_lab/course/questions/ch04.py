"""Questions of chapter 04, augmentation, and the judges of their answers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, call, close, expect, first_cause, number, pair
from exposure_lab.course.graded.ch04_explain import CHOICE
from exposure_lab.course.questions.ch04_flip import judge_paired_flip
from exposure_lab.course.questions.ch04_normalise import judge_normalise

RIGHT, MIRRORED, SHARE = 0.2, 0.8, 0.3
"""The two values of the first question's pixel, and the share of pairs that ask for the second."""

PROBABILITIES = (0.8, 0.3, 0.5, 0.0, 1.0)
"""Of a mirror image, in the third question."""


def _judge_best_answers(answer: Any) -> None:
    under_l1, under_l2 = pair(
        answer, "Expected two numbers: the best answer under L1, then the best under L2."
    )
    under_l1 = number(under_l1, "the best answer under L1")
    under_l2 = number(under_l2, "the best answer under L2")
    mean = (1 - SHARE) * RIGHT + SHARE * MIRRORED
    expect(
        not (close(under_l1, mean) and close(under_l2, RIGHT)),
        "Expected L1 first and L2 second, but they look exchanged.",
    )
    expect(
        not close(under_l1, mean),
        "Expected the answer with the least mean of absolute differences, but got the one with the "
        "least mean of squares: move it a little and count for how many pairs it gets better.",
    )
    expect(
        not close(under_l1, MIRRORED),
        "Expected the side that costs less under L1, but the other: the rarer demand weighs less.",
    )
    expect(
        close(under_l1, RIGHT),
        "Expected the answer with the least mean of absolute differences, but got another: start "
        "at one of the two values and ask for how many pairs a small move is worth it.",
    )
    mistakes = {
        "squares look at every pair: a large difference in a few of them moves the best": RIGHT,
        "the two demands are not equally common": (RIGHT + MIRRORED) / 2,
        "the weights are on the wrong sides": SHARE * RIGHT + (1 - SHARE) * MIRRORED,
    }
    if cause := first_cause(mistakes, under_l2):
        raise Wrong(f"Expected another value under L2: {cause}.")
    expect(
        close(under_l2, mean, 1e-3),
        "Expected the answer with the least mean square under L2, but got another: set the "
        "derivative of that mean to zero.",
    )


def _judge_flip_floor(answer: Any) -> None:
    original = 2 * torch.rand(2, 3, 4, 6, generator=torch.Generator().manual_seed(5)) - 1
    target = original.clone()
    got = [number(call(answer, target, p), "the floor") for p in PROBABILITIES]
    expect(torch.equal(target, original), "Expected the targets to stay as they were.")
    same = partial(close, tolerance=1e-5)
    difference = float((target - target.flip(-1)).abs().mean())
    if same(got, [min(p, 1 - p) * difference for p in PROBABILITIES]):
        return
    if cause := first_cause(_wrong_floors(target), got, same):
        raise Wrong(f"Expected the least mean L1, but {cause}.")
    raise Wrong("Expected the least mean L1, but got another: print both factors by themselves.")


def _wrong_floors(target: Tensor) -> dict[str, list[float]]:
    apart = target - target.flip(-1)
    d, squared = float(apart.abs().mean()), float((apart**2).mean())
    upside_down = float((target - target.flip(-2)).abs().mean())

    def floors(weight: Callable[[float], float], difference: float = d) -> list[float]:
        return [weight(p) * difference for p in PROBABILITIES]

    def least(p: float) -> float:
        return min(p, 1 - p)

    return {
        "it grows with the probability beyond one half, where the mirror image is the better "
        "answer": floors(lambda p: p),
        "it is wrong below one half, where the right picture is the better answer": floors(
            lambda p: 1 - p
        ),
        "it takes one half whatever the probability is": floors(lambda p: 0.5),
        "it is the whole difference: the best answer pays for one of the two demands only": floors(
            lambda p: 1.0
        ),
        "it takes the more common demand for the costly one": floors(lambda p: max(p, 1 - p)),
        "it is the cost of guessing at random, and an answer can do better": floors(
            lambda p: 2 * p * (1 - p)
        ),
        "the weight is the one that belongs to squares": floors(lambda p: p * (1 - p)),
        "the differences were squared: this is the floor of L1": floors(least, squared),
        "it is the floor under squares": floors(lambda p: p * (1 - p), squared),
        "it compares with the picture upside down: the width is the last axis": floors(
            least, upside_down
        ),
        "the differences were summed: take their mean": floors(least, d * target.numel()),
        "the sign of the differences is still there, so they cancel": floors(lambda p: 0.0),
    }


QUESTIONS = (
    Question("04.predict-answer", 1, _judge_best_answers),
    Question("04.paired-flip", 3, judge_paired_flip),
    Question("04.flip-floor", 3, _judge_flip_floor),
    Question("04.normalise", 4, judge_normalise),
    Question("04.explain", 2, CHOICE),
)
