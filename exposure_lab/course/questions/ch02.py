"""Questions of chapter 02, the generator, and the judges of their answers."""

# n a size, k kernel, s stride, p padding

from collections.abc import Callable
from functools import partial
from typing import Any

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, call, close, expect, first_cause, number, pair
from exposure_lab.course.graded.ch02_explain import CHOICE
from exposure_lab.course.questions.ch02_blocks import judge_down_block, judge_way_up

SIDE, HALVINGS = 128, 5
"""px; times: the photo of the first question, and how often it is halved."""

CASES = [(256, 4, 2, 1), (7, 3, 2, 0), (100, 5, 3, 2), (9, 4, 2, 1), (30, 1, 1, 0), (8, 7, 1, 3)]
"""(size, kernel, stride, padding) of the second question, tried down and up."""


def _judge_halvings(answer: Any) -> None:
    side, count = pair(
        answer, "Expected two numbers: the side after five halvings, and how many reach 1 px."
    )
    side, count = number(side, "the side"), number(count, "the count")
    expect(
        side != SIDE / HALVINGS,
        "Expected a side that was halved again and again, but it was divided once by their number.",
    )
    expect(
        side != SIDE / 2 ** (HALVINGS + 1),
        "Expected the side after five halvings, but got it after six: the photo itself is not one.",
    )
    expect(
        side != SIDE / 2 ** (HALVINGS - 1),
        "Expected the side after five halvings, but got it after four: the first counts as well.",
    )
    expect(
        side == SIDE / 2**HALVINGS,
        "Expected the side after five halvings, but got another number: write down each size.",
    )
    expect(
        count != SIDE.bit_length(),
        "Expected how often the photo is halved, but got how many sizes there are: the photo's "
        "own size is one of them.",
    )
    expect(
        2**count == SIDE,
        "Expected so many halvings that one pixel is left, but got another number: go on halving.",
    )


def _judge_output_size(answer: Any) -> None:
    for transposed in (False, True):
        got = [
            number(call(answer, *case, transposed=transposed), "each size")
            if transposed
            else number(call(answer, *case), "each size")
            for case in CASES
        ]
        right = _sizes(_up if transposed else _down)
        if got == right:
            continue
        way = "the transposed convolution" if transposed else "the convolution"
        if cause := first_cause(_size_mistakes(transposed), got, partial(close, tolerance=1e-9)):
            raise Wrong(f"Expected another size for {way}: {cause}.")
        expect(
            all(size == int(size) for size in got),
            f"Expected whole numbers for {way}, but got a fraction: a window that does not fit is "
            "left out.",
        )
        raise Wrong(
            f"Expected the size that {way} gives, but some case differs: try kernels, strides and "
            "paddings other than the chapter's, by hand."
        )


def _size_mistakes(transposed: bool) -> dict[str, list[float]]:
    if transposed:
        return {
            "it is the size after an ordinary convolution: is `transposed` looked at": _sizes(
                _down
            ),
            "it is right only where kernel, stride and padding are the chapter's": _sizes(
                lambda n, k, s, p: s * n
            ),
            "there are fewer gaps between the stamps than stamps": _sizes(
                lambda n, k, s, p: s * n + k - 2 * p
            ),
            "the padding is cut off here, not added": _sizes(
                lambda n, k, s, p: s * (n - 1) + k + 2 * p
            ),
            "the padding is cut off on both sides": _sizes(lambda n, k, s, p: s * (n - 1) + k - p),
            "the padding is left out": _sizes(lambda n, k, s, p: s * (n - 1) + k),
            "the last stamp's own width is left out": _sizes(
                lambda n, k, s, p: s * (n - 1) - 2 * p
            ),
        }
    return {
        "the first window is not counted": _sizes(lambda n, k, s, p: (n + 2 * p - k) // s),
        "the padding is on both sides": _sizes(lambda n, k, s, p: (n + p - k) // s + 1),
        "the padding is left out": _sizes(lambda n, k, s, p: (n - k) // s + 1),
        "a window that hangs over the edge is left out, so round down": _sizes(
            lambda n, k, s, p: -((k - n - 2 * p) // s) + 1
        ),
        "a window that does not fit is left out, so the size is whole": _sizes(
            lambda n, k, s, p: (n + 2 * p - k) / s + 1
        ),
        "it is right only where kernel and padding are the chapter's": _sizes(
            lambda n, k, s, p: n // s
        ),
        "it is the size after a transposed convolution": _sizes(_up),
    }


def _sizes(rule: Callable[[int, int, int, int], float]) -> list[float]:
    return [float(rule(*case)) for case in CASES]


def _down(n: int, k: int, s: int, p: int) -> int:
    return (n + 2 * p - k) // s + 1


def _up(n: int, k: int, s: int, p: int) -> int:
    return s * (n - 1) + k - 2 * p


QUESTIONS = (
    Question("02.predict-halvings", 1, _judge_halvings),
    Question("02.output-size", 3, _judge_output_size),
    Question("02.down-block", 4, judge_down_block),
    Question("02.way-up", 3, judge_way_up),
    Question("02.explain", 2, CHOICE),
)
