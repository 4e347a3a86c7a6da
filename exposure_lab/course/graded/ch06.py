"""Graded questions of chapter 06, training."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from exposure_lab.course.graded.ch06_generator_loss import GENERATOR_LOSS
from exposure_lab.course.graded.ch06_learning_rate import LEARNING_RATE
from exposure_lab.course.graded.ch06_resume_state import RESUME_STATE
from exposure_lab.course.graded.ch06_train_step import TRAIN_STEP
from exposure_lab.course.graded.question import EXACT, GradedQuestion, Variant, WrittenQuestion
from exposure_lab.course.graded.several_numbers import Number, explain_numbers

BOTH = "the steps of an epoch and its last batch"


def _draw_counts(rng: np.random.Generator) -> Variant:
    """Draw a batch and a number of images such that the last batch is clearly not a full one."""
    batch = int(rng.integers(28, 97))
    return {
        "batch": batch,
        "images": batch * int(rng.integers(22, 41)) + int(rng.integers(5, batch - 5)),
    }


def _edit_counts(variant: Variant) -> Mapping[str, str]:
    return {
        "A set has 1,000 images, a batch 48.": (
            f"A set has {variant['images']:,} images, a batch {variant['batch']}."
        )
    }


def _count(variant: Variant) -> tuple[int, int]:
    """Steps of an epoch, and images in its last batch."""
    full, rest = divmod(variant["images"], variant["batch"])
    return full + 1, rest


def _judge_counts(variant: Variant, value: Any) -> Mapping[str, str | None]:
    images, batch, (steps, last) = variant["images"], variant["batch"], _count(variant)
    numbers = [
        Number(
            "the steps of an epoch",
            steps,
            {
                "these are images: each step takes a whole batch of them": images,
                "these steps leave some images over: the rest is a step too": steps - 1,
                "it is a fraction: nobody takes part of a step": images / batch,
            },
        ),
        Number(
            "the images in the last batch",
            last,
            {
                "it is a full batch: the images run out": batch,
                "it is what the last batch lacks: how many images does it hold?": batch - last,
                "the full batches were counted once more: subtract them": images,
            },
        ),
    ]
    return {BOTH: explain_numbers(value, numbers, EXACT)}


STEPS_PER_EPOCH = GradedQuestion(
    id="06.steps-per-epoch",
    name="predicted",
    objective="count the steps of a run before it starts",
    what="the steps of an epoch and the size of its last batch",
    parts={BOTH: 1},
    reference=_count,
    draw=_draw_counts,
    edits=_edit_counts,
    judge=_judge_counts,
)

IN_YOUR_WORDS = WrittenQuestion(
    id="06.in-your-words",
    prompt="During a run the generator's adversarial loss hardly moves, and so a friend wants to "
    "stop it: nothing is being learned any more. Explain in three to five sentences why this curve "
    "does not show that, and what you would look at instead.",
    points=3,
    objective="say which training curve shows progress and which does not",
    after="06.resume-state",
    rubric=(
        "Says that the adversarial loss is a result against an opponent, and no distance to a "
        "goal.",
        "Says that the discriminator learns as well, so that an equal loss in a later epoch was "
        "reached against a better opponent.",
        "Names what shows progress instead: a distance such as L1 or PSNR, on photos that were "
        "held out.",
    ),
)

QUESTIONS: tuple[GradedQuestion, ...] = (
    STEPS_PER_EPOCH,
    LEARNING_RATE,
    GENERATOR_LOSS,
    TRAIN_STEP,
    RESUME_STATE,
)
WRITTEN: tuple[WrittenQuestion, ...] = (IN_YOUR_WORDS,)
