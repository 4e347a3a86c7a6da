"""Graded questions of chapter 02, the generator."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from exposure_lab.course.graded.ch02_down_block import DOWN_BLOCK
from exposure_lab.course.graded.ch02_explain import EXPLAIN
from exposure_lab.course.graded.ch02_output_size import OUTPUT_SIZE
from exposure_lab.course.graded.ch02_way_up import WAY_UP
from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import EXACT, GradedQuestion, Variant, WrittenQuestion
from exposure_lab.course.graded.several_numbers import Number, explain_numbers

COUNTS = {3: "three", 4: "four", 5: "five", 6: "six"}

HALVINGS = "the width and the number of halvings"


def _draw_halvings(rng: np.random.Generator) -> Variant:
    return {"side": pick(rng, [64, 256, 512, 1024, 2048]), "halvings": pick(rng, list(COUNTS))}


def _edit_halvings(variant: Variant) -> Mapping[str, str]:
    count = COUNTS[variant["halvings"]]
    return {
        "A photo is 128 px wide. How wide is it after five halvings": (
            f"A photo is {variant['side']} px wide. How wide is it after {count} halvings"
        ),
        "(width after five halvings, halvings to one pixel)": (
            f"(width after {count} halvings, halvings to one pixel)"
        ),
    }


def _halvings(variant: Variant) -> tuple[int, int]:
    side = variant["side"]
    return side >> variant["halvings"], side.bit_length() - 1


def _judge_halvings(variant: Variant, value: Any) -> Mapping[str, str | None]:
    side, halvings = variant["side"], variant["halvings"]
    width, count = _halvings(variant)
    numbers = (
        Number(
            "the width after so many halvings",
            width,
            {
                "it was divided once by their number: halve again and again": side / halvings,
                "it is that after one halving more: the photo itself is not one": width / 2,
                "it is that after one halving less: the first counts as well": width * 2,
            },
        ),
        Number(
            "the number of halvings down to one pixel",
            count,
            {
                "it counts the sizes: the photo's own size is one of them": count + 1,
                "it ends before one pixel is left": count - 1,
                "it goes on from the width above: begin with the photo": math.log2(width),
            },
        ),
    )
    return {HALVINGS: explain_numbers(value, numbers, EXACT)}


PREDICT_HALVINGS = GradedQuestion(
    "02.predict-halvings",
    "predicted",
    "predict the size of a map after halvings",
    "the width after so many halvings, and how many lead to one pixel",
    parts={HALVINGS: 1},
    reference=_halvings,
    draw=_draw_halvings,
    edits=_edit_halvings,
    judge=_judge_halvings,
)

IN_YOUR_WORDS = WrittenQuestion(
    "02.in-your-words",
    "Someone says: all that a U-Net knows of a photo must fit through its narrowest map, so this "
    "map decides what the output shows. Explain in three to five sentences, with what the "
    "chapter's experiment found, in how far this is wrong and what the narrowest map is left "
    "with.",
    points=3,
    objective="explain what skips and bottleneck of a U-Net carry",
    after="02.explain",
    rubric=(
        "Says that skip connections lead around the narrowest map, the finest of them with the "
        "detail of the picture.",
        "Names a finding of the experiment: exchanging what a fine skip carries moves the output "
        "far more than exchanging what the narrowest map carries.",
        "Says what is left to the narrowest map: what concerns the picture as a whole, which other "
        "coarse maps know nearly as well.",
    ),
)

QUESTIONS: tuple[GradedQuestion, ...] = (
    PREDICT_HALVINGS,
    OUTPUT_SIZE,
    DOWN_BLOCK,
    WAY_UP,
    EXPLAIN,
)
WRITTEN: tuple[WrittenQuestion, ...] = (IN_YOUR_WORDS,)
