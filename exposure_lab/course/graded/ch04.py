"""Graded questions of chapter 04, augmentation."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from exposure_lab.course.graded.ch04_explain import EXPLAIN
from exposure_lab.course.graded.ch04_floor import FLIP_FLOOR
from exposure_lab.course.graded.ch04_normalise import NORMALISE
from exposure_lab.course.graded.ch04_paired_flip import PAIRED_FLIP
from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import (
    GradedQuestion,
    Tolerance,
    Variant,
    WrittenQuestion,
)
from exposure_lab.course.graded.several_numbers import Number, explain_numbers

TENTHS = {1: "One", 2: "Two", 3: "Three", 4: "Four", 6: "Six", 7: "Seven", 8: "Eight", 9: "Nine"}
"""Mirrored inputs of ten, in words; five would leave no single best answer under L1."""

ANSWERS = "both best answers"

GUESS = Tolerance(relative=0.0, absolute=1e-3)


def _draw_pixel(rng: np.random.Generator) -> Variant:
    pairs = [(a, b) for a in (1, 3, 4, 6, 7, 9) for b in (1, 3, 4, 6, 7, 9) if abs(a - b) > 2]
    right, mirrored = pick(rng, pairs)
    return {
        "right_tenths": right,
        "mirrored_tenths": mirrored,
        "mirrored_of_ten": pick(rng, list(TENTHS)),
    }


def _edit_pixel(variant: Variant) -> Mapping[str, str]:
    right, mirrored, share = _values(variant)
    count = TENTHS[variant["mirrored_of_ten"]]
    return {
        "A pixel is 0.2 in the right correction and 0.8 in its mirror image. Three of ten inputs "
        "are mirrored": (
            f"A pixel is {right:g} in the right correction and {mirrored:g} in its mirror image. "
            f"{count} of ten inputs {'is' if share == 0.1 else 'are'} mirrored"
        ),
        "without their targets,": f"without {'its target' if share == 0.1 else 'their targets'},",
    }


def _values(variant: Variant) -> tuple[float, float, float]:
    """Value in the right correction, value in its mirror image, share of the mirrored."""
    names = ("right_tenths", "mirrored_tenths", "mirrored_of_ten")
    right, mirrored, share = (variant[name] / 10 for name in names)
    return right, mirrored, share


def _best_answers(variant: Variant) -> tuple[float, float]:
    right, mirrored, share = _values(variant)
    return right if share < 0.5 else mirrored, (1 - share) * right + share * mirrored


def _judge_pixel(variant: Variant, value: Any) -> Mapping[str, str | None]:
    right, mirrored, share = _values(variant)
    under_l1, under_l2 = _best_answers(variant)
    numbers = (
        Number(
            "the best answer under L1",
            under_l1,
            {
                "it has the least mean of squares: move it a little and count for how many pairs "
                "it gets better": under_l2,
                "it is the other value: the rarer demand weighs less": right + mirrored - under_l1,
                "it lies half way: the two demands are not equally common": (right + mirrored) / 2,
            },
        ),
        Number(
            "the best answer under L2",
            under_l2,
            {
                "squares look at every pair: a large difference in a few of them moves the best": (
                    under_l1
                ),
                "the two demands are not equally common": (right + mirrored) / 2,
                "the weights are on the wrong sides": share * right + (1 - share) * mirrored,
            },
        ),
    )
    return {ANSWERS: explain_numbers(value, numbers, GUESS)}


PREDICT_ANSWER = GradedQuestion(
    "04.predict-answer",
    "predicted",
    "predict which answer a loss asks for where the targets disagree",
    "the best answer under L1, then that under L2",
    parts={ANSWERS: 1},
    reference=_best_answers,
    draw=_draw_pixel,
    edits=_edit_pixel,
    judge=_judge_pixel,
    tolerance=GUESS,
)

IN_YOUR_WORDS = WrittenQuestion(
    "04.in-your-words",
    "Two networks are trained with L1 on pairs of which only the inputs are mirrored: in the one "
    "training every fifth pair, in the other every second. Explain in three to five sentences why "
    "the first hardly suffers and the second does, and why neither training curve gives a warning.",
    points=3,
    objective="explain what a loss makes of targets that contradict each other",
    after="04.explain",
    rubric=(
        "Says that under L1 the best answer is the majority's, so that a minority of wrong targets "
        "leaves it where it is.",
        "Says that at one half every value between the two demands costs the same, and nothing "
        "pulls towards the right picture.",
        "Says that a training loss counts what was asked, mirrored targets included, and so cannot "
        "show that the wrong thing was asked.",
    ),
)

QUESTIONS: tuple[GradedQuestion, ...] = (
    PREDICT_ANSWER,
    PAIRED_FLIP,
    FLIP_FLOOR,
    NORMALISE,
    EXPLAIN,
)
WRITTEN: tuple[WrittenQuestion, ...] = (IN_YOUR_WORDS,)
