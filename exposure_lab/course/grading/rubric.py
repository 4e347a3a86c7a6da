"""Rubric of a chapter: a tree of weights whose leaves are automatic marks or those of persons.

A rubric is a TOML file. Each table is a node with a ``title`` and a ``weight``; the weights of the
nodes beside each other add up to 1. A node holds others, or is a leaf: ``question`` names a graded
question, of which ``part`` may name one part, and ``person`` a written one. A leaf's share is what
was earned of its points, and a node's share is the weighted mean of those below it.
"""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from exposure_lab.course.grading.batch_folder import BatchFolder
from exposure_lab.course.grading.record import Record
from exposure_lab.errors import GradingError
from exposure_lab.files.json_files import write_json

RUBRICS = {"90": "capstone_rubric.toml"}
"""Chapter to its rubric, a file beside this one; the other chapters have their points alone."""

FILE = "rubric.json"
"""Name of a rubric's result, beside the record."""

WORDS = ("title", "weight", "question", "part", "person")
"""Keys of a node that are no node themselves."""


@dataclass(frozen=True)
class Node:
    """Node of a rubric; a leaf where it has no others below it."""

    path: str
    """Names of the tables that lead to it, with dots."""
    title: str
    weight: float
    below: tuple["Node", ...] = ()
    question: str = ""
    """Graded question of a leaf that is automatic."""
    part: str = ""
    """Part of that question; empty for all of it."""
    person: str = ""
    """Written question of a leaf that a person marks."""

    def leaves(self) -> Iterator["Node"]:
        """All leaves at or below it."""
        if not self.below:
            yield self
        for node in self.below:
            yield from node.leaves()


def read_rubric(text: str, name: str) -> Node:
    """Read a rubric and check that its weights add up.

    Args:
        text: of the TOML file.
        name: of the file, for messages.

    Raises:
        GradingError: no TOML, weights that do not add up to 1, or a leaf that is none.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise GradingError(f"Expected a rubric in {name}, but it is no TOML ({error}).") from error
    return _node({"title": "", "weight": 1.0, **content}, "", name)


def rubric_of(chapter: str) -> Node | None:
    """Rubric of a chapter; None where its points are all there is."""
    if chapter not in RUBRICS:
        return None
    text = files("exposure_lab.course.grading").joinpath(RUBRICS[chapter]).read_text("utf-8")
    return read_rubric(text, RUBRICS[chapter])


def evaluate(node: Node, record: Record) -> dict[str, Any]:
    """Shares of a node and of all below it, in [0, 1].

    Returns:
        Title, weight, ``share`` (what is earned so far), ``open`` (what persons may still add), and
        the same of each node below.

    Raises:
        GradingError: a leaf names what the record does not hold.
    """
    result: dict[str, Any] = {"title": node.title, "weight": node.weight}
    if node.below:
        nodes = {one.path.rpartition(".")[2]: evaluate(one, record) for one in node.below}
        for key in ("share", "open"):
            result[key] = round(sum(one["weight"] * one[key] for one in nodes.values()), 6)
        return result | {"nodes": nodes}
    share = _share(node, record)
    result |= {"share": round(share or 0.0, 6), "open": 1.0 if share is None else 0.0}
    return result | {
        "of": node.person or node.question,
        "by": "person" if node.person else "program",
    }


def write_rubrics(batch: BatchFolder, records: Iterable[Record]) -> list[str]:
    """Write the result of each record whose chapter has a rubric beside it.

    Returns:
        Sentences on rubrics that do not fit what was asked, as where an instructor asks other
        questions; the points stand without them.

    Raises:
        FilesError: the disk refuses.
    """
    sentences = []
    for record in records:
        rubric = rubric_of(record.chapter) if record.questions else None
        if rubric is None:
            continue
        try:
            result = evaluate(rubric, record)
        except GradingError as error:
            sentences.append(str(error))
            continue
        write_json(batch.chapter(record.student, record.chapter) / FILE, result)
    return list(dict.fromkeys(sentences))


def _node(table: Mapping[str, Any], path: str, name: str) -> Node:
    """Make a node of a table, and of all tables in it. Raises GradingError."""
    where = f"{path or 'the top'} of {Path(name).name}"
    title, weight = table.get("title"), table.get("weight")
    if (
        not isinstance(title, str)
        or isinstance(weight, bool)
        or not isinstance(weight, int | float)
    ):
        raise GradingError(f"Expected a title and a weight in {where}, but one is missing: add it.")
    below = tuple(
        _node(value, f"{path}.{key}".strip("."), name)
        for key, value in table.items()
        if isinstance(value, Mapping)
    )
    kinds = [key for key in ("question", "person") if key in table]
    unknown = [key for key in table if key not in WORDS and not isinstance(table[key], Mapping)]
    if unknown or len(kinds) != (0 if below else 1):
        raise GradingError(
            f"Expected nodes in {where}, or one question or person, but got "
            f"{', '.join(unknown or kinds) or 'neither'}: mend it."
        )
    total = sum(node.weight for node in below)
    if below and not math.isclose(total, 1.0, abs_tol=1e-9):
        raise GradingError(
            f"Expected weights that add up to 1 in {where}, but theirs is {total:g}: mend them."
        )
    own = {key: str(table[key]) for key in ("question", "part", "person") if key in table}
    return Node(path, title, float(weight), below, **own)


def _share(leaf: Node, record: Record) -> float | None:
    """Share of a leaf's points that were earned; None where a person has yet to say."""
    if leaf.person:
        text = next((one for one in record.written if one.id == leaf.person), None)
        if text is None:
            raise GradingError(_not_there(leaf.path, leaf.person))
        if text.mark is None:
            return None if text.text.strip() else 0.0
        return text.mark / text.points
    question = next((one for one in record.questions if one.id == leaf.question), None)
    parts = [part for part in (question.parts if question else ()) if leaf.part in ("", part.part)]
    if not parts:
        raise GradingError(_not_there(leaf.path, f"{leaf.question} {leaf.part}".strip()))
    return sum(part.earned for part in parts) / sum(part.points for part in parts)


def _not_there(path: str, what: str) -> str:
    return (
        f"Expected {what} in the record, which {path} of the rubric names, but it is not there: "
        "mend the rubric, or grade with the release's own version."
    )
