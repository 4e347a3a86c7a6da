"""Questions of the capstone as its template asks them, judged as a release's are.

The template belongs to no release: its widths, orders and labels are those of
`exposure_lab.course.graded.ch90_variant.BOOK`.
"""

from contextlib import nullcontext
from functools import partial
from typing import Any

from exposure_lab.course.checks import Question
from exposure_lab.course.graded.ch90 import QUESTIONS as GRADED
from exposure_lab.course.graded.ch90_variant import BOOK
from exposure_lab.course.graded.question import GradedQuestion
from exposure_lab.course.graded.visible_check import VisibleCheck


def _judge(question: GradedQuestion, answer: Any) -> None:
    variant = {key: BOOK[key] for key in question.variant(0)}
    VisibleCheck(question.id, variant).judge(answer, nullcontext)  # `check` itself has a limit


QUESTIONS = tuple(Question(one.id, one.points, partial(_judge, one)) for one in GRADED)
