"""Graded questions of chapter 05, losses."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from exposure_lab.course.graded.ch05_bce import BCE_FROM_LOGITS
from exposure_lab.course.graded.ch05_best_constant import BEST_CONSTANT
from exposure_lab.course.graded.ch05_explain import EXPLAIN
from exposure_lab.course.graded.ch05_l1_pull import L1_PULL
from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import (
    GradedQuestion,
    Tolerance,
    Variant,
    WrittenQuestion,
)
from exposure_lab.course.graded.several_numbers import Number, explain_numbers

PRICES = "both prices, within 0.05"

GUESS = Tolerance(relative=0.0, absolute=0.05)

PERCENT = {"natural": (30, 35, 65, 70), "two": (20, 25, 75, 80)}
"""D's answers by the logarithm asked for; nearer the ends or one half, mistakes look alike."""

BASES = {"natural": math.e, "two": 2.0, "ten": 10.0}


def _draw_answer(rng: np.random.Generator) -> Variant:
    logarithm = pick(rng, list(PERCENT))
    return {"percent_real": pick(rng, PERCENT[logarithm]), "logarithm": logarithm}


def _edit_answer(variant: Variant) -> Mapping[str, str]:
    edits = {"D says 0.9 of a picture.": f"D says {variant['percent_real'] / 100:g} of a picture."}
    if variant["logarithm"] == "two":
        edits["with natural logarithms;"] = "with logarithms **to base two**;"
    return edits


def _prices(variant: Variant, base: str | None = None) -> tuple[float, float]:
    """Price where the picture is real, price where it is fake."""
    p, scale = variant["percent_real"] / 100, math.log(BASES[base or variant["logarithm"]])
    return -math.log(p) / scale, -math.log(1 - p) / scale


def _judge_prices(variant: Variant, value: Any) -> Mapping[str, str | None]:
    p = variant["percent_real"] / 100
    other = "two" if variant["logarithm"] == "natural" else "natural"
    numbers = []
    for i, (case, probability) in enumerate((("real", p), ("fake", 1 - p))):
        price = _prices(variant)[i]
        mistakes = {
            "this is a probability: the price is a logarithm of one": probability,
            "it belongs to the other truth": _prices(variant)[1 - i],
            "its logarithm has another base": _prices(variant, other)[i],
            "it is a base-ten logarithm": _prices(variant, "ten")[i],
            "it is negative: a price has a minus before its logarithm": -price,
        }
        numbers.append(Number(f"the price where the picture is {case}", price, mistakes))
    return {PRICES: explain_numbers(value, numbers, GUESS)}


CONFIDENT = GradedQuestion(
    "05.confident",
    "predicted",
    "predict what an answer of the discriminator costs",
    "the price where the picture is real, then the price where it is fake",
    parts={PRICES: 1},
    reference=_prices,
    draw=_draw_answer,
    edits=_edit_answer,
    judge=_judge_prices,
    tolerance=GUESS,
)

IN_YOUR_WORDS = WrittenQuestion(
    "05.in-your-words",
    "Of two corrections of the same overexposed photo, one has the higher PSNR, and the other "
    "looks like a photo. Explain in three to five sentences how that can be, which losses lead to "
    "the one and to the other, and what looking real costs.",
    points=3,
    objective="explain what picture each loss asks for where the input leaves a choice",
    after="05.explain",
    rubric=(
        "Says that where several truths fit one input, the best mean squared error belongs to "
        "their mean, which may be like none of them.",
        "Says that L2 asks for the mean, L1 for the median of each pixel, and a critic for one "
        "whole picture that could be true.",
        "Says that one such picture has about twice the mean squared error of the mean, which is "
        "three decibels.",
    ),
)

QUESTIONS: tuple[GradedQuestion, ...] = (
    CONFIDENT,
    BCE_FROM_LOGITS,
    L1_PULL,
    BEST_CONSTANT,
    EXPLAIN,
)
WRITTEN: tuple[WrittenQuestion, ...] = (IN_YOUR_WORDS,)
