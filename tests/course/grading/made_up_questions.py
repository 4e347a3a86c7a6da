"""Questions that grading is tried on: a function, a value, and a value that judges itself."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from exposure_lab.course.graded.question import EXACT, Case, GradedQuestion, Variant


def draw_factor(rng: np.random.Generator) -> Variant:
    return {"factor": int(rng.integers(2, 9))}


def scale_cases(_variant: Variant, rng: np.random.Generator) -> list[Case]:
    cases = [Case("positive values", (rng.random(4),)) for _ in range(2)]
    return [*cases, Case("negative values", (-rng.random((2, 3)),))]


def scale_reference(variant: Variant) -> Callable[..., Any]:
    return lambda values: values * variant["factor"]


def scale_mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    return {
        "they were divided": lambda values: values / variant["factor"],
        "negative values were left out": lambda values: np.maximum(values, 0) * variant["factor"],
    }


def double_reference(variant: Variant) -> int:
    return int(variant["factor"]) * 2


def judge_letters(variant: Variant, got: Any) -> Mapping[str, str | None]:
    right = got == {"A", "C"}
    return {"every letter": None if right else "Expected other letters: read again."}


def letters_reference(_variant: Variant) -> set[str]:
    return {"A", "C"}


SCALE = GradedQuestion(
    id="01.scale",
    name="scale",
    objective="scale values",
    what="the scaled values",
    parts={"positive values": 2, "negative values": 1},
    reference=scale_reference,
    cases=scale_cases,
    draw=draw_factor,
    mistakes=scale_mistakes,
)
DOUBLE = GradedQuestion(
    id="01.double",
    name="doubled",
    objective="double a number",
    what="twice the factor",
    parts={"the number": 1},
    reference=double_reference,
    draw=draw_factor,
    tolerance=EXACT,
)
LETTERS = GradedQuestion(
    id="01.letters",
    name="letters",
    objective="choose letters",
    what="letters",
    parts={"every letter": 2},
    reference=letters_reference,
    judge=judge_letters,
)
QUESTIONS = (SCALE, DOUBLE, LETTERS)
WRITTEN = ()
