"""References: what the right answer, and each known mistake, gives on inputs drawn for a grading.

They are computed once a batch, in a process that runs no student's code; the judge only reads them,
so that it needs no torch.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant
from exposure_lab.course.grading.wire import CASE_SEED, decode, encode
from exposure_lab.errors import GradingError


@dataclass(frozen=True)
class CaseReference:
    """What a call should give, and what known mistakes give in its place; values as on the wire."""

    part: str
    expected: Any
    mistakes: dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """What a question's answers are held against in one grading."""

    question: str
    what: str
    parts: dict[str, int]
    variant: dict[str, Any]
    tolerance: Tolerance
    cases: tuple[CaseReference, ...]
    own_judge: bool
    """Whether the question judges its value itself, in place of a comparison."""

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Reference":
        """Reference from what `to_json` gave."""
        cases = tuple(CaseReference(**case) for case in data["cases"])
        return cls(**{**data, "cases": cases, "tolerance": Tolerance(**data["tolerance"])})


@dataclass(frozen=True)
class Prepared:
    """One grading of a question: what the sandbox is given, and what it is held against."""

    inputs: list[list[Any]] | None
    """Arguments of each call as on the wire; None for an answer that is a value."""
    reference: Reference


def prepare(question: GradedQuestion, variant: Variant, seed: int, threads: int = 1) -> Prepared:
    """Draw the hidden inputs of a question and compute what its reference gives on them.

    Args:
        question: the question.
        variant: what the release drew for it.
        seed: of this grading; another seed gives other inputs.
        threads: of torch; the sandbox has one, and `calibrate` tries others.

    Raises:
        GradingError: the reference fails on its own inputs.
    """
    right, wrong = question.reference(variant), question.mistakes(variant)
    if question.measure is not None:
        (call,) = question.draw_cases(variant, seed)
        cases = [CaseReference(call.part, encode(call.known), {})]
        inputs: list[list[Any]] | None = [[encode(argument) for argument in call.arguments]]
    elif question.cases is None:
        (part, *_) = question.parts
        mistakes = {cause: encode(value) for cause, value in wrong.items()}
        cases = [CaseReference(part, encode(right), mistakes)]
        inputs = None
    else:
        drawn = question.draw_cases(variant, seed)
        inputs = [[encode(argument) for argument in case.arguments] for case in drawn]
        pairs = zip(drawn, inputs, strict=True)
        with _threads(threads):
            cases = [_refer(question, case, given, right, wrong) for case, given in pairs]
    reference = Reference(
        question.id,
        question.what,
        dict(question.parts),
        dict(variant),
        question.tolerance,
        tuple(cases),
        own_judge=question.judge is not None or question.measure is not None,
    )
    return Prepared(inputs, reference)


def _refer(
    question: GradedQuestion, case: Case, given: list[Any], right: Any, wrong: Any
) -> CaseReference:
    try:
        expected = _value(question, right, case.part, given)
    except Exception as error:
        raise GradingError(
            f"Expected the reference of {question.id} to run on its own inputs, but it raised "
            f"{type(error).__name__}: {error}: mend the question."
        ) from error
    mistakes = {}
    for cause, answer in wrong.items():
        with suppress(Exception):  # a mistake that cannot happen on these inputs explains nothing
            mistakes[cause] = _value(question, answer, case.part, given)
    return CaseReference(case.part, expected, mistakes)


def _value(question: GradedQuestion, answer: Any, part: str, given: list[Any]) -> Any:
    """What an answer gives on arguments that are made anew, since it may change them."""
    arguments = tuple(decode(argument, tensors=True) for argument in given)
    with as_in_the_sandbox():
        return encode(question.run(answer, Case(part, arguments)))


@contextmanager
def as_in_the_sandbox() -> Iterator[None]:
    """Random numbers of this process as the sandbox sets them before each call."""
    import torch

    states = random.getstate(), np.random.get_state()
    random.seed(CASE_SEED)
    np.random.seed(CASE_SEED)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(CASE_SEED)
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])


@contextmanager
def _threads(number: int) -> Iterator[None]:
    """So many threads of torch in this process."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
