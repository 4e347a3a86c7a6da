"""Questions of chapter 11, protocols, and the judges of their answers."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import (
    Wrong,
    call,
    close,
    expect,
    first_cause,
    number,
    pair,
)
from exposure_lab.course.multiple_choice import MultipleChoice
from exposure_lab.course.questions.ch11_ssim_window import judge_ssim_window

Pictures = list[NDArray[np.float64]]

SCORES = np.array([20.0, 40.0])
"""PSNRs of the first question's two pictures, dB."""


def _decibels(error: Any) -> float:
    return float(-10 * np.log10(error))


def _judge_pooled(answer: Any) -> None:
    guess = number(answer, "the PSNR of the mean error")
    errors = 10 ** (-SCORES / 10)
    mistakes = {
        "Expected the PSNR of the mean error, but got the mean of the two PSNRs: go back to the "
        "two errors first.": SCORES.mean(),
        "Expected decibels, but got the mean error itself: take its logarithm.": errors.mean(),
        "Expected the PSNR of the mean error, but got that of the sum: two pictures share it.": (
            _decibels(errors.sum())
        ),
        "Expected one PSNR for both pictures, but got that of one of them: average the errors.": (
            SCORES
        ),
    }
    if close(guess, _decibels(errors.mean()), 0.3):
        return
    if sentence := first_cause(mistakes, guess, _is_any):
        raise Wrong(sentence)
    expect(
        SCORES.min() < guess < SCORES.max(),
        "Expected a PSNR between those of the two pictures, but got one outside: an average of two "
        "errors lies between them.",
    )
    raise Wrong(
        "Expected another PSNR: which of the two errors is a hundred times the other, and so "
        "decides the mean?"
    )


def _is_any(guess: float, wrong: Any) -> bool:
    return any(close(guess, value, 2e-3) for value in np.atleast_1d(wrong))


def _judge_averages(answer: Any) -> None:
    for seed in (11, 12):
        outputs, targets = _pictures(seed)
        first, second = pair(
            call(answer, [*map(np.copy, outputs)], [*map(np.copy, targets)]),
            "Expected two numbers: the mean of the PSNRs and the PSNR of the pooled error.",
        )
        got = (
            number(first, "the mean of the PSNRs"),
            number(second, "the PSNR of the pooled error"),
        )
        _judge_both(got, outputs, targets)


def _pictures(seed: int) -> tuple[Pictures, Pictures]:
    """Three outputs and their targets, of three sizes and with quite different errors."""
    rng = np.random.default_rng(seed)
    sizes, spreads = ((6, 8, 3), (16, 12, 3), (5, 5, 3)), (0.02, 0.05, 0.3)
    targets = [rng.uniform(0.2, 0.8, size) for size in sizes]
    outputs = [
        np.clip(target + rng.normal(0.5 * spread, spread, target.shape), 0, 1)
        for target, spread in zip(targets, spreads, strict=True)
    ]
    return outputs, targets


def _judge_both(got: tuple[float, float], outputs: Pictures, targets: Pictures) -> None:
    squares = [(y - t).ravel() ** 2 for y, t in zip(outputs, targets, strict=True)]
    errors = np.array([square.mean() for square in squares])
    mean, pooled = np.mean(-10 * np.log10(errors)), _decibels(np.concatenate(squares).mean())
    same = partial(close, tolerance=2e-3)
    if same(got, (mean, pooled)):
        return
    expect(
        not same(got, (pooled, mean)),
        "Expected the mean of the PSNRs first, but the two numbers changed places.",
    )
    if sentence := first_cause(_wrong_scales(mean, pooled), got, same):
        raise Wrong(sentence)
    if not same(got[0], mean):
        same_twice = same(got[0], got[1]) and same(got[0], pooled)
        raise Wrong(
            "Expected the mean of the PSNRs as the first number, but got the pooled one twice: "
            "take the logarithm of each picture before you average."
            if same_twice
            else "Expected the mean of the PSNRs as the first number: one PSNR for each picture, "
            "their sum, divided by the number of pictures."
        )
    cause = first_cause(_wrong_pools(squares, mean), got[1], same)
    raise Wrong(
        f"Expected the PSNR of the pooled error as the second number, but {cause}."
        if cause
        else "Expected the PSNR of the pooled error as the second number: put the squared "
        "differences of all pictures together, then one mean, then one logarithm."
    )


def _wrong_scales(mean: float, pooled: float) -> dict[str, tuple[float, float]]:
    """Pairs that a wrong logarithm leads to, for each sentence."""
    both = np.array([mean, pooled])
    scale = {
        "Expected a positive PSNR, but the sign is turned: an error below 1 has a negative "
        "logarithm.": -1.0,
        "Expected 10 times the logarithm of a squared error, but got 20 times: 20 is for the root "
        "of it.": 2.0,
        "Expected 10 times the logarithm, but the result looks as if the root of the error had "
        "been taken before: leave the square, or use 20.": 0.5,
        "Expected the logarithm to base 10, but got another base: `numpy.log` is the natural "
        "one.": float(np.log(10)),
    }
    return {sentence: tuple(factor * both) for sentence, factor in scale.items()}


def _wrong_pools(squares: list[NDArray[np.float64]], mean: float) -> dict[str, float]:
    """PSNRs that wrong ways to pool lead to, for each cause."""
    errors = np.array([square.mean() for square in squares])
    return {
        "got the mean of the PSNRs twice: put the errors together before the logarithm": mean,
        "each picture counts the same in it, however small: pool the pixels, not the pictures": (
            _decibels(errors.mean())
        ),
        "the squared errors were added up and not divided by their number": _decibels(
            np.concatenate(squares).sum()
        ),
        "the pictures' errors were added up and not averaged": _decibels(errors.sum()),
        "it is the PSNR of the typical picture: a median is no mean": _decibels(np.median(errors)),
        "it is the PSNR of the worst picture alone": _decibels(errors.max()),
        "absolute differences were averaged before the square": _decibels(
            np.sqrt(np.concatenate(squares)).mean() ** 2
        ),
    }


_COMPARE = MultipleChoice(
    right="BCD",
    if_chosen={
        "A": "Expected only true sentences. One chosen sentence blames a paper: what may differ "
        "between two papers, although both compute correctly?",
        "E": "Expected only true sentences. One chosen sentence is about an average of two parts: "
        "where does a weighted mean of two numbers lie?",
        "F": "Expected only true sentences. One chosen sentence is about shrinking: what becomes "
        "of fine faults when several pixels turn into one?",
    },
    if_missing={
        "B": "Expected all true sentences, but one is missing; ask: does every method gain the "
        "same decibels from a change of the protocol?",
        "C": "Expected all true sentences, but one is missing; ask: can two different colours have "
        "the same grey value?",
        "D": "Expected all true sentences, but one is missing; ask: can an arithmetic mean be "
        "smaller than the geometric one?",
    },
)


QUESTIONS = (
    Question("11.predict-pooled", 1, _judge_pooled),
    Question("11.two-averages", 3, _judge_averages),
    Question("11.ssim-window", 4, judge_ssim_window),
    Question("11.compare", 2, _COMPARE),
)
