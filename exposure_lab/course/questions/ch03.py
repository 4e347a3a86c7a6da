"""Questions of chapter 03, the discriminator, and the judges of their answers."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import eq
from typing import Any

import numpy as np

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, call, close, expect, first_cause, number, pair
from exposure_lab.course.graded.ch03_explain import CHOICE
from exposure_lab.course.questions.ch03_seen_pixels import judge_seen_pixels
from exposure_lab.course.questions.ch03_verdict_map import judge_verdict_map
from exposure_lab.networks.receptive import growth, map_side, receptive_field

SIDE = 256
"""px: side of the picture in the first question."""

STACKS = (
    ((4, 4, 4, 4, 4), (2, 2, 2, 1, 1)),
    ((3,), (1,)),
    ((7, 3), (2, 1)),
    ((3, 4, 5), (1, 3, 2)),
)
"""(kernels, strides) of several networks; read backwards, each gives another field."""


def _judge_two_layers(answer: Any) -> None:
    side, logits = pair(
        answer, "Expected two numbers: the side of the square and the side of the map."
    )
    side, logits = number(side, "the square"), number(logits, "the map")
    right = receptive_field(2), map_side(SIDE, 2)
    expect(
        (logits, side) != right,
        "Expected the square first and the map second, but they came the other way round.",
    )
    mistakes = {
        "this one belongs to three halvings, and one was left out": receptive_field(3),
        "one convolution is missing: the last one widens the square as well": growth(2)[-2],
        "two convolutions are missing: those with stride 1 widen it as well": growth(2)[-3],
        "one halving too many was left out": receptive_field(1),
        "it counts the steps between pixels, not the pixels": receptive_field(2) - 2,
    }
    if cause := first_cause(mistakes, side, eq):
        raise Wrong(f"Expected another side of the square, but {cause}.")
    expect(
        side == right[0],
        "Expected another side of the square: start with one logit and go backwards, layer by "
        "layer.",
    )
    mistakes = {
        "this one belongs to three halvings, and one was left out": map_side(SIDE, 3),
        "the convolutions with stride 1 take something off as well": SIDE // 4,
        "there are two convolutions with stride 1, and each takes one off": SIDE // 4 - 1,
    }
    if cause := first_cause(mistakes, logits, eq):
        raise Wrong(f"Expected another side of the map, but {cause}.")
    expect(
        logits == right[1],
        "Expected another side of the map: use the formula for the size once a layer.",
    )


def _judge_receptive_field(answer: Any) -> None:
    sides = [
        number(call(answer, list(kernels), list(strides)), "the side of the field")
        for kernels, strides in STACKS
    ]
    if close(sides, [_field(*stack) for stack in STACKS], 1e-9):
        return
    rules: dict[str, Callable[[Sequence[int], Sequence[int]], float]] = {
        "it walks from the picture to the output; this rule goes backwards": (
            lambda k, s: _field(k[::-1], s[::-1])
        ),
        "the strides make no difference to it": lambda k, s: 1 + sum(kernel - 1 for kernel in k),
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
            lambda k, s: 1 + sum((n - 1) * int(np.prod(s[: i + 1])) for i, n in enumerate(k))
        ),
        "it is that of the last layer alone": lambda k, s: k[-1],
    }
    mistakes = {cause: [rule(*stack) for stack in STACKS] for cause, rule in rules.items()}
    if cause := first_cause(mistakes, sides, partial(close, tolerance=1e-9)):
        raise Wrong(f"Expected another field, but {cause}.")
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


QUESTIONS = (
    Question("03.predict-two-layers", 1, _judge_two_layers),
    Question("03.receptive-field", 3, _judge_receptive_field),
    Question("03.seen-pixels", 3, judge_seen_pixels),
    Question("03.patch-map", 4, judge_verdict_map),
    Question("03.explain", 2, CHOICE),
)
