"""Judge of an answer that is several numbers in order, each with mistakes of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from exposure_lab.course.graded.question import Tolerance
from exposure_lab.course.grading.comparison import explain, same
from exposure_lab.course.grading.wire import TensorValue


@dataclass(frozen=True)
class Number:
    """One of the numbers that are expected."""

    what: str
    """As in "Expected **the side of the map**, but ..."."""
    value: float
    mistakes: Mapping[str, float] = field(default_factory=dict)
    """Cause, as part of the sentence, to the number that a mistake leads to."""


def explain_numbers(value: Any, numbers: Sequence[Number], tolerance: Tolerance) -> str | None:
    """Say in one sentence which number is wrong and why; None where all are right.

    Args:
        value: a list or tuple, or an array with one axis.
        numbers: what is expected, in order.
        tolerance: largest difference that counts as none.
    """
    value = value.array if isinstance(value, TensorValue) else value
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    order = ", then ".join(number.what for number in numbers)
    if not isinstance(value, list | tuple) or len(value) != len(numbers):
        return f"Expected {len(numbers)} numbers, {order}, but got something else."
    expected = [number.value for number in numbers]
    right = [same(got, one, tolerance) for got, one in zip(value, expected, strict=True)]
    if not all(right) and same(list(value), expected[::-1], tolerance):
        return f"Expected {order}, but they came in another order."
    for got, number in zip(value, numbers, strict=True):
        if line := explain(got, number.value, tolerance, number.what, number.mistakes):
            return line
    return None
