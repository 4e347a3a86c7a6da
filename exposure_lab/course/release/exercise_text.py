"""Exercise of a chapter as a course sets it: its text in a variant, its points, a note."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from exposure_lab.errors import GradingError

EXERCISE = re.compile(r"^(`{3,}|:{3,})\{exercise\}.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
"""Matches the directive of an exercise, from fence to fence."""

POINTS = re.compile(r"\*\((?:\d+ points?)\)\*")
"""Matches the points as the chapter shows them."""

NO_POINTS = "*(no points in this course)*"


class Exercise(NamedTuple):
    """What a student reads and starts from."""

    text: str
    """MyST Markdown: the whole directive."""
    code: str
    """Starting code of the answer's cell."""


def find_exercise(source: str, question_id: str) -> re.Match[str] | None:
    """Find the exercise of a question in a cell's Markdown, by its label such as ``ex-01-stop``."""
    label = re.compile(rf"^:label: ex-{re.escape(question_id.replace('.', '-'))}[ \t]*$", re.M)
    return next((match for match in EXERCISE.finditer(source) if label.search(match[0])), None)


def apply_edits(question_id: str, exercise: Exercise, edits: Mapping[str, str]) -> Exercise:
    """Replace passages of an exercise, all at once, so that they may change places.

    Args:
        question_id: for messages.
        exercise: as the chapter has it.
        edits: each passage, which the text and the code together have once, to what replaces it.

    Raises:
        GradingError: a passage is not there, is there more than once, or overlaps another.
    """
    places: tuple[list[tuple[int, int, str]], ...] = ([], [])
    for passage, replacement in edits.items():
        counts = [text.count(passage) if passage else 0 for text in exercise]
        if sum(counts) != 1:
            raise GradingError(
                f"Expected the passage {passage!r} once in the exercise and the starting code of "
                f"{question_id}, but it is there {sum(counts)} times: mend the question's edits."
            )
        which = counts.index(1)
        start = exercise[which].index(passage)
        places[which].append((start, start + len(passage), replacement))
    texts = (_replace(question_id, *pair) for pair in zip(exercise, places, strict=True))
    return Exercise(*texts)


def _replace(question_id: str, text: str, places: list[tuple[int, int, str]]) -> str:
    edited, at = "", 0
    for start, end, replacement in sorted(places):
        if start < at:
            raise GradingError(
                f"Expected edits of {question_id} that do not overlap, but two share "
                f"{text[start : min(at, end)]!r}: mend the question's edits."
            )
        edited += text[at:start] + replacement
        at = end
    return edited + text[at:]


def show_points(text: str, parts: Mapping[str, int]) -> str:
    """Write the points of a graded question into its exercise, in the place of the chapter's.

    Args:
        text: the whole directive.
        parts: phrase of each part to its points.
    """
    total = sum(parts.values())
    shown = f"{total} {'point' if total == 1 else 'points'}"
    if len(parts) > 1:
        shown += ": " + "; ".join(f"{points} for {part}" for part, points in parts.items())
    return _put_points(text, f"*({shown})*")


def show_no_points(text: str) -> str:
    """Say in an exercise without a graded form that it earns nothing."""
    return _put_points(text, NO_POINTS)


def _put_points(text: str, shown: str) -> str:
    places = list(POINTS.finditer(text))
    if not places:
        return append(text, shown)
    last = places[-1]  # whatever stands before it belongs to the exercise's own sentences
    return text[: last.start()] + shown + text[last.end() :]


def append(text: str, paragraph: str) -> str:
    """Add a paragraph to an exercise, before its closing fence."""
    body, _, fence = text.rstrip().rpartition("\n")
    return f"{body}\n\n{paragraph}\n{fence}"
