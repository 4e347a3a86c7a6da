"""Chapter 04, augmentation: the questions and who judges them."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, call, close, expect, letters, number, tensor
from exposure_lab.course.questions.ch04_normalise import judge_normalise

RIGHT, MIRRORED, SHARE = 0.2, 0.8, 0.3
"""The pixel of the first question, and the share of inputs that are mirrored there."""


def _predict_answer(answer: Any) -> None:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("Expected two numbers: the best answer under L1, then the best under L2.")
    under_l1 = number(answer[0], "the best answer under L1")
    under_l2 = number(answer[1], "the best answer under L2")
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
    causes = {
        RIGHT: "squares look at every pair: a large difference in a few of them moves the best",
        (RIGHT + MIRRORED) / 2: "the two demands are not equally common",
        SHARE * RIGHT + (1 - SHARE) * MIRRORED: "the weights are on the wrong sides",
    }
    for value, cause in causes.items():
        expect(not close(under_l2, value), f"Expected another value under L2: {cause}.")
    expect(
        close(under_l2, mean, 1e-3),
        "Expected the answer with the least mean square under L2, but got another: set the "
        "derivative of that mean to zero.",
    )


def _paired_flip(answer: Any) -> None:
    draw = torch.Generator().manual_seed(4)
    for mask in ([True, False, False, True, False], [False], [True, True]):
        mirrored = torch.tensor(mask)
        given = [torch.rand(len(mask), 3, 4, 6, generator=draw) for _ in range(2)]
        kept = [one.clone() for one in given]
        result = call(answer, *given, mirrored)
        expect(
            all(torch.equal(a, b) for a, b in zip(given, kept, strict=True)),
            "Expected the given pictures to stay as they were, but the function changed them in "
            "place: make new tensors.",
        )
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise Wrong("Expected two things to be returned: the inputs, then the targets.")
        names = ("the inputs", "the targets")
        got = [
            tensor(one, tuple(kept[0].shape), name) for one, name in zip(result, names, strict=True)
        ]
        which = mirrored[:, None, None, None]
        right = [torch.where(which, one.flip(-1), one) for one in kept]
        if not all(torch.equal(a, b) for a, b in zip(got, right, strict=True)):
            raise Wrong(_why_not_flip(got, kept, right, which))


def _why_not_flip(got: list[Tensor], kept: list[Tensor], right: list[Tensor], which: Tensor) -> str:
    def same(pair: list[Tensor]) -> bool:
        return all(torch.equal(a, b) for a, b in zip(got, pair, strict=True))

    def by(change: Callable[[Tensor], Tensor]) -> list[Tensor]:
        return [torch.where(which, change(one), one) for one in kept]

    mistakes = {
        "only the inputs were: that is the flip of the report": [right[0], kept[1]],
        "only the targets were": [kept[0], right[1]],
        "none was": kept,
        "every pair was: look at `mirrored`": [one.flip(-1) for one in kept],
        "the others were: true means that a pair is to be mirrored": [
            torch.where(which, one, one.flip(-1)) for one in kept
        ],
        "they were turned upside down: the width is the last axis": by(lambda x: x.flip(-2)),
        "they were turned by half a turn: that is two mirrors": by(lambda x: x.flip(-1, -2)),
        "the order of the colours was turned round: look at the axis": by(lambda x: x.flip(1)),
        "the order of the pairs was turned round: look at the axis": by(lambda x: x.flip(0)),
        "targets came first: return the inputs first": right[::-1],
    }
    for cause, pair in mistakes.items():
        if same(pair):
            return f"Expected the marked pairs to be mirrored left to right, but {cause}."
    return "Expected the marked pairs mirrored and the others as they are, but some pixels differ."


def _flip_floor(answer: Any) -> None:
    target = 2 * torch.rand(2, 3, 4, 6, generator=torch.Generator().manual_seed(5)) - 1
    kept = target.clone()
    probabilities = (0.8, 0.3, 0.5, 0.0, 1.0)
    got = [number(call(answer, target, p), "the floor") for p in probabilities]
    expect(torch.equal(target, kept), "Expected the targets to stay as they were.")
    apart = target - target.flip(-1)
    d, squared = float(apart.abs().mean()), float((apart**2).mean())
    upside_down = float((target - target.flip(-2)).abs().mean())

    def floors(weight: Callable[[float], float], difference: float = d) -> list[float]:
        return [weight(p) * difference for p in probabilities]

    def least(p: float) -> float:
        return min(p, 1 - p)

    if close(got, floors(least), 1e-5):
        return
    mistakes = {
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
    for cause, wrong in mistakes.items():
        expect(not close(got, wrong, 1e-5), f"Expected the least mean L1, but {cause}.")
    raise Wrong("Expected the least mean L1, but got another: print both factors by themselves.")


def _explain(answer: Any) -> None:
    chosen = letters(answer, "ABCDEF")
    for letter, cause in {
        "B": "in one of the chosen changes the target shows another part of the scene",
        "D": "after one of the chosen changes nobody can say how bright the target is",
        "E": "after one of the chosen changes nobody can say which colour the target has",
    }.items():
        expect(letter not in chosen, f"Expected only what can be answered, but {cause}.")
    for letter, cause in {
        "A": "one change does the same to both and hides nothing",
        "C": "one change only makes another exposure of the same scene",
        "F": "one change makes the question harder, and its answer stays the same",
    }.items():
        expect(letter in chosen, f"Expected all that can be answered, but one is missing: {cause}.")


QUESTIONS = (
    Question("04.predict-answer", 1, _predict_answer),
    Question("04.paired-flip", 3, _paired_flip),
    Question("04.flip-floor", 3, _flip_floor),
    Question("04.normalise", 4, judge_normalise),
    Question("04.explain", 2, _explain),
)
