"""Instant feedback on an exercise: one line that says right, or what was expected and why it fails.

``check("01.render-ev", render_ev)`` never raises for a wrong answer, so the chapter goes on. It is
help for the student and no mark.

How a question is written. Chapter 01 keeps its questions in ``questions/ch01.py``, in a tuple
``QUESTIONS``; `check` finds the file by the two digits before the dot. A question is its id, its
points and a judge. The judge takes the answer, returns nothing where it is right, and raises
`Wrong` with one sentence where it is not, most easily through the helpers of
`course.expectations`::

    def _judge_double(answer: Any) -> None:
        values = np.array([0.1, 0.4])
        doubled = array(call(answer, values), values.shape, "the doubled values")
        expect(
            not close(doubled, values**2),
            "Expected twice each value, but got its square: look at the operator.",
        )
        expect(close(doubled, values * 2), "Expected twice each value, but some differ.")

    QUESTIONS = (Question("01.double", 2, _judge_double),)

A question that offers lettered sentences is a `course.multiple_choice.MultipleChoice`.

A sentence says what was expected of the result and a likely cause, never the answer. It holds no
raw float, so that the same answer gets the same line on every machine. Test the mistakes that
students really make first, from the most telling to the vaguest. Each question has a test that its
solution passes and that at least three such mistakes fail.

In the edition that a course hands out, a question may have a variant. Then ``check`` judges by the
graded form of the question, see `course.graded`, on inputs that everybody may see.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from exposure_lab.course.expectations import Wrong, quote
from exposure_lab.course.time_limit import TooSlow, time_limit
from exposure_lab.errors import ChapterError

TIME_LIMIT = 10.0
"""Seconds that judging an answer may take."""


@dataclass(frozen=True)
class Question:
    """An exercise: its id such as ``01.render-ev``, its points, and the judge of its answer."""

    id: str
    points: int
    judge: Callable[[Any], None]
    """Returns nothing for a right answer and raises `Wrong` for another."""


def check(question_id: str, answer: Any, variant: Mapping[str, Any] | None = None) -> None:
    """Print the verdict on an answer in one line.

    Args:
        question_id: such as ``01.render-ev``.
        answer: what the exercise asks for: a function, a number, a set of letters.
        variant: what a course's release drew for the question; none in the book itself.

    Raises:
        ChapterError: there is no such question (the notebook is wrong, not the answer).
    """
    print(verdict(question_id, answer, variant))


def verdict(question_id: str, answer: Any, variant: Mapping[str, Any] | None = None) -> str:
    """Judge an answer and return the line that `check` prints. Raises ChapterError."""
    limit = partial(time_limit, TIME_LIMIT)
    if variant:
        # Only here: the book's own checks need none of the grader.
        from exposure_lab.course.graded.visible_check import VisibleCheck

        visible = VisibleCheck(question_id, variant)
        judge = partial(visible.judge, answer, limit)
        return _describe(question_id, visible.question.points, answer, judge)
    question = find_question(question_id)

    def judge_in_time() -> None:
        with limit():
            question.judge(answer)

    return _describe(question.id, question.points, answer, judge_in_time)


def _describe(question_id: str, points: int, answer: Any, judge: Callable[[], None]) -> str:
    """Run a judge and turn what it raises, or that it raises nothing, into a line."""
    of = f"{points} {'point' if points == 1 else 'points'}"
    try:
        if answer is None or answer is Ellipsis:
            raise Wrong("Expected an answer, but there is none: fill in the cell above and run it.")
        judge()
    except Wrong as wrong:
        earned = getattr(wrong, "earned", 0)
        return f"{question_id}: {f'{earned} of {of}' if earned else 'not yet'}. {wrong}"
    except TooSlow:
        return (
            f"{question_id}: not yet. Expected a result within {TIME_LIMIT:g} seconds, but none "
            "came: look for a loop that never ends."
        )
    except Exception as error:  # an answer so odd that the judge itself stumbles over it
        return f"{question_id}: not yet. The answer could not be judged ({quote(error)})."
    return f"{question_id}: right, {of}."


def find_question(question_id: str) -> Question:
    """Find a question by its id. Raises ChapterError."""
    chapter = question_id.partition(".")[0]
    try:
        module = import_module(f"exposure_lab.course.questions.ch{chapter}")
    except ModuleNotFoundError as error:
        raise ChapterError(
            f"Unknown question {question_id!r}: it names no chapter, as 01.render-ev does."
        ) from error
    questions: dict[str, Question] = {question.id: question for question in module.QUESTIONS}
    if question_id not in questions:
        raise ChapterError(f"Unknown question {question_id!r}; known: {', '.join(questions)}.")
    return questions[question_id]
