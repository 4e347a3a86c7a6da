"""Short way to run made-up answers in the sandbox, for the tests of the worker."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from exposure_lab.course.grading.evidence import Evidence
from exposure_lab.course.grading.run_worker import run_worker
from exposure_lab.course.grading.sandbox.limits import Limits
from exposure_lab.course.grading.sandbox.probe import ProbeReport, probe
from exposure_lab.course.grading.submissions.answers import CellSource
from exposure_lab.course.grading.wire import decode, encode
from exposure_lab.course.grading.worker_job import WorkerQuestion

SMALL = Limits(memory=256 * 2**20, processes=24, temporary=4 * 2**20)


@cache
def report() -> ProbeReport:
    """What the sandbox holds on this machine."""
    return probe()


def require() -> None:
    """Skip, and say why, where there is no sandbox."""
    if not report().usable:
        pytest.skip(" ".join(f.sentence for f in report().findings if not f.holds))


def asked(name: str, *cases: Sequence[Any], seconds: float = 5.0, **more: Any) -> WorkerQuestion:
    """Question by the name of its answer, whose id is ``01.NAME``; without cases, a value."""
    inputs = [[encode(argument) for argument in case] for case in cases] or None
    return WorkerQuestion(f"01.{name}", name, inputs, seconds=seconds, **more)


def cell(source: str, name: str | None = None) -> CellSource:
    """Cell that answers the question of that name, or that the student added."""
    return CellSource(source, None if name is None else f"01.{name}")


def evidence(
    stages: Path,
    questions: Sequence[WorkerQuestion],
    *cells: CellSource,
    setup: str = "",
    limits: Limits = SMALL,
    sandboxed: bool = True,
) -> list[Evidence]:
    """Run the cells; give the evidence of each question, without the time that it took."""
    found = run_worker(setup, cells, questions, stages, limits=limits, sandboxed=sandboxed)
    return [replace(found[question.id], seconds=0.0) for question in questions]


def values(found: Evidence) -> list[Any]:
    """What the calls of a question gave; each must have given a value."""
    return [decode(case.value, tensors=True) for case in found.cases if case is not None]


def beside_an_honest_one(stages: Path, hostile: str, seconds: float = 2.0) -> Evidence:
    """Run a hostile answer ``f`` of no argument, then an honest one, which must have its value.

    Gives:
        The evidence of the hostile one.
    """
    questions = [asked("f", (), seconds=seconds), asked("g", (20,))]
    cells = [cell(hostile, "f"), cell("def g(x):\n    return x + 1", "g")]
    first, second = evidence(stages, questions, *cells)
    assert [case and case.value for case in second.cases] == [21]
    assert second.limit is None
    return first
