"""Job of a worker: a submission's cells, and the questions with the inputs of this grading."""

import inspect
import json
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from exposure_lab.course.graded.question import GradedQuestion

SECONDS = 20.0
"""Wall time that a question may take where nothing else is said."""


class Source(Protocol):
    """Code of a cell, and the question that it answers, None for an added one."""

    @property
    def source(self) -> str:
        """Its code."""

    @property
    def question(self) -> str | None:
        """Its question."""


@dataclass(frozen=True)
class WorkerQuestion:
    """Question as a worker gets it: names and inputs, nothing of what is right."""

    id: str
    name: str
    cases: Sequence[Sequence[Any]] | None = None
    """Arguments of each call as on the wire; None for an answer that is a value."""
    harness: str | None = None
    """Source of the function that calls the answer."""
    harness_name: str | None = None
    seconds: float = SECONDS
    leaves_out: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def results(self) -> int:
        """How many results it gives."""
        return 1 if self.cases is None else len(self.cases)


def worker_question(
    question: GradedQuestion,
    inputs: Sequence[Sequence[Any]] | None,
    seconds: float = SECONDS,
) -> WorkerQuestion:
    """Make what a worker gets of a question.

    Args:
        question: the question.
        inputs: arguments of each call as on the wire, from `references.prepare`.
        seconds: that all its calls may take together, with the cells that they need.
    """
    return WorkerQuestion(
        question.id,
        question.name,
        inputs,
        harness=_source(question.harness),
        harness_name=None if question.harness is None else question.harness.__name__,
        seconds=seconds,
        leaves_out=question.leaves_out,
        needs=question.needs,
    )


def job_data(
    setup: str,
    cells: Sequence[Source],
    questions: Sequence[WorkerQuestion],
    *,
    threads: int,
    own_limits: dict[str, int],
) -> bytes:
    """Encode a job as the JSON that `worker.py` reads."""
    job = {
        "setup": setup,
        "cells": [{"source": cell.source, "question": cell.question} for cell in cells],
        "questions": [
            {
                "id": question.id,
                "name": question.name,
                "harness": question.harness,
                "harness_name": question.harness_name,
                "cases": question.cases,
                "seconds": question.seconds,
            }
            for question in questions
        ],
        "threads": threads,
        "limits": own_limits,
    }
    return json.dumps(job, allow_nan=False).encode("ascii")


def _source(function: Callable[..., Any] | None) -> str | None:
    return None if function is None else textwrap.dedent(inspect.getsource(function))
