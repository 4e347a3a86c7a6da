"""Visible check of a graded question: the grader's judge, on inputs that everybody may see.

It runs the answer in the chapter's kernel. So it is help and no mark: the grader draws other inputs
and runs them where nothing can be forged.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from exposure_lab.course.expectations import Wrong, quote
from exposure_lab.course.graded.question import (
    VISIBLE_SEED,
    Case,
    GradedQuestion,
    Variant,
    no_entries,
)
from exposure_lab.course.graded.registry import graded_questions
from exposure_lab.course.grading.comparison import in_words
from exposure_lab.course.grading.evidence import CaseEvidence, Evidence
from exposure_lab.course.grading.judge import PartVerdict, judge_question
from exposure_lab.course.grading.references import Prepared, as_in_the_sandbox, prepare
from exposure_lab.course.grading.wire import WireError, decode, encode
from exposure_lab.errors import ChapterError, GradingError

Limit = Callable[[], AbstractContextManager[None]]
"""Makes the block in which an answer may run for so long."""


class Partly(Wrong):
    """An answer is wrong in some parts; the message is the sentence of the first of them."""

    def __init__(self, sentence: str, earned: int) -> None:
        super().__init__(sentence)
        self.earned = earned
        """Points of the parts that are right."""


class VisibleCheck:
    """Check of one question in one variant."""

    def __init__(self, question_id: str, variant: Variant) -> None:
        """Find the question and compute what its reference gives on the visible inputs.

        Args:
            question_id: such as ``01.render-ev``.
            variant: what the release drew for it.

        Raises:
            ChapterError: no such graded question, or it has no such variant.
        """
        self.question = _find(question_id)
        self.variant = variant
        # Mistakes are computed only for an answer that is wrong: they take as long again, each.
        self.prepared = self._prepare(replace(self.question, mistakes=no_entries))

    def judge(self, answer: Any, limit: Limit) -> None:
        """Return nothing for a right answer.

        Args:
            answer: function or value.
            limit: block in which the answer runs.

        Raises:
            Partly: it is wrong, with one sentence for the student.
        """
        with limit():
            evidence = self._run(answer)
        verdicts = self._verdicts(self.prepared, evidence)
        if all(verdict.right for verdict in verdicts):
            return
        earned = sum(self.question.parts[one.part] for one in verdicts if one.right)
        verdicts = self._verdicts(self._prepare(self.question), evidence)
        raise Partly(next(one.sentence for one in verdicts if not one.right), earned)

    def _prepare(self, question: GradedQuestion) -> Prepared:
        try:
            with as_in_the_sandbox():
                return prepare(question, self.variant, VISIBLE_SEED)
        except (GradingError, LookupError, TypeError, ValueError) as error:
            raise ChapterError(
                f"Expected the variant of {question.id} as the release wrote it, but "
                f"{json.dumps(self.variant, default=str)} is another: bring the check's cell back."
            ) from error

    def _verdicts(self, prepared: Prepared, evidence: Evidence) -> list[PartVerdict]:
        return judge_question(prepared.reference, evidence, self.question)

    def _run(self, answer: Any) -> Evidence:
        """Run the answer as the sandbox does, on arguments that are made anew for each call."""
        inputs, cases = self.prepared.inputs, self.prepared.reference.cases
        if inputs is None:
            return Evidence(self.question.id, (_encode(answer),))
        # A harness may take something else, such as a pair of functions.
        if self.question.harness is None and not callable(answer):
            raise Partly(
                f"Expected a function, but got {in_words(answer)}: hand in its name without "
                "calling it.",
                0,
            )
        pairs = zip(cases, inputs, strict=True)
        results = tuple(self._call(answer, case.part, given) for case, given in pairs)
        return Evidence(self.question.id, results)

    def _call(self, answer: Any, part: str, given: list[Any]) -> CaseEvidence:
        arguments = tuple(decode(argument, tensors=True) for argument in given)
        try:
            with as_in_the_sandbox():
                result = self.question.run(answer, Case(part, arguments))
        except NotImplementedError:
            raise Partly("Expected a result, but the function is still to be written.", 0) from None
        except (Exception, SystemExit) as error:
            return CaseEvidence(raised=quote(error))
        changed = [encode(argument) for argument in arguments] != given
        return replace(_encode(result), changed=changed)


def _find(question_id: str) -> GradedQuestion:
    """Find a graded question of the package. Raises ChapterError."""
    known: Mapping[str, GradedQuestion] = graded_questions(question_id.partition(".")[0])
    if question_id not in known:
        raise ChapterError(
            f"Unknown graded question {question_id!r}; known in its chapter: "
            f"{', '.join(known) or 'none'}."
        )
    return known[question_id]


def _encode(value: Any) -> CaseEvidence:
    try:
        return CaseEvidence(encode(value))
    except WireError as error:
        return CaseEvidence(raised=f"what cannot be carried out of the sandbox, {error}")
