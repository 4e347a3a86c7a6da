"""Answers that are nearly the same, for a look at them: nobody is accused by a program.

Two answers are compared by the runs of tokens that they have in common (the share of all runs of
both). Code that was given does not count, nor do short answers, nor a shape that a fifth of the
class gives. Only answers that share one of a few runs are compared at all, so a class of 1,000
takes seconds.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from exposure_lab.course.grading.gradebook.code_fingerprints import Run, runs

ALIKE = 0.7
"""Share of runs in common from which two answers are shown; half is common among honest ones."""

SHORTEST = 30
"""Runs of an answer, at least, beside those of given code: about five lines."""

DISTINCT = 10
"""Runs of an answer, at least, that few others have."""

SAMPLED = 16
"""Runs of each answer by which others are looked for."""

USUAL = 5
"""Runs that more than one student in so many has are the task's own, and not a student's."""

MOST_IN_BUCKET = 40
"""Answers that are compared for one run, at most."""


@dataclass(frozen=True)
class AlikeGroup:
    """Students whose answers to a question are nearly the same."""

    question: str
    students: tuple[str, ...]
    share: float
    """Of the runs of both answers that they have in common, in the least alike pair that was
    compared; 1 where nothing but comments and names differs."""


def find_alike(
    sources: Mapping[str, Mapping[str, str]], known: Mapping[str, Sequence[str]]
) -> list[AlikeGroup]:
    """Find near-identical answers, the most alike first.

    Args:
        sources: student to question to the answer's code; students who handed in together count
            once.
        known: question to code that all may have: what the notebook gave, what the reference does.
    """
    by_question: dict[str, dict[str, str]] = {}
    for student in sorted(sources):
        for question, source in sources[student].items():
            by_question.setdefault(question, {})[student] = source
    groups = [
        group
        for question in sorted(by_question)
        for group in _in_question(question, by_question[question], known.get(question, ()))
    ]
    return sorted(groups, key=lambda group: (-group.share, group.question, group.students))


def _in_question(
    question: str, answers: Mapping[str, str], known: Iterable[str]
) -> Iterator[AlikeGroup]:
    given = frozenset[Run]().union(*map(runs, known))
    own = {student: runs(source) - given for student, source in answers.items()}
    count = Counter(run for found in own.values() for run in found)
    # In a class of a few, all may share a shape and still be worth a look.
    common = {run for run, students in count.items() if students > max(3, len(answers) // USUAL)}
    same: dict[frozenset[Run], list[str]] = {}
    for student, found in own.items():
        if len(found) >= SHORTEST and len(found - common) >= DISTINCT:
            same.setdefault(found, []).append(student)
    shapes = list(same)
    links = dict(_links(shapes, common))
    for members in _connected(len(shapes), links):
        students = sorted(student for member in members for student in same[shapes[member]])
        if len(students) > 1:
            shares = [links[pair] for pair in links if pair[0] in members]
            yield AlikeGroup(question, tuple(students), min(shares, default=1.0))


def _links(
    shapes: Sequence[frozenset[Run]], common: set[Run]
) -> Iterator[tuple[tuple[int, int], float]]:
    """Pairs of shapes that are alike; only those that share a sampled run are compared."""
    buckets: dict[Run, list[int]] = {}
    for number, shape in enumerate(shapes):
        # The same runs are the first ones in every answer that has them.
        for run in sorted(shape - common, key=_order)[:SAMPLED]:
            buckets.setdefault(run, []).append(number)
    pairs = {
        pair for bucket in buckets.values() for pair in combinations(bucket[:MOST_IN_BUCKET], 2)
    }
    for first, second in sorted(pairs):
        shared = len(shapes[first] & shapes[second])
        share = shared / len(shapes[first] | shapes[second])
        if share >= ALIKE:
            yield (first, second), share


def _order(run: Run) -> tuple[int, Run]:
    return zlib.crc32("\0".join(run).encode("utf-8", "replace")), run


def _connected(count: int, links: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Numbers below `count`, those that are linked together in one set."""
    sets = {number: {number} for number in range(count)}
    for first, second in links:
        if sets[first] is not sets[second]:
            joined = sets[first] | sets[second]
            sets |= dict.fromkeys(joined, joined)
    return list({id(members): members for members in sets.values()}.values())
