"""Graded form of chapter 02's sizes: dilated kernels, and another way to count the padding."""

# n a size, k kernel, s stride, p padding; d px between the values of a kernel

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import EXACT, Case, GradedQuestion, Variant

DOWN, UP = "a convolution", "a transposed convolution"

Rule = Callable[[int, int, int, int], float]
"""Takes size, window (the kernel with its gaps), stride, and the padding of both sides together."""


def _draw(rng: np.random.Generator) -> Variant:
    return {"dilation": pick(rng, [2, 3, 4, 5]), "padding_of": pick(rng, ["a side", "both sides"])}


def _note(variant: Variant) -> str:
    d = variant["dilation"]
    counted = {
        "a side": "`padding` is that of each side.",
        "both sides": "`padding` is that of both sides together, and may be odd.",
    }
    return (
        f"The kernel is **dilated by {d}**: its `kernel` values lie {d} px apart, so that a window "
        f"is wider than their number. {counted[variant['padding_of']]}"
    )


def _edits(variant: Variant) -> Mapping[str, str]:
    return {
        '"""Size along one axis after a convolution, or a transposed one."""': (
            '"""Size along one axis after a convolution, or a transposed one, '
            f'dilated by {variant["dilation"]}."""'
        )
    }


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    """Draw sizes, several a call: one alone would fit several mistakes."""
    return [
        Case(part, ([_draw_size(variant, rng, transposed) for _ in range(8)], transposed))
        for part, transposed in ((DOWN, False), (UP, True))
        for _ in range(2)
    ]


def _draw_size(
    variant: Variant, rng: np.random.Generator, transposed: bool
) -> tuple[int, int, int, int]:
    sides = 2 if variant["padding_of"] == "a side" else 1
    while True:
        n, k, s = int(rng.integers(5, 300)), int(rng.integers(2, 9)), int(rng.integers(1, 6))
        p = int(rng.integers(0, 8))
        window = variant["dilation"] * (k - 1) + 1
        if (_up if transposed else _down)(n, window, s, sides * p) >= 1 and window <= n:
            return n, k, s, p


def sizes_of(
    output_size: "Callable[..., Any]", sizes: "list[tuple[int, int, int, int]]", transposed: bool
) -> "list[Any]":
    """Ask an answer for several sizes; ``transposed`` is left out where it is not so."""
    if transposed:
        return [output_size(*size, transposed=True) for size in sizes]
    return [output_size(*size) for size in sizes]


def _output_size(
    variant: Variant,
    size: int,
    kernel: int,
    stride: int,
    padding: int,
    transposed: bool = False,
    *,
    down: Rule | None = None,
    up: Rule | None = None,
    dilation: int | None = None,
    sides: int | None = None,
) -> float:
    """Size that the variant asks for, or that of a usual mistake."""
    down, up = down or _down, up or _up
    if sides is None:
        sides = 2 if variant["padding_of"] == "a side" else 1
    window = (dilation or variant["dilation"]) * (kernel - 1) + 1
    return (up if transposed else down)(size, window, stride, sides * padding)


def _down(n: int, k: int, s: int, p: int) -> int:
    return (n + p - k) // s + 1


def _up(n: int, k: int, s: int, p: int) -> int:
    return s * (n - 1) + k - p


def _down_without_the_first(n: int, k: int, s: int, p: int) -> int:
    return (n + p - k) // s


def _down_rounded_up(n: int, k: int, s: int, p: int) -> int:
    return -((k - n - p) // s) + 1


def _down_as_a_fraction(n: int, k: int, s: int, p: int) -> float:
    return (n + p - k) / s + 1


def _up_with_a_gap_too_many(n: int, k: int, s: int, p: int) -> int:
    return s * n + k - p


def _up_with_padding_added(n: int, k: int, s: int, p: int) -> int:
    return s * (n - 1) + k + p


def _up_without_the_last_stamp(n: int, k: int, s: int, p: int) -> int:
    return s * (n - 1) - p


def _reference(variant: Variant) -> Callable[..., float]:
    return partial(_output_size, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., float]]:
    other_sides = {
        "a side": "its padding was counted once: it is on each side",
        "both sides": "its padding was counted twice: it is that of both sides together",
    }[variant["padding_of"]]
    options: dict[str, dict[str, Any]] = {
        "it is that of a kernel without gaps": {"dilation": 1},
        other_sides: {"sides": 1 if variant["padding_of"] == "a side" else 2},
        "the first window is not counted": {"down": _down_without_the_first},
        "it counts a window that hangs over the edge: that one is left out": {
            "down": _down_rounded_up
        },
        "it is a fraction: a window that does not fit is left out": {"down": _down_as_a_fraction},
        "it belongs to the ordinary convolution: is `transposed` looked at": {"up": _down},
        "it belongs to the transposed convolution": {"down": _up},
        "there are fewer gaps between the stamps than stamps": {"up": _up_with_a_gap_too_many},
        "padding is cut off in a transposed convolution, not added": {"up": _up_with_padding_added},
        "the last stamp's own width is left out": {"up": _up_without_the_last_stamp},
        "the padding is left out": {"sides": 0},
    }
    return {cause: partial(_output_size, variant, **how) for cause, how in options.items()}


OUTPUT_SIZE = GradedQuestion(
    "02.output-size",
    "output_size",
    "compute the size of a map after any convolution, or a transposed one",
    "the size after each of several layers",
    parts={DOWN: 2, UP: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    note=_note,
    edits=_edits,
    mistakes=_mistakes,
    harness=sizes_of,
    tolerance=EXACT,
)
