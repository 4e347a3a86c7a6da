"""Made-up questions of chapter 01, as the package or an instructor's folder has them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from exposure_lab.course.graded.question import (
    Case,
    GradedQuestion,
    Tolerance,
    Variant,
    WrittenQuestion,
)


def _draw(rng: np.random.Generator) -> Variant:
    return {"factor": int(rng.integers(2, 100))}


def _edits(variant: Variant) -> Mapping[str, str]:
    return {
        "twice each value": f"{variant['factor']} times each value",
        '"""Twice x."""': f'"""x, {variant["factor"]} times."""',
    }


def _note(variant: Variant) -> str:
    return f"The factor is {variant['factor']}, and a {{term}}`stop` has nothing to do with it."


class _Scaled:
    """Times a factor; what the cases of both parts are compared with."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, x: Any) -> Any:
        return x * self.factor


def _reference(variant: Variant) -> Callable[[Any], Any]:
    return _Scaled(variant["factor"])


def _mistakes(variant: Variant) -> Mapping[str, Any]:
    return {
        "the factor was added: multiply": _Added(variant["factor"]),
        "the values were halved: mind the direction": _Scaled(1 / variant["factor"]),
    }


class _Added(_Scaled):
    def __call__(self, x: Any) -> Any:
        return x + self.factor


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    return [
        Case("values above zero", (rng.random(5) + 1,)),
        Case("values below zero", (-rng.random((2, 3)) - 1,)),
    ]


def _number(variant: Variant) -> float:
    return float(variant["factor"] ** 2)


def _number_mistakes(variant: Variant) -> Mapping[str, Any]:
    return {"it was not squared: square it": float(variant["factor"])}


SCALE = GradedQuestion(
    "01.scale",
    "scale",
    "multiply values",
    "the scaled values",
    parts={"values above zero": 1, "values below zero": 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    note=_note,
    mistakes=_mistakes,
    leaves_out=("exposure_lab.images.srgb",),
)

SQUARE = GradedQuestion(
    "01.square",
    "squared",
    "square a number",
    "the square",
    parts={"the square": 2},
    reference=_number,
    draw=_draw,
    mistakes=_number_mistakes,
    tolerance=Tolerance(0.0, 0.5),
)

WORDS = WrittenQuestion(
    "01.words",
    "Say in words what a {term}`stop` is.",
    points=3,
    objective="explain a stop",
    after="01.square",
)

QUESTIONS = (SCALE, SQUARE)
WRITTEN = (WORDS,)
