"""Instant feedback on an exercise: one line that says right, or what was expected and why it fails.

``check("01.render-ev", render_ev)`` never raises for a wrong answer, so the chapter goes on. It is
help for the student and worth no mark: marks come from `course.grading`, on other inputs.

How a question is written. Chapter 01 keeps its questions in ``questions/ch01.py``, in a tuple
``QUESTIONS``; `check` finds the file by the two digits before the dot. A question is its id, its
points and a judge. The judge takes the answer, returns nothing where it is right, and raises
`Wrong` with one sentence where it is not, most easily through the helpers below::

    def _double(answer: Any) -> None:
        given = np.array([0.1, 0.4])
        result = array(call(answer, given), given.shape, "the doubled values")
        expect(
            not close(result, given**2),
            "Expected twice each value, but got its square: look at the operator.",
        )
        expect(close(result, given * 2), "Expected twice each value, but some differ.")

    QUESTIONS = (Question("01.double", 2, _double),)

A sentence says what was expected of the result and a likely cause, never the answer. It holds no
raw float, so that the same answer gets the same line on every machine. Test the mistakes that
students really make first, from the most telling to the vaguest. Each question has a test that its
solution passes and that at least three such mistakes fail.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from numbers import Real
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.errors import ChapterError

if TYPE_CHECKING:
    from torch import Tensor

TIME_LIMIT = 10.0
"""Seconds that judging an answer may take."""

MESSAGE_LENGTH = 160
"""Characters of a foreign error message that a verdict quotes."""


class Wrong(Exception):
    """What is wrong with an answer, in one sentence for the student."""


class TooSlow(BaseException):
    """Time is up; no ``Exception``, so that an answer's own ``except Exception`` lets it pass."""


@dataclass(frozen=True)
class Question:
    """One exercise: its id such as ``01.render-ev``, its points, and who judges the answer."""

    id: str
    points: int
    judge: Callable[[Any], None]


def check(question_id: str, answer: Any) -> None:
    """Print the verdict on an answer in one line.

    Args:
        question_id: such as ``01.render-ev``.
        answer: what the exercise asks for: a function, a number, a set of letters.

    Raises:
        ChapterError: there is no such question (the notebook is wrong, not the answer).
    """
    print(verdict(question_id, answer))


def verdict(question_id: str, answer: Any) -> str:
    """The line that `check` prints. Raises ChapterError."""
    asked = question(question_id)
    try:
        if answer is None or answer is Ellipsis:
            raise Wrong(
                "Expected an answer, but there is none yet: fill in the cell above, run it."
            )
        with _time_limit(TIME_LIMIT):
            asked.judge(answer)
    except Wrong as wrong:
        return f"{asked.id}: not yet. {wrong}"
    except TooSlow:
        return (
            f"{asked.id}: not yet. Expected a result within {TIME_LIMIT:g} seconds, but none came:"
            " look for a loop that never ends."
        )
    except Exception as error:  # an answer so odd that the judge itself stumbles over it
        return f"{asked.id}: not yet. The answer could not be judged ({_quote(error)})."
    return f"{asked.id}: right, {asked.points} {'point' if asked.points == 1 else 'points'}."


def question(question_id: str) -> Question:
    """Find a question by its id. Raises ChapterError."""
    chapter = question_id.partition(".")[0]
    try:
        module = import_module(f"exposure_lab.course.questions.ch{chapter}")
    except ModuleNotFoundError as error:
        raise ChapterError(
            f"Expected a question such as 01.render-ev, but no chapter has {question_id!r}."
        ) from error
    questions: dict[str, Question] = {one.id: one for one in module.QUESTIONS}
    if question_id not in questions:
        raise ChapterError(
            f"Expected one of {', '.join(questions)}, but got the question {question_id!r}."
        )
    return questions[question_id]


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
            f"Expected a result, but the function raised {_quote(error)}: "
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


def close(value: Any, expected: Any, tolerance: float = 1e-4) -> bool:
    """Whether numbers or numpy arrays agree to within an absolute tolerance."""
    return bool(np.allclose(value, expected, rtol=0, atol=tolerance))


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` in this block after so many seconds; leave every signal as it was.

    Only Python code in the main thread can be interrupted, on systems that have SIGALRM; elsewhere
    there is no limit.
    """
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    handler = signal.signal(signal.SIGALRM, stop)
    # It rings again each second, for an answer whose bare `except:` swallowed the first ring.
    waiting, interval = signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if waiting:
            signal.setitimer(signal.ITIMER_REAL, waiting, interval)


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


def _quote(error: BaseException) -> str:
    """Type and first line of a foreign error."""
    lines = str(error).strip().splitlines()
    message = lines[0].strip() if lines else ""
    if len(message) > MESSAGE_LENGTH:
        message = message[:MESSAGE_LENGTH] + " ..."
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
