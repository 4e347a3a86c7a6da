"""Calibration: how far right answers differ among machines, and how near known mistakes come.

A tolerance is good where it lies well above the one and well below the other. Both are measured in
units of the tolerance: up to 1 counts as right.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exposure_lab.course.graded.question import GradedQuestion, Tolerance
from exposure_lab.course.graded.registry import graded_questions
from exposure_lab.course.grading.comparison import deviation
from exposure_lab.course.grading.other_python import values_of_other_python
from exposure_lab.course.grading.references import CaseReference, prepare
from exposure_lab.course.grading.wire import decode
from exposure_lab.errors import unknown_name

NOISE, MISTAKE = 0.1, 1.5
"""Units of the tolerance that noise should stay below, and known mistakes above."""


@dataclass(frozen=True)
class Calibration:
    """What was measured of a question's tolerance."""

    question: str
    tolerance: Tolerance
    noise: float
    """Largest difference between right answers that machines make, in units of the tolerance."""
    nearest: float
    """Smallest difference by which a known mistake is told from right, in the same units."""
    nearest_cause: str
    """Cause of that mistake."""
    hidden: tuple[str, ...]
    """Causes of known mistakes that no call of some seed tells from right."""

    @property
    def holds(self) -> bool:
        """Whether the tolerance has its margin on both sides, and no mistake stays hidden."""
        return self.noise <= NOISE and self.nearest >= MISTAKE and not self.hidden

    @property
    def proposal(self) -> Tolerance | None:
        """A tolerance in the middle, by ratio, of noise and mistakes; None where it holds."""
        if self.holds or not math.isfinite(self.nearest) or not 0 < self.noise < self.nearest:
            return None
        factor = math.sqrt(self.noise * self.nearest)
        tolerance = self.tolerance
        return Tolerance(tolerance.relative * factor, tolerance.absolute * factor)


def calibrate(
    names: Sequence[str],
    seeds: Sequence[int],
    *,
    threads: Sequence[int] = (1, 2),
    python: Path | None = None,
    own: Path | None = None,
) -> list[Calibration]:
    """Run references and known mistakes over seeds, threads and another Python.

    Args:
        names: ids of questions; empty for all.
        seeds: each draws a variant and inputs.
        threads: of torch, the first being what the others are held against.
        python: another interpreter that has this package.
        own: folder of an instructor's own questions.

    Raises:
        ConfigError: no such question.
        GradingError: a reference fails, or the other interpreter does.
    """
    known = graded_questions(folder=own)
    if unknown := [name for name in names if name not in known]:
        raise unknown_name("question", unknown[0], known)
    chosen = [known[name] for name in names] if names else list(known.values())
    elsewhere = (
        values_of_other_python(python, [one.id for one in chosen], seeds, own) if python else {}
    )
    return [_calibrate(question, seeds, threads, elsewhere.get(question.id)) for question in chosen]


def reference_values(
    names: Iterable[str], seeds: Sequence[int], own: Path | None = None
) -> dict[str, list[list[Any]]]:
    """What references give, by question, seed and call, as on the wire."""
    known = graded_questions(folder=own)
    return {
        name: [[case.expected for case in _cases(known[name], seed, 1)] for seed in seeds]
        for name in names
    }


def _calibrate(
    question: GradedQuestion,
    seeds: Sequence[int],
    threads: Sequence[int],
    elsewhere: list[list[Any]] | None,
) -> Calibration:
    noise, hidden = 0.0, set()
    distances: dict[str, float] = {}
    for number, seed in enumerate(seeds):
        cases = _cases(question, seed, threads[0])
        others = [[case.expected for case in _cases(question, seed, n)] for n in threads[1:]]
        if elsewhere is not None:
            others.append(elsewhere[number])
        noise = max(noise, *(_noise(question, cases, other) for other in others), 0.0)
        for cause, distance in _mistakes(question, cases).items():
            if distance == 0:
                continue  # in this variant it is no mistake
            distances[cause] = min(distance, distances.get(cause, math.inf))
            if distance <= 1:
                hidden.add(cause)
    told = {cause: distance for cause, distance in distances.items() if cause not in hidden}
    cause, nearest = min(told.items(), key=lambda item: item[1], default=("", math.inf))
    return Calibration(
        question.id, question.tolerance, noise, nearest, cause, tuple(sorted(hidden))
    )


def _cases(question: GradedQuestion, seed: int, threads: int) -> tuple[CaseReference, ...]:
    return prepare(question, question.variant(seed), seed, threads).reference.cases


def _noise(question: GradedQuestion, cases: Sequence[CaseReference], other: list[Any]) -> float:
    pairs = zip(other, (case.expected for case in cases), strict=True)
    return max((deviation(decode(a), decode(b), question.tolerance) for a, b in pairs), default=0.0)


def _mistakes(question: GradedQuestion, cases: Sequence[CaseReference]) -> dict[str, float]:
    """Cause to the largest difference from right over the calls: one call is enough to tell."""
    found: dict[str, float] = {}
    for case in cases:
        right = decode(case.expected)
        for cause, value in case.mistakes.items():
            distance = deviation(decode(value), right, question.tolerance)
            found[cause] = max(distance, found.get(cause, 0.0))
    return found
