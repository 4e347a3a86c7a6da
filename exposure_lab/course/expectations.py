"""Helpers of a judge: each takes a value as it should be, or says what is wrong with it.

A helper raises `Wrong` with one sentence: what was expected, what came, a likely cause.
"""

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

MESSAGE_LENGTH = 160
"""Characters of a foreign error message that a verdict quotes."""


class Wrong(Exception):
    """What is wrong with an answer, in one sentence for the student."""


def call(answer: Any, *arguments: Any, **options: Any) -> Any:
    """Call the student's function on copies of the arrays and hand back what it returns.

    Raises:
        Wrong: not callable, raises, returns nothing, or changes an array that it was given.
    """
    if not callable(answer):
        raise Wrong(
            f"Expected a function, but got {_kind(answer)}: hand in its name without calling it."
        )
    given = [np.copy(one) if isinstance(one, np.ndarray) else one for one in arguments]
    try:
        result = answer(*given, **options)
    except NotImplementedError:
        raise Wrong("Expected a result, but the function is still to be written.") from None
    except (Exception, SystemExit) as error:
        raise Wrong(
            f"Expected a result, but the function raised {quote(error)}: "
            "call it yourself to see the line."
        ) from None
    if result is None or result is Ellipsis:
        raise Wrong("Expected a result, but the function returned none: is its `return` missing?")
    for before, after in zip(arguments, given, strict=True):
        if isinstance(before, np.ndarray) and not np.array_equal(before, after):
            raise Wrong(
                "Expected the input to stay as it was, but the function changed it in place: "
                "make a new array."
            )
    return result


def expect(holds: bool, sentence: str) -> None:
    """Raise `Wrong` with the sentence where something does not hold."""
    if not holds:
        raise Wrong(sentence)


def array(value: Any, shape: tuple[int, ...], what: str) -> NDArray[np.float64]:
    """Take a numpy array of this shape with finite numbers, or raise `Wrong`.

    Args:
        value: what the answer gave.
        shape: expected.
        what: it is, as in "the rendered picture".
    """
    if not isinstance(value, np.ndarray):
        raise Wrong(f"Expected {what} as a numpy array, but got {_kind(value)}.")
    _check_shape(value.shape, shape, what)
    if value.dtype.kind not in "fiub":
        raise Wrong(f"Expected {what} to hold real numbers, but its type is {value.dtype}.")
    if not np.isfinite(value).all():
        raise Wrong(_not_finite(what))
    return value.astype(np.float64)


def tensor(value: Any, shape: tuple[int, ...], what: str) -> "Tensor":
    """Take a torch tensor of this shape with finite numbers, or raise `Wrong`; see `array`."""
    import torch

    if not isinstance(value, torch.Tensor):
        raise Wrong(f"Expected {what} as a torch tensor, but got {_kind(value)}.")
    _check_shape(tuple(value.shape), shape, what)
    if not torch.isfinite(value).all():
        raise Wrong(_not_finite(what))
    return value


def number(value: Any, what: str) -> float:
    """Take one finite number, also as an array or tensor without axes, or raise `Wrong`."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real):
        raise Wrong(f"Expected {what} as one number, but got {_kind(value)}.")
    if not np.isfinite(float(value)):
        raise Wrong(_not_finite(what))
    return float(value)


def letters(value: Any, choices: str) -> set[str]:
    """Take a set of letters, also as a list or as text such as ``"a, c"``, or raise `Wrong`.

    Args:
        value: what the answer gave.
        choices: the letters that the exercise offers, such as ``"ABCDE"``.
    """
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, set | list | tuple) or not all(isinstance(one, str) for one in value):
        example = f'{{"{choices[0]}", "{choices[-1]}"}}'
        raise Wrong(f"Expected a set of letters such as {example}, but got something else.")
    chosen = {letter.strip().upper() for letter in value}
    if not chosen or not chosen <= set(choices):
        raise Wrong(
            f"Expected letters from {choices[0]} to {choices[-1]}, at least one, but got others "
            "or none."
        )
    return chosen


def close(value: Any, expected: Any, tolerance: float = 1e-4) -> bool:
    """Whether numbers or numpy arrays agree to within an absolute tolerance."""
    return bool(np.allclose(value, expected, rtol=0, atol=tolerance))


def _check_shape(got: tuple[int, ...], expected: tuple[int, ...], what: str) -> None:
    if got == expected:
        return
    causes = {
        len(got) != len(expected): "an axis is too many or too few",
        sorted(got) == sorted(expected): "the axes are in another order",
    }
    cause = causes.get(True, "look at what each step does to the size")
    raise Wrong(f"Expected {what} in shape {expected}, but got {got}: {cause}.")


def _not_finite(what: str) -> str:
    return (
        f"Expected {what} in finite numbers, but it holds NaN or infinity: look for a root or "
        "logarithm of zero or less, or a division by zero."
    )


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "a numpy array"
    if type(value).__name__ == "Tensor":
        return "a torch tensor"
    if callable(value):
        return "a function that was not called"
    return f"a value of type {type(value).__name__}"


def quote(error: BaseException) -> str:
    """Type and first line of a foreign error, without a full stop: our sentence goes on."""
    lines = str(error).strip().splitlines()
    message = lines[0].strip().rstrip(".") if lines else ""
    if len(message) > MESSAGE_LENGTH:
        message = message[:MESSAGE_LENGTH] + " ..."
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
