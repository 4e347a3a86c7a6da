"""Graded questions of chapter 03, the discriminator."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from exposure_lab.course.graded.ch03_explain import EXPLAIN
from exposure_lab.course.graded.ch03_receptive_field import RECEPTIVE_FIELD, field_of
from exposure_lab.course.graded.ch03_seen_pixels import SEEN_PIXELS
from exposure_lab.course.graded.ch03_verdict_map import PATCH_MAP
from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import EXACT, GradedQuestion, Variant, WrittenQuestion
from exposure_lab.course.graded.several_numbers import Number, explain_numbers

CHANGES = {
    1: "Leave out two halvings:",
    2: "Leave out one halving:",
    4: "Add one halving:",
    5: "Add two halvings:",
}
"""Halvings of the critic, and how a text says so."""

SIDES = "the square and the map"

CHAPTER = 3
"""Halvings of the chapter's own critic."""


def _draw_critic(rng: np.random.Generator) -> Variant:
    # Never the chapter's 256 px.
    return {"halvings": pick(rng, list(CHANGES)), "side": pick(rng, [128, 192, 320, 384, 512, 640])}


def _strides(halvings: int) -> list[int]:
    return [2] * halvings + [1, 1]


def _edit_critic(variant: Variant) -> Mapping[str, str]:
    halvings = variant["halvings"]
    strides = ", ".join(map(str, _strides(halvings)))
    return {
        "Leave out one halving: strides 2, 2, 1, 1.": f"{CHANGES[halvings]} strides {strides}.",
        "how many logits wide is the map of a 256 px picture?": (
            f"how many logits wide is the map of a {variant['side']} px picture?"
        ),
    }


def _square(halvings: int) -> int:
    return field_of([4] * (halvings + 2), _strides(halvings))


def _map_side(side: int, halvings: int) -> int:
    return (side >> halvings) - 2


def _square_and_map(variant: Variant) -> tuple[int, int]:
    halvings = variant["halvings"]
    return _square(halvings), _map_side(variant["side"], halvings)


def _judge_critic(variant: Variant, value: Any) -> Mapping[str, str | None]:
    halvings, side = variant["halvings"], variant["side"]
    square, logits = _square_and_map(variant)
    kernels, strides = [4] * (halvings + 1), [2] * halvings
    numbers = (
        Number(
            "the side of the square",
            square,
            {
                "it belongs to the chapter's three halvings": _square(CHAPTER),
                "one convolution is missing: the last one widens the square as well": field_of(
                    kernels, [*strides, 1]
                ),
                "two convolutions are missing: those with stride 1 widen it as well": field_of(
                    kernels[1:], strides
                ),
                "it belongs to one halving less": _square(halvings - 1),
                "it belongs to one halving more": _square(halvings + 1),
                "it counts the steps between pixels, not the pixels": square - 1,
            },
        ),
        Number(
            "the side of the map",
            logits,
            {
                "it belongs to the chapter's three halvings": _map_side(side, CHAPTER),
                "the convolutions with stride 1 take something off as well": logits + 2,
                "there are two convolutions with stride 1, and each takes one off": logits + 1,
                "it belongs to the chapter's picture": _map_side(256, halvings),
            },
        ),
    )
    return {SIDES: explain_numbers(value, numbers, EXACT)}


PREDICT_CRITIC = GradedQuestion(
    "03.predict-two-layers",
    "predicted",
    "predict what a patch critic of another depth sees, and how large its map is",
    "the side of the square, then that of the map",
    parts={SIDES: 1},
    reference=_square_and_map,
    draw=_draw_critic,
    edits=_edit_critic,
    judge=_judge_critic,
    leaves_out=("exposure_lab.networks.receptive",),
)

IN_YOUR_WORDS = WrittenQuestion(
    "03.in-your-words",
    "The chapter's trained critic calls a photo real that is far too dark, and calls a good "
    "correction fake. Explain in three to five sentences why that is no failure of its training, "
    "and which other part of the method sees to the exposure.",
    points=3,
    objective="explain what a discriminator learns to tell, and what it does not",
    after="03.explain",
    rubric=(
        "Says that D is taught where a picture comes from, camera or generator, and never how well "
        "it is exposed.",
        "Says that a logit sees one patch, where traces of a generator, such as its texture, show "
        "more clearly than the brightness of the whole.",
        "Says that the L1 term pulls the brightness towards the target.",
    ),
)

QUESTIONS: tuple[GradedQuestion, ...] = (
    PREDICT_CRITIC,
    RECEPTIVE_FIELD,
    SEEN_PIXELS,
    PATCH_MAP,
    EXPLAIN,
)
WRITTEN: tuple[WrittenQuestion, ...] = (IN_YOUR_WORDS,)
