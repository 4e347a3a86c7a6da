"""Chapter 03, discriminator: the questions and who judges their answers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, call, close, expect, letters, number
from exposure_lab.course.questions.ch03_verdict_map import judge_verdict_map
from exposure_lab.networks.receptive import field, growth, map_side, receptive_field, seen_pixels

SIDE = 256
"""px: of the picture in the first question."""

STACKS = (
    ((4, 4, 4, 4, 4), (2, 2, 2, 1, 1)),
    ((3,), (1,)),
    ((7, 3), (2, 1)),
    ((3, 4, 5), (1, 3, 2)),
)
"""Kernels and strides; the orders differ, so that reading them backwards shows."""


def _predict_two_layers(answer: Any) -> None:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("Expected two numbers: the side of the square and the side of the map.")
    side, logits = (
        number(one, what) for one, what in zip(answer, ("the square", "the map"), strict=True)
    )
    right = receptive_field(2), map_side(SIDE, 2)
    expect(
        (logits, side) != right,
        "Expected the square first and the map second, but they came the other way round.",
    )
    mistakes = {
        receptive_field(3): "this one belongs to three halvings, and one was left out",
        growth(2)[-2]: "one convolution is missing: the last one widens the square as well",
        growth(2)[-3]: "two convolutions are missing: those with stride 1 widen it as well",
        receptive_field(1): "one halving too many was left out",
        receptive_field(2) - 2: "it counts the steps between pixels, not the pixels",
    }
    for wrong, cause in mistakes.items():
        expect(side != wrong, f"Expected another side of the square, but {cause}.")
    expect(
        side == right[0],
        "Expected another side of the square: start with one logit and go backwards, layer by "
        "layer.",
    )
    mistakes = {
        map_side(SIDE, 3): "this one belongs to three halvings, and one was left out",
        SIDE // 4: "the convolutions with stride 1 take something off as well",
        SIDE // 4 - 1: "there are two convolutions with stride 1, and each takes one off",
    }
    for wrong, cause in mistakes.items():
        expect(logits != wrong, f"Expected another side of the map, but {cause}.")
    expect(
        logits == right[1],
        "Expected another side of the map: use the formula for the size once a layer.",
    )


def _receptive_field(answer: Any) -> None:
    results = []
    for kernels, strides in STACKS:
        side = number(call(answer, list(kernels), list(strides)), "the side of the field")
        results.append(side)
    right = [_field(*stack) for stack in STACKS]
    mistakes: dict[str, Callable[[Sequence[int], Sequence[int]], float]] = {
        "it walks from the picture to the output; this rule goes backwards": (
            lambda k, s: _field(k[::-1], s[::-1])
        ),
        "the strides make no difference to it": lambda k, s: 1 + sum(one - 1 for one in k),
        "it counts windows that overlap as if they lay side by side: neighbours start one stride "
        "apart": lambda k, s: _fold(k, s, lambda side, kernel, stride: side * kernel),
        "each layer adds its whole kernel, though the first window is among the strides already": (
            lambda k, s: _fold(k, s, lambda side, kernel, stride: side * stride + kernel)
        ),
        "it lacks one: a single output is one wide before the first layer": lambda k, s: (
            _field(k, s) - 1
        ),
        "it starts from nothing: a single output is one wide before the first layer": lambda k, s: (
            _fold(k, s, lambda side, kernel, stride: stride * side + kernel - stride, start=0)
        ),
        "a layer's own stride was counted before its kernel; it spreads only what comes after": (
            lambda k, s: 1 + sum((one - 1) * int(np.prod(s[: i + 1])) for i, one in enumerate(k))
        ),
        "it is that of the last layer alone": lambda k, s: k[-1],
    }
    if close(results, right, 1e-9):
        return
    for cause, wrong in mistakes.items():
        expect(
            not close(results, [wrong(*stack) for stack in STACKS], 1e-9),
            f"Expected another field, but {cause}.",
        )
    raise Wrong(
        "Expected another field for some stack of layers: try one layer first, whose field is its "
        "kernel, then two."
    )


def _field(kernels: Sequence[int], strides: Sequence[int]) -> int:
    return _fold(kernels, strides, lambda side, kernel, stride: stride * side + kernel - stride)


def _fold(
    kernels: Sequence[int],
    strides: Sequence[int],
    rule: Callable[[int, int, int], int],
    start: int = 1,
) -> int:
    """Walk from the output to the picture by a rule that takes side, kernel and stride."""
    side = start
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        side = rule(side, kernel, stride)
    return side


def _seen_pixels(answer: Any) -> None:
    cases = [(i, 256, 3) for i in (15, 0, 1, 29)] + [
        (0, 40, 1),
        (5, 40, 1),
        (17, 40, 1),
        (2, 61, 2),
    ]
    results = []
    for index, size, layers in cases:
        given = call(answer, index, size, [2] * layers + [1, 1])
        if not isinstance(given, tuple | list | np.ndarray) or len(given) != 2:
            raise Wrong("Expected two numbers, the first and the last pixel, but got another kind.")
        results.append([number(one, "a pixel") for one in given])
    right = [seen_pixels(*case) for case in cases]
    free = [field(index, layers) for index, _, layers in cases]
    ends = [size - 1 for _, size, _ in cases]
    mistakes = {
        "it goes on beyond the border: cut it off on both sides": free,
        "it starts before the first pixel: there is none below zero": [
            (a, min(b, end)) for (a, b), end in zip(free, ends, strict=True)
        ],
        "it ends behind the last pixel: they are counted from 0": [
            (max(a, 0), min(b, end + 1)) for (a, b), end in zip(free, ends, strict=True)
        ],
        "it ends behind the last pixel: cut off the far side as well": [
            (max(a, 0), b) for a, b in free
        ],
        "the last one is not part of it any more: give the last pixel that is seen": [
            (a, b + 1) for a, b in right
        ],
        "it lies too far to the right: the padding shifts each window": [
            _walk(*case, padding=0) for case in cases
        ],
        "the layers were taken in the wrong order: start at the logit": [
            _walk(*case, backwards=False) for case in cases
        ],
        "it is the place and the width: give the first and the last pixel": [
            (a, b - a + 1) for a, b in right
        ],
    }
    if close(results, right, 1e-9):
        return
    for cause, wrong in mistakes.items():
        expect(not close(results, wrong, 1e-9), f"Expected other pixels, but {cause}.")
    raise Wrong(
        "Expected other pixels for some logit: follow the first and the last one down through the "
        "layers, each by the same rule."
    )


def _walk(
    index: int, size: int, layers: int, padding: int = 1, backwards: bool = True
) -> tuple[int, int]:
    """The walk of `seen_pixels`, done wrongly in one way."""
    first = last = index
    steps = [2] * layers + [1, 1]
    for stride in reversed(steps) if backwards else steps:
        first, last = stride * first - padding, stride * last - padding + 3
    return max(first, 0), min(last, size - 1)


def _explain(answer: Any) -> None:
    chosen = letters(answer, "ABCDEF")
    for letter, cause in {
        "B": "one of the chosen ones takes a number of pixels for a share of the picture",
        "D": "one of the chosen ones gives D a measure that it is never shown",
        "F": "one of the chosen ones forgets that a weight can be used at many places",
    }.items():
        expect(letter not in chosen, f"Expected only true sentences, but {cause}.")
    for letter, cause in {
        "A": "one about what the gradient picture shows is missing",
        "C": "one about how far apart the squares lie is missing",
        "E": "one about where the labels come from is missing",
    }.items():
        expect(letter in chosen, f"Expected all the true sentences, but {cause}.")


QUESTIONS = (
    Question("03.predict-two-layers", 1, _predict_two_layers),
    Question("03.receptive-field", 3, _receptive_field),
    Question("03.seen-pixels", 3, _seen_pixels),
    Question("03.patch-map", 4, judge_verdict_map),
    Question("03.explain", 2, _explain),
)
