"""Chapter 09, alternatives: the questions and who judges them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, array, call, close, expect, letters, number
from exposure_lab.course.questions.ch09_kernel import judge_convolve

Floats = NDArray[np.float64]

MEAN, WEIGHT = 0.20, 0.2
"""Of the photo and of the second kernel that the first question is about."""


def _predict_mean(answer: Any) -> None:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("Expected two numbers: the mean after the first kernel and after the second.")
    first, second = number(answer[0], "the first mean"), number(answer[1], "the second mean")
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
    expect(
        not close(second, MEAN, 1e-6),
        "Expected the second kernel to change the mean, but here it does not: its weights are no "
        "ninths, so what do they sum to?",
    )
    expect(
        not close(second, MEAN * WEIGHT, 1e-6),
        "Expected the second kernel to brighten, but one weight alone was counted: nine pixels "
        "bring one each.",
    )
    expect(
        not close(second, 8 * MEAN * WEIGHT, 1e-6),
        "Expected nine weights in the second kernel, but eight were counted: the middle one is "
        "there as well.",
    )
    expect(
        not close(second, 9 * WEIGHT, 1e-6),
        "Expected a mean for the second kernel, but got the sum of its weights: multiply.",
    )
    expect(
        close(second, 9 * MEAN * WEIGHT, 5e-3),
        "Expected another second mean: what does the sum of its nine weights do to a flat grey?",
    )


def _gain_for_mean(answer: Any) -> None:
    rng = np.random.default_rng(9)
    dark = (0.5 * rng.random((6, 8, 3)) ** 2).astype(np.float32)
    bright = (1 - 0.5 * rng.random((6, 8, 3)) ** 2).astype(np.float32)
    for image, wanted in ((dark, 0.2), (bright, 0.45), (dark, 0.45), (dark, 0.7), (bright, 0.9)):
        gain = number(call(answer, image, wanted), "the gain")
        if not close(_clipped_mean(image, gain), wanted, 2e-3):
            raise Wrong(_why_not_gain(image, wanted, gain))


def _clipped_mean(image: Any, gain: float) -> float:
    return float(np.clip(gain * image.astype(np.float64), 0, 1).mean())


def _why_not_gain(image: Any, wanted: float, gain: float) -> str:
    naive = wanted / float(image.mean())
    if close(gain, _clipped_mean(image, gain), 1e-6) or close(gain, wanted, 1e-6):
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
    side = "bright" if _clipped_mean(image, gain) > wanted else "dark"
    return (
        f"Expected the wanted mean after clipping, but with this gain the picture is too {side}: "
        "halve the interval more often, and keep the half that holds the answer."
    )


def _stretch(answer: Any) -> None:
    rng = np.random.default_rng(9)
    tint = np.array([0.9, 0.6, 0.4])
    photos = [(0.15 + 0.5 * rng.random((7, 9, 3)) * tint).astype(np.float32) for _ in range(2)]
    for image in photos:
        for low, high in ((1, 99), (10, 80), (0, 100)):
            result = call(answer, image, low, high)
            got = array(result, image.shape, "the stretched photo")
            if not close(got, _stretched(image, low, high), 1e-3):
                raise Wrong(_why_not_stretched(image, low, high, got))
    flat = np.full((4, 5, 3), 0.25, np.float32)
    got = array(call(answer, flat, 1, 99), flat.shape, "a photo of a single value")
    expect(
        close(got, flat),
        "Expected a photo without contrast to come back as it is, but it changed: there is nothing "
        "to spread where the two percentiles are equal.",
    )


def _stretched(image: Any, low: float, high: float, axis: Any = None, clip: bool = True) -> Any:
    black, white = np.percentile(image, [low, high], axis=axis)
    spread = (image - black) / (white - black)
    return np.clip(spread, 0, 1) if clip else spread


def _why_not_stretched(image: Any, low: float, high: float, got: Floats) -> str:
    right = _stretched(image, low, high)
    black, white = np.percentile(image, [low, high])
    mistakes = {
        "each channel has percentiles of its own, which tints the photo: take one pair for all": (
            _stretched(image, low, high, axis=(0, 1))
        ),
        "values outside the two percentiles were not clipped": _stretched(
            image, low, high, clip=False
        ),
        "smallest and largest value were used: take the percentiles": _stretched(image, 0, 100),
        "the percentiles were taken of shares: NumPy counts them from 0 to 100": _stretched(
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
    for cause, wrong in mistakes.items():
        if close(got, wrong, 1e-3) and not close(wrong, right, 1e-3):
            return f"Expected values spread between two percentiles, but {cause}."
    return (
        "Expected a straight line from the lower percentile, as 0, to the upper one, as 1, but the "
        "values differ: check both ends of it."
    )


def _explain(answer: Any) -> None:
    chosen = letters(answer, "ABCDE")
    for letter, sentence in {
        "B": "One chosen sentence adds up what is no gain even once: which power of 1 is above 1?",
        "D": "One chosen sentence forgets what the rule needs in the original: look for the flat "
        "line in the figure of the leak.",
    }.items():
        expect(letter not in chosen, f"Expected only true sentences. {sentence}")
    for letter, sentence in {
        "A": "put a constant into the equation of the kernel and pull it out of the sum",
        "C": "one of the rules looks at the order of the values alone: does darkening change it?",
        "E": "how many outputs has a function for one input?",
    }.items():
        expect(letter in chosen, f"Expected all true sentences, but one is missing: {sentence}")


QUESTIONS = (
    Question("09.predict-mean", 1, _predict_mean),
    Question("09.convolve", 4, judge_convolve),
    Question("09.gain-for-mean", 3, _gain_for_mean),
    Question("09.stretch", 3, _stretch),
    Question("09.explain", 2, _explain),
)
