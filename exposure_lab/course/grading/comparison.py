"""Comparison of what an answer gave with what the reference gave, without torch.

It serves the grader, on evidence from the sandbox, and `check`, on values of the chapter's kernel.
"""

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from exposure_lab.course.graded.question import Tolerance
from exposure_lab.course.grading.wire import OtherValue, TensorValue


def same(got: Any, expected: Any, tolerance: Tolerance) -> bool:
    """Whether two values are of one kind and shape, and their numbers differ by no more than this.

    A list counts as a tuple, an array without axes as its number, and a whole number as the float
    of its value; a truth value counts as no number, and NaN as equal to nothing.
    """
    return explain(got, expected, tolerance, "") is None


def explain(
    got: Any,
    expected: Any,
    tolerance: Tolerance,
    what: str,
    mistakes: Mapping[str, Any] | None = None,
) -> str | None:
    """Say in one sentence why a value is wrong; None where it is right.

    Args:
        got: what the answer gave.
        expected: what the reference gave.
        tolerance: the largest difference that counts as none.
        what: what the answer should give, as in "Expected **the photo**, but ...".
        mistakes: cause, as part of the sentence, to what an answer with that mistake gives.
    """
    if sentence := _explain_kind(got, expected, what):
        return sentence
    if deviation(got, expected, tolerance) <= 1:
        return None
    if _any_not_finite(got) and not _any_not_finite(expected):
        return (
            f"Expected {what} in finite numbers, but it holds NaN or infinity: look for a root or "
            "logarithm of zero or less, or a division by zero."
        )
    for cause, wrong in (mistakes or {}).items():
        if deviation(got, wrong, tolerance) <= 1:
            return f"Expected {what}, but {cause}."
    return f"Expected {what}, but the values differ: go through the steps one by one."


def _explain_kind(got: Any, expected: Any, what: str) -> str | None:
    """Say why a value is of the wrong kind or shape; None where it is of the right one."""
    if got is None or got is Ellipsis:
        return f"Expected {what}, but got nothing: is a `return` missing?"
    if isinstance(expected, Mapping):
        if not isinstance(got, Mapping):
            return f"Expected {what} as a dictionary, but got {in_words(got)}."
        if set(got) != set(expected):
            return f"Expected {what} with one entry for each key, but keys are missing or new."
        pairs = [(got[key], expected[key]) for key in expected]
        return next((line for pair in pairs if (line := _explain_kind(*pair, what))), None)
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        if not isinstance(got, Sequence) or isinstance(got, str):
            return f"Expected {what} as a list or tuple, but got {in_words(got)}."
        if len(got) != len(expected):
            return f"Expected {what} with {len(expected)} entries, but got {len(got)}."
        pairs = list(zip(got, expected, strict=True))
        return next((line for pair in pairs if (line := _explain_kind(*pair, what))), None)
    right = in_words(_plain(expected))
    if in_words(_plain(got)) != right:
        axes = " without axes" if in_words(got) == right else ""
        return f"Expected {what} as {right}, but got {in_words(got)}{axes}."
    return _explain_shape(_numbers(_plain(got)), _numbers(_plain(expected)), what)


def _explain_shape(got: Any, expected: Any, what: str) -> str | None:
    if not isinstance(expected, np.ndarray) or got.shape == expected.shape:
        return None
    if got.ndim != expected.ndim:
        cause = "an axis is too many or too few"
    elif sorted(got.shape) == sorted(expected.shape):
        cause = "the axes are in another order"
    else:
        cause = "look at what each step does to the size"
    return f"Expected {what} in shape {expected.shape}, but got {got.shape}: {cause}."


def deviation(got: Any, expected: Any, tolerance: Tolerance) -> float:
    """Largest difference between two values, in units of what is tolerated.

    Returns:
        Up to 1 where they count as the same; infinity where they differ in kind, shape or text,
        where a number is NaN, or where nothing is tolerated.
    """
    if isinstance(expected, Mapping):
        if not isinstance(got, Mapping) or set(got) != set(expected):
            return math.inf
        pairs = [(got[key], expected[key]) for key in expected]
        return max((deviation(*pair, tolerance) for pair in pairs), default=0.0)
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        if not isinstance(got, Sequence) or isinstance(got, str) or len(got) != len(expected):
            return math.inf
        pairs = list(zip(got, expected, strict=True))
        return max((deviation(*pair, tolerance) for pair in pairs), default=0.0)
    got, expected = _numbers(_plain(got)), _numbers(_plain(expected))
    if isinstance(expected, np.ndarray):
        alike = isinstance(got, np.ndarray) and got.shape == expected.shape
        return _distance(got, expected, tolerance) if alike else math.inf
    if _is_number(expected):
        return _distance(got, expected, tolerance) if _is_number(got) else math.inf
    return 0.0 if type(got) is type(expected) and got == expected else math.inf


def _distance(got: Any, expected: Any, tolerance: Tolerance) -> float:
    got, expected = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    equal = got == expected  # two infinities of one sign too
    if equal.all():
        return 0.0
    allowed = tolerance.absolute + tolerance.relative * np.abs(expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        units = np.where(equal, 0.0, np.abs(got - expected) / allowed)
    return float(np.nan_to_num(units, nan=np.inf).max())


def _any_not_finite(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_any_not_finite, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_any_not_finite, value))
    value = _numbers(_plain(value))
    if isinstance(value, np.ndarray):
        return not np.isfinite(value.astype(np.float64)).all()
    return _is_number(value) and not math.isfinite(value)


def _plain(value: Any) -> Any:
    """A number in place of an array or a tensor without axes."""
    numbers = _numbers(value)
    if isinstance(numbers, np.ndarray | np.generic) and numbers.ndim == 0:
        return numbers.item()
    return value


def _numbers(value: Any) -> Any:
    """The numpy array of a tensor, here or from the sandbox; any other value as it is."""
    if isinstance(value, TensorValue):
        return value.array
    return value.detach().cpu().numpy() if _is_tensor(value) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, TensorValue) or type(value).__name__ == "Tensor"


def in_words(value: Any) -> str:
    """Name the kind of a value in a sentence, such as ``a numpy array``."""
    if value is None:
        return "nothing"
    if isinstance(value, np.ndarray):
        return "a numpy array"
    if _is_tensor(value):
        return "a torch tensor"
    if _is_number(value):
        return "a number"
    if isinstance(value, OtherValue):
        return f"a value of type {value.type_name}"
    names = {bool: "a truth value", str: "a text", set: "a set", dict: "a dictionary"}
    names |= {list: "a list", tuple: "a list"}
    if type(value) in names:
        return names[type(value)]
    return (
        "a function that was not called"
        if callable(value)
        else (f"a value of type {type(value).__name__}")
    )
