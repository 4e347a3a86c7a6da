"""Graded questions of chapter 09, alternatives."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from exposure_lab.course.graded.ch09_convolve import CONVOLVE
from exposure_lab.course.graded.ch09_explain import EXPLAIN
from exposure_lab.course.graded.ch09_gain import GAIN_FOR_MEAN
from exposure_lab.course.graded.ch09_stretch import STRETCH
from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import GradedQuestion, Tolerance, Variant, WrittenQuestion
from exposure_lab.course.graded.several_numbers import Number, explain_numbers

BOTH = "both means"


def _draw_means(rng: np.random.Generator) -> Variant:
    """Draw a mean and a weight; nine weights brighten, and nothing reaches white."""
    return {
        "mean": round(float(rng.integers(8, 20)) / 100, 2),
        "weight": pick(rng, [0.14, 0.15, 0.16, 0.17, 0.18, 0.22, 0.24, 0.25, 0.3]),
    }


def _edit_means(variant: Variant) -> Mapping[str, str]:
    return {
        "have the mean 0.20.": f"have the mean {variant['mean']:.2f}.",
        "each times 0.2; nothing reaches white": f"each times {variant['weight']:g}; nothing "
        "reaches white",
    }


def _means(variant: Variant) -> tuple[float, float]:
    """Mean after the average, and after the sum of nine weighted pixels."""
    return variant["mean"], 9 * variant["weight"] * variant["mean"]


def _judge_means(variant: Variant, value: Any) -> Mapping[str, str | None]:
    mean, weight = variant["mean"], variant["weight"]
    first, second = _means(variant)
    numbers = [
        Number(
            "the mean after the first kernel",
            first,
            {
                "it is a ninth: how many neighbours bring their share?": mean / 9,
                "nine values were added up and not averaged": 9 * mean,
                "it runs up to 255: stored values run from 0 to 1 here": 255 * mean,
            },
        ),
        Number(
            "the mean after the second kernel",
            second,
            {
                "nothing has changed: its weights are no ninths, so what do they sum to?": mean,
                "one weight alone was counted: nine pixels bring one each": mean * weight,
                "eight weights were counted: the middle one is there as well": 8 * mean * weight,
                "it is the sum of the weights: multiply": 9 * weight,
            },
        ),
    ]
    return {BOTH: explain_numbers(value, numbers, Tolerance(relative=0.0, absolute=1e-3))}


PREDICT_MEAN = GradedQuestion(
    id="09.predict-mean",
    name="predicted",
    objective="predict what a kernel does to the mean of a photo",
    what="the mean after each of the two kernels",
    parts={BOTH: 1},
    reference=_means,
    draw=_draw_means,
    edits=_edit_means,
    judge=_judge_means,
)

IN_YOUR_WORDS = WrittenQuestion(
    id="09.in-your-words",
    prompt="The report proposes a 3x3 mean as a simple way to brighten a dark photo, and says that "
    "only a network needs nobody at the controls. Explain in three to five sentences why the mean "
    "cannot brighten, and what the rules of this chapter say about the second claim.",
    points=3,
    objective="argue what can be done without a network, and by whom",
    after="09.explain",
    rubric=(
        "Says that a kernel multiplies the mean of a photo by the sum of its weights, and that the "
        "weights of an average sum to 1; it blurs instead.",
        "Says that rules of a few lines correct exposure from the values of the whole photo with "
        "nobody at the controls, so that being automatic is no privilege of a network.",
        "Says what remains of the claim: a rule knows one sentence that somebody wrote, a network "
        "learns from examples, and neither can know what a picture is meant for.",
    ),
)

QUESTIONS: tuple[GradedQuestion, ...] = (
    PREDICT_MEAN,
    CONVOLVE,
    GAIN_FOR_MEAN,
    STRETCH,
    EXPLAIN,
)
WRITTEN: tuple[WrittenQuestion, ...] = (IN_YOUR_WORDS,)
