"""Questions of chapter 09, alternatives, and the judges of their answers."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import (
    Wrong,
    array,
    call,
    close,
    expect,
    first_cause,
    number,
    pair,
)
from exposure_lab.course.graded.ch09_explain import CHOICE
from exposure_lab.course.questions.ch09_kernel import judge_convolve

Floats = NDArray[np.float64]

MEAN, WEIGHT = 0.20, 0.2
"""Mean of the first question's photo, and each weight of its second kernel."""


def _judge_means(answer: Any) -> None:
    first, second = pair(
        answer, "Expected two numbers: the mean after the first kernel and after the second."
    )
    first, second = number(first, "the first mean"), number(second, "the second mean")
    expect(
        max(first, second) <= 1,
        "Expected means of stored values from 0 to 1, but one is above: a kernel that sums instead "
        "of averaging would do that, or a scale up to 255.",
    )
    expect(
        not close(first, MEAN / 9, 2e-3),
        "Expected the first mean of nine values, but it looks like a ninth of one: how many "
        "neighbours bring their share?",
    )
    expect(
        close(first, MEAN, 1e-6),
        "Expected another first mean: add up the nine weights of an average, and think of a photo "
        "that is the same grey everywhere.",
    )
    mistakes = {
        "Expected the second kernel to change the mean, but here it does not: its weights are no "
        "ninths, so what do they sum to?": MEAN,
        "Expected the second kernel to brighten, but one weight alone was counted: nine pixels "
        "bring one each.": MEAN * WEIGHT,
        "Expected nine weights in the second kernel, but eight were counted: the middle one is "
        "there as well.": 8 * MEAN * WEIGHT,
        "Expected a mean for the second kernel, but got the sum of its weights: multiply.": (
            9 * WEIGHT
        ),
    }
    if sentence := first_cause(mistakes, second, partial(close, tolerance=1e-6)):
        raise Wrong(sentence)
    expect(
        close(second, 9 * MEAN * WEIGHT, 5e-3),
        "Expected another second mean: what does the sum of its nine weights do to a flat grey?",
    )


def _judge_gain(answer: Any) -> None:
    rng = np.random.default_rng(9)
    dark = (0.5 * rng.random((6, 8, 3)) ** 2).astype(np.float32)
    bright = (1 - 0.5 * rng.random((6, 8, 3)) ** 2).astype(np.float32)
    for image, target in ((dark, 0.2), (bright, 0.45), (dark, 0.45), (dark, 0.7), (bright, 0.9)):
        gain = number(call(answer, image, target), "the gain")
        if not close(_clipped_mean(image, gain), target, 2e-3):
            raise Wrong(_explain_gain(image, target, gain))


def _clipped_mean(image: Any, gain: float) -> float:
    return float(np.clip(gain * image.astype(np.float64), 0, 1).mean())


def _explain_gain(image: Any, target: float, gain: float) -> str:
    naive = target / float(image.mean())
    if close(gain, _clipped_mean(image, gain), 1e-6) or close(gain, target, 1e-6):
        return "Expected the gain, but got the mean that it should lead to: return the factor."
    if close(gain, np.log2(naive), 2e-3):
        return "Expected a factor, but got stops: raise two to that power."
    if close(gain, naive, 1e-3 * naive):
        return (
            "Expected a gain for the clipped picture, but this one forgets that values above 1 "
            "count as 1: a plain ratio of means falls short."
        )
    if close(gain, 1 / naive, 1e-3 / naive):
        return "Expected what the photo has to be multiplied by, but got the inverse."
    ends = (1 / 64, 64.0)
    if any(close(gain, end, 1e-2 * end) for end in ends):
        return (
            "Expected a gain inside the interval, but the search ran to its end: which half holds "
            "the answer where the picture is still too dark?"
        )
    side = "bright" if _clipped_mean(image, gain) > target else "dark"
    return (
        f"Expected the wanted mean after clipping, but with this gain the picture is too {side}: "
        "halve the interval more often, and keep the half that holds the answer."
    )


def _judge_stretch(answer: Any) -> None:
    rng = np.random.default_rng(9)
    tint = np.array([0.9, 0.6, 0.4])
    photos = [(0.15 + 0.5 * rng.random((7, 9, 3)) * tint).astype(np.float32) for _ in range(2)]
    for image in photos:
        for low, high in ((1, 99), (10, 80), (0, 100)):
            result = call(answer, image, low, high)
            got = array(result, image.shape, "the stretched photo")
            if not close(got, _stretch(image, low, high), 1e-3):
                raise Wrong(_explain_stretch(image, low, high, got))
    flat = np.full((4, 5, 3), 0.25, np.float32)
    got = array(call(answer, flat, 1, 99), flat.shape, "a photo of a single value")
    expect(
        close(got, flat),
        "Expected a photo without contrast to come back as it is, but it changed: there is nothing "
        "to spread where the two percentiles are equal.",
    )


def _stretch(image: Any, low: float, high: float, axis: Any = None, clip: bool = True) -> Any:
    black, white = np.percentile(image, [low, high], axis=axis)
    spread = (image - black) / (white - black)
    return np.clip(spread, 0, 1) if clip else spread


def _explain_stretch(image: Any, low: float, high: float, got: Floats) -> str:
    right = _stretch(image, low, high)
    black, white = np.percentile(image, [low, high])
    mistakes = {
        "each channel has percentiles of its own, which tints the photo: take one pair for all": (
            _stretch(image, low, high, axis=(0, 1))
        ),
        "values outside the two percentiles were not clipped": _stretch(
            image, low, high, clip=False
        ),
        "smallest and largest value were used: take the percentiles": _stretch(image, 0, 100),
        "the percentiles were taken of shares: NumPy counts them from 0 to 100": _stretch(
            image, low / 100, high / 100
        ),
        "black was left where it was: take the lower percentile away before dividing": np.clip(
            image / white, 0, 1
        ),
        "the photo was divided by the upper percentile, not by the distance of the two": np.clip(
            (image - black) / white, 0, 1
        ),
        "values were cut off at the percentiles and not spread": np.clip(image, black, white),
        "black and white changed places": 1 - right,
        "it runs to 255: pictures here run from 0 to 1": 255 * right,
    }
    same = partial(close, tolerance=1e-3)
    # With percentiles 0 and 100, several mistakes lead to the right answer.
    telling = {cause: wrong for cause, wrong in mistakes.items() if not same(wrong, right)}
    if cause := first_cause(telling, got, same):
        return f"Expected values spread between two percentiles, but {cause}."
    return (
        "Expected a straight line from the lower percentile, as 0, to the upper one, as 1, but the "
        "values differ: check both ends of it."
    )


QUESTIONS = (
    Question("09.predict-mean", 1, _judge_means),
    Question("09.convolve", 4, judge_convolve),
    Question("09.gain-for-mean", 3, _judge_gain),
    Question("09.stretch", 3, _judge_stretch),
    Question("09.explain", 2, CHOICE),
)
