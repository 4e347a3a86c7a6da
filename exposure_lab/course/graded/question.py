"""Graded question: what a release draws, what an answer is run on, and what counts as right.

A question of a chapter is graded in a variant that the release draws, such as one unit of ``ev``
being a third of a stop: the solutions of this public project fit no other variant. The student's
function runs in a sandbox on inputs that nobody saw before; what it gives is compared with what the
reference gives on the same inputs. The same comparison serves `exposure_lab.course.checks.check`,
on inputs that everybody may see.

How a question is written is told in the instructors' part of the book.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

Variant = Mapping[str, Any]
"""What a release drew for a question: JSON values by name."""

Tier = Literal["A", "B", "C", "person"]
"""Kind of evidence.

A: values of a function on inputs that were supplied. B: at most five optimiser steps from a
supplied state. C: weights, whose scores the grader computes again. ``person``: a text that a person
marks.
"""

VISIBLE_SEED = 0
"""Seed of the inputs that `check` uses: everybody may see them."""


@dataclass(frozen=True)
class Tolerance:
    """Largest difference that counts as none: ``absolute + relative * |expected|``."""

    relative: float = 1e-4
    absolute: float = 1e-5


STEPS = Tolerance(relative=1e-3, absolute=1e-4)
"""Tolerance of tier B, where up to five optimiser steps carry differences of rounding on."""

EXACT = Tolerance(relative=0.0, absolute=0.0)
"""Tolerance of whole numbers and texts."""


@dataclass(frozen=True)
class Case:
    """Call of the student's function, whose result is compared with the reference's."""

    part: str
    """Part of the question that the call belongs to: it earns its points if all its calls do."""
    arguments: tuple[Any, ...] = ()
    """Numbers, texts, numpy arrays, torch tensors, and lists, tuples and dictionaries of them."""
    known: Any = None
    """What `GradedQuestion.measure` judges by, such as the targets of photos; no answer sees it."""


def no_entries(_variant: Variant) -> dict[str, Any]:
    """Mistakes or edits of a question that has none."""
    return {}


def no_note(_variant: Variant) -> str:
    """Note of a question whose text says all."""
    return ""


def one_variant(_rng: np.random.Generator) -> Variant:
    """Draw of a question that is the same in every release."""
    return {}


@dataclass(frozen=True)
class GradedQuestion:
    """Question of a chapter that is graded by what the answer gives.

    Every function here is a module's own (no lambda, no closure), so that other processes find it.
    """

    id: str
    """Such as ``01.render-ev``: the question of the chapter that it is the graded form of."""
    name: str
    """Function or variable that the answer's cell defines."""
    objective: str
    """What a student can do who answers it: a phrase that begins with a verb, for the syllabus."""
    what: str
    """What the answer gives, as in "Expected **the photo at another exposure**, but ..."."""
    parts: Mapping[str, int]
    """Phrase of each part, as the student reads it, to its points."""
    reference: Callable[[Variant], Any]
    """Gives the right answer of a variant: a function, or a value where `cases` is None."""
    cases: Callable[[Variant, np.random.Generator], Sequence[Case]] | None = None
    """Draws the calls; None for an answer that is a value. Such a question has one part."""
    draw: Callable[[np.random.Generator], Variant] = one_variant
    """Draws a variant for a release."""
    note: Callable[[Variant], str] = no_note
    """Says in Markdown what the variant asks beyond the chapter's text; empty where `edits` do."""
    edits: Callable[[Variant], Mapping[str, str]] = no_entries
    """Passages of the exercise's text and starting code, each there once, to what replaces them."""
    mistakes: Callable[[Variant], Mapping[str, Any]] = no_entries
    """Cause, as part of "Expected {what}, but {cause}.", to an answer that has that mistake."""
    judge: Callable[[Variant, Any], Mapping[str, str | None]] | None = None
    """Judges a value in place of the comparison: each part to None where right, else a sentence."""
    measure: Callable[[Any, Any], Mapping[str, str | None]] | None = None
    """Judges what the only call gave by what is `known` of it, as `judge` does: tier C."""
    harness: Callable[..., Any] | None = None
    """Called with the answer and a case's arguments in place of the answer itself.

    It makes what cannot be carried into the sandbox, such as networks and optimisers. Its source
    is carried: it uses its arguments and what it imports inside itself.
    """
    tier: Tier = "A"
    tolerance: Tolerance = field(default_factory=Tolerance)
    leaves_out: tuple[str, ...] = ()
    """Modules of this package that would answer it; its sandbox does not have them."""
    needs: tuple[str, ...] = ()
    """Modules of this package that the answer may use, though another question leaves them out."""
    draws_with: str | None = None
    """What questions whose variants fit together have in common; None: nothing, but its own id."""
    reads: tuple[Path, ...] = ()
    """Folders that `cases` reads from; a change in one makes the marks of before outdated."""

    def __post_init__(self) -> None:
        if self.cases is None and self.judge is None and len(self.parts) != 1:
            raise ValueError(f"{self.id}: a value that is compared as a whole has one part.")

    @property
    def points(self) -> int:
        """Points of all parts together."""
        return sum(self.parts.values())

    @property
    def chapter(self) -> str:
        """Number of its chapter, such as ``01``."""
        return self.id.partition(".")[0]

    def variant(self, seed: int) -> Variant:
        """Draw the variant of a release with this seed."""
        return self.draw(_generator(self.draws_with or self.id, "variant", seed))

    def draw_cases(self, variant: Variant, seed: int) -> list[Case]:
        """Draw the calls of one grading; a value has none."""
        if self.cases is None:
            return []
        return list(self.cases(variant, _generator(self.id, "cases", seed)))

    def run(self, answer: Any, case: Case) -> Any:
        """Call an answer as a case asks, through the harness where there is one."""
        if self.harness is not None:
            return self.harness(answer, *case.arguments)
        return answer(*case.arguments)


@dataclass(frozen=True)
class WrittenQuestion:
    """Question whose answer is a text that a person marks."""

    id: str
    """Such as ``01.in-your-words``."""
    prompt: str
    """Markdown of the exercise."""
    points: int
    objective: str
    after: str
    """Id of the question behind whose check it stands in the chapter."""
    rubric: tuple[str, ...] = ()
    """What a full answer says, for the person who marks."""

    @property
    def chapter(self) -> str:
        """Number of its chapter, such as ``01``."""
        return self.id.partition(".")[0]


def _generator(question_id: str, purpose: str, seed: int) -> np.random.Generator:
    """Random numbers of one question for one purpose, which no other question's draws move."""
    return np.random.default_rng([seed, zlib.crc32(f"{question_id} {purpose}".encode())])
