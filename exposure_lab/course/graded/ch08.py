"""Graded questions of chapter 08, analysis."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from exposure_lab.course.expectations import Wrong, expect, number, pair
from exposure_lab.course.graded.ch08_alternating import ALTERNATING
from exposure_lab.course.graded.ch08_border import BORDER_DISTANCE
from exposure_lab.course.graded.ch08_explain import EXPLAIN
from exposure_lab.course.graded.ch08_ghost import GHOST_STRENGTH
from exposure_lab.course.graded.question import GradedQuestion, Variant, WrittenQuestion

NEAR = 3
"""8-bit steps by which a prediction may be off."""

SKY = "both values, within 3"


def _draw_sky(rng: np.random.Generator) -> Variant:
    """Draw a sky whose middle is not near that of the chapter's; one stop more clips all of it."""
    return {"darkest": int(rng.integers(189, 201)), "brightest": int(rng.integers(221, 234))}


def _edit_sky(variant: Variant) -> Mapping[str, str]:
    return {
        "every stored value from 188 to 255 equally often": (
            f"every stored value from {variant['darkest']} to {variant['brightest']} equally often"
        )
    }


def _painted_and_furthest(variant: Variant) -> tuple[float, int]:
    """The value that is painted, and one of the two ends, which are equally far away."""
    return (variant["darkest"] + variant["brightest"]) / 2, variant["darkest"]


def _judge_sky(variant: Variant, value: Any) -> Mapping[str, str | None]:
    try:
        expect_sky(variant["darkest"], variant["brightest"], value)
    except Wrong as wrong:
        return {SKY: str(wrong)}
    return {SKY: None}


def expect_sky(darkest: int, brightest: int, answer: Any) -> None:
    """Check a prediction for the sky from its darkest to its brightest value. Raises Wrong."""
    painted, at = pair(
        answer.tolist() if isinstance(answer, np.ndarray) else answer,
        "Expected two numbers: the value that is painted, and where it is furthest off.",
    )
    painted, at = number(painted, "the painted value"), number(at, "the true value")
    expect(
        not (0 <= painted <= 1 and 0 <= at <= 1),
        "Expected stored values from 0 to 255, but got some from 0 to 1: multiply by 255.",
    )
    expect(
        darkest - NEAR <= at <= brightest + NEAR,
        "Expected a true value of the sky, but got one that the sky does not hold.",
    )
    expect(
        abs(painted - 255) > NEAR,
        "Expected what the network paints, but got what it sees: it has learned that the truth "
        "was darker.",
    )
    for end, value in (("darkest", darkest), ("brightest", brightest)):
        expect(
            abs(painted - value) > NEAR,
            f"Expected the value with the smallest mean error, but got the {end}, an end of the "
            "sky: most of it would be missed by much.",
        )
    middle = (darkest + brightest) / 2
    expect(
        abs(painted - middle) <= NEAR,
        "Expected the one value with the smallest mean absolute error, but got another: half of "
        "the sky should be brighter, half darker.",
    )
    expect(
        abs(at - middle) > NEAR,
        "Expected where the error is largest, but got where it is smallest: there the painted "
        "value happens to be right.",
    )
    expect(
        min(abs(at - darkest), abs(at - brightest)) <= NEAR,
        "Expected the true value that is furthest from the painted one, but another is further.",
    )


PREDICT_SKY = GradedQuestion(
    id="08.predict-sky",
    name="predicted",
    objective="predict what a network paints where the input holds nothing",
    what="the value that is painted, and where it is furthest off",
    parts={SKY: 1},
    reference=_painted_and_furthest,
    draw=_draw_sky,
    edits=_edit_sky,
    judge=_judge_sky,
)

IN_YOUR_WORDS = WrittenQuestion(
    id="08.in-your-words",
    prompt="To learn about a network's insides, this chapter shows it a flat grey card, the "
    "emptiest picture there is, and the card comes back woven. Explain in three to five sentences "
    "why the card says more than a photo, and how the weave leads to the layer that wove it.",
    points=3,
    objective="explain how an artefact leads to the layer that makes it",
    after="08.explain",
    rubric=(
        "Says that a card has nothing to hide a pattern in, so that whatever varies in the output "
        "was made by the network.",
        "Says where the weave comes from: the phases of a transposed convolution add up "
        "differently, so that neighbouring pixels get different values from the same input.",
        "Says that every layer after it that enlarges doubles the period, so that the period names "
        "the layer; or that evening the phases of that layer takes the weave away.",
    ),
)

QUESTIONS: tuple[GradedQuestion, ...] = (
    PREDICT_SKY,
    ALTERNATING,
    GHOST_STRENGTH,
    BORDER_DISTANCE,
    EXPLAIN,
)
WRITTEN: tuple[WrittenQuestion, ...] = (IN_YOUR_WORDS,)
