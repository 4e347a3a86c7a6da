"""Helpers of a judge: check a value of an answer, or raise `Wrong` with a sentence for the student.

The sentence says what was expected, what came, and a likely cause.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

MESSAGE_LENGTH = 160
"""Characters that a verdict quotes of an error message that is not ours."""


class Wrong(Exception):
    """An answer is wrong; the message is one sentence for the student."""


def call(answer: Any, *arguments: Any, **options: Any) -> Any:
    """Call the student's function on copies of the arrays and return its result.

    Raises:
        Wrong: not callable, raises, returns nothing, or changes an array that it was given.
    """
    if not callable(answer):
        raise Wrong(
            f"Expected a function, but got {_type_in_words(answer)}: hand in its name without "
            "calling it."
        )
    copies = [np.copy(value) if isinstance(value, np.ndarray) else value for value in arguments]
    try:
        result = answer(*copies, **options)
    except NotImplementedError:
        raise Wrong("Expected a result, but the function is still to be written.") from None
    except (Exception, SystemExit) as error:
        raise Wrong(
            f"Expected a result, but the function raised {quote(error)}: "
            "call it yourself to see the line."
        ) from None
    if result is None or result is Ellipsis:
        raise Wrong("Expected a result, but the function returned none: is its `return` missing?")
    for original, copy in zip(arguments, copies, strict=True):
        if isinstance(original, np.ndarray) and not np.array_equal(original, copy):
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
    """Check that a value is a numpy array of this shape with finite numbers, else raise `Wrong`.

    Args:
        value: what the answer gave.
        shape: the shape that is expected.
        what: name of the value in a sentence, as in "the rendered picture".

    Returns:
        The array as float64.
    """
    if not isinstance(value, np.ndarray):
        raise Wrong(f"Expected {what} as a numpy array, but got {_type_in_words(value)}.")
    _check_shape(value.shape, shape, what)
    if value.dtype.kind not in "fiub":
        raise Wrong(f"Expected {what} to hold real numbers, but its type is {value.dtype}.")
    if value.dtype == np.float16:
        raise Wrong(
            f"Expected {what} in 32 bits or more, but its type is float16, which holds about three "
            "digits: compute it in float32."
        )
    if not np.isfinite(value).all():
        raise Wrong(_not_finite(what))
    return value.astype(np.float64)


def tensor(value: Any, shape: tuple[int, ...], what: str) -> "Tensor":
    """Check that a value is a torch tensor of this shape with finite numbers; see `array`."""
    import torch

    if not isinstance(value, torch.Tensor):
        raise Wrong(f"Expected {what} as a torch tensor, but got {_type_in_words(value)}.")
    _check_shape(tuple(value.shape), shape, what)
    if not torch.isfinite(value).all():
        raise Wrong(_not_finite(what))
    return value


def number(value: Any, what: str) -> float:
    """Check that a value is one finite number, else raise `Wrong`.

    An array or a tensor without axes is a number too, and so is its text; a boolean is none.
    """
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, str):
        with suppress(ValueError):
            value = float(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise Wrong(f"Expected {what} as one number, but got {_type_in_words(value)}.")
    if not np.isfinite(float(value)):
        raise Wrong(_not_finite(what))
    return float(value)


def letters(value: Any, choices: str) -> set[str]:
    """Check that a value names some of the offered letters, else raise `Wrong`.

    Any collection of letters is fine, and so is text such as ``"a, c"``, ``"AC"`` or ``"A and C"``.

    Args:
        value: what the answer gave.
        choices: the letters that the exercise offers, such as ``"ABCDE"``.

    Returns:
        The letters as capitals, at least one.
    """
    if isinstance(value, np.ndarray):
        value = value.ravel().tolist()
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, set | frozenset | list | tuple) or not all(
        isinstance(part, str) for part in parts
    ):
        example = f'{{"{choices[0]}", "{choices[-1]}"}}'
        raise Wrong(f"Expected a set of letters such as {example}, but got something else.")
    words = [word for part in parts for word in re.findall(r"\w+", part.upper()) if word != "AND"]
    chosen = set("".join(words))
    # A word in which a letter comes twice is no list of letters.
    twice = any(len(set(word)) < len(word) for word in words)
    if not chosen or twice or not chosen <= set(choices):
        raise Wrong(
            f"Expected letters from {choices[0]} to {choices[-1]}, at least one, but got others "
            "or none."
        )
    return chosen


def pair(value: Any, sentence: str) -> tuple[Any, Any]:
    """Check that a value holds two, else raise `Wrong` with the sentence.

    A tuple or a list is fine, and so is an array or a tensor of two numbers, or text such as
    ``"4, 7"``.
    """
    if isinstance(value, str):
        value = re.findall(r"[^\s,;()\[\]]+", value)
    if len(getattr(value, "shape", ())) == 1 and hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Wrong(sentence)
    return value[0], value[1]


def close(value: Any, expected: Any, tolerance: float = 1e-4, relative: float = 0.0) -> bool:
    """Whether numbers or numpy arrays differ by at most ``tolerance + relative * |expected|``."""
    return bool(np.allclose(value, expected, rtol=relative, atol=tolerance))


def close_to_any(value: Any, candidates: Any, tolerance: float = 1e-4) -> bool:
    """Whether a value agrees with at least one of the candidates; see `close`."""
    return any(close(value, candidate, tolerance) for candidate in candidates)


def first_cause(
    mistakes: Mapping[str, Any], got: Any, same: Callable[[Any, Any], bool] = close
) -> str | None:
    """The cause of the first known mistake that leads to what the answer gave.

    Args:
        mistakes: cause, as a part of a sentence, to what an answer with this mistake gives; the
            most telling first.
        got: what the answer gave.
        same: whether ``got`` and an entry of ``mistakes`` count as the same.

    Returns:
        The cause, or None where no known mistake explains the answer.
    """
    return next((cause for cause, wrong in mistakes.items() if same(got, wrong)), None)


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


def _type_in_words(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "a numpy array"
    if type(value).__name__ == "Tensor":
        return "a torch tensor"
    if callable(value):
        return "a function that was not called"
    return f"a value of type {type(value).__name__}"


def quote(error: BaseException) -> str:
    """Type and first line of an error, without a full stop: our sentence goes on after it."""
    lines = str(error).strip().splitlines()
    message = lines[0].strip().rstrip(".") if lines else ""
    if len(message) > MESSAGE_LENGTH:
        message = message[:MESSAGE_LENGTH] + " ..."
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
