"""Groups of questions that one sandbox serves: what one leaves out, no other of them needs."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from exposure_lab.course.grading.sandbox.modules import in_short, overlap, with_imports
from exposure_lab.errors import GradingError


class HasModules(Protocol):
    """A question, as far as its modules go."""

    @property
    def id(self) -> str:
        """Such as ``01.render-ev``."""

    @property
    def leaves_out(self) -> tuple[str, ...]:
        """Modules that would answer it."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Modules that its answer may use."""


Question = TypeVar("Question", bound=HasModules)


def group_questions(questions: Sequence[Question]) -> list[list[Question]]:
    """Put questions into as few groups as fit, each with the first that takes it.

    Raises:
        GradingError: a question names no module, or leaves out what it needs.
    """
    groups: list[list[Question]] = []
    for question in questions:
        if clash := _clash([question]):
            raise GradingError(
                f"Expected {question.id} to leave out nothing that it needs, but it does both with "
                f"{', '.join(sorted(clash))}: take one of the two away."
            )
        home = next((group for group in groups if not _clash([*group, question])), None)
        if home is None:
            groups.append([question])
        else:
            home.append(question)
    return groups


def left_out_by(questions: Sequence[HasModules]) -> tuple[str, ...]:
    """Modules that the questions of a group leave out, together."""
    return in_short(name for question in questions for name in question.leaves_out)


def _clash(questions: Sequence[HasModules]) -> set[str]:
    """Modules that one of the questions needs, itself or by an import, and one leaves out."""
    needed = in_short(name for question in questions for name in question.needs)
    return overlap(left_out_by(questions), with_imports(needed))
