"""Rubric of a chapter as a student's page shows it: a tree whose shares add up to 100 percent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exposure_lab.course.grading.record import Record
from exposure_lab.course.grading.rubric import evaluate, rubric_of
from exposure_lab.errors import GradingError


@dataclass(frozen=True)
class Branch:
    """Node of a rubric, in percent of the whole."""

    title: str
    weight: float
    earned: float
    open: float
    """What persons may still add."""
    of: str = ""
    """Question that a leaf is earned by."""
    below: tuple["Branch", ...] = ()


def rubric_tree(record: Record) -> Branch | None:
    """Weigh the marks of a record; None where its chapter has no rubric, or one that does not fit.

    Args:
        record: of a chapter, with the marks of persons so far.
    """
    rubric = rubric_of(record.chapter)
    if rubric is None:
        return None
    try:
        return _branch(evaluate(rubric, record), 100.0)
    except GradingError:  # other questions are asked, which the command has said
        return None


def _branch(result: Mapping[str, Any], whole: float) -> Branch:
    """Node with its share of the whole, and all below it."""
    weight = whole * result["weight"]
    return Branch(
        result["title"],
        weight,
        weight * result["share"],
        weight * result["open"],
        result.get("of", ""),
        tuple(_branch(node, weight) for node in result.get("nodes", {}).values()),
    )
