"""Roles of a notebook's cells: whose question each answers, or that it was given or added.

A cell is known by its metadata first, since editors rewrite ids; then by its id. What is still
without a cell is looked for by its first line, by what it defines, and before its check.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from exposure_lab.course.grading.submissions.notebook import Cell
from exposure_lab.course.release.manifest import Manifest, ManifestQuestion, ManifestWritten

PROMPT = "**To answer in words.**"
"""Start of the cell before a written answer's, as `release.student_edition` writes it."""

CHECK_CALL = re.compile(r"""check\(\s*["']([^"']+)["']""")


@dataclass(frozen=True)
class Asked:
    """Questions of one chapter, and by which marks their cells are known."""

    questions: tuple[ManifestQuestion, ...]
    written: tuple[ManifestWritten, ...]

    @classmethod
    def of(cls, manifest: Manifest, chapter: str) -> "Asked":
        """Questions that a release asks in a chapter."""
        return cls(
            tuple(one for one in manifest.questions if one.chapter == chapter),
            tuple(one for one in manifest.written if one.chapter == chapter),
        )

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids of the questions that code answers."""
        return frozenset(one.id for one in self.questions)

    @cached_property
    def written_ids(self) -> frozenset[str]:
        """Ids of the questions that a text answers."""
        return frozenset(one.id for one in self.written)

    @cached_property
    def by_cell(self) -> dict[str, str]:
        """Id of a cell to the id of its question of either kind."""
        return {one.cell_id: one.id for one in (*self.questions, *self.written)}


@dataclass
class Roles:
    """Which cells, by their place, answer what."""

    answers: dict[str, list[int]] = field(default_factory=dict)
    """Question to the places of its cells, in order; several where it was split or copied."""
    texts: dict[str, list[int]] = field(default_factory=dict)
    """Written question to the places of its cells."""
    given: list[int] = field(default_factory=list)
    checks: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    """Code cells that nothing marks."""
    unsure: dict[str, str] = field(default_factory=dict)
    """Question whose cell lost its marks, to how it was found all the same."""


def find_roles(cells: Sequence[Cell], asked: Asked) -> Roles:
    """Find the role of each cell of a notebook."""
    roles = Roles()
    for place, cell in enumerate(cells):
        _sort_in(roles, place, cell, asked)
    for question in asked.questions:
        if question.id not in roles.answers:
            _search(roles, cells, question, asked)
    if not roles.texts:
        _search_texts(roles, cells, asked)
    return roles


def is_check(cell: Cell) -> bool:
    """Whether a cell is a check: by its tag, its id, or since it does nothing but call it."""
    named = "check" in cell.tags or cell.id.startswith("check-")
    return cell.kind == "code" and (named or only_checks(cell.source))


def only_checks(source: str) -> bool:
    """Whether code is one call of `check`, perhaps over several lines."""
    lines = [line for line in source.strip().splitlines() if not line.startswith("#")]
    code = "\n".join(lines).strip()
    inside = all(line.startswith((" ", ")")) for line in code.splitlines()[1:])
    return CHECK_CALL.match(code) is not None and code.endswith(")") and inside


def checked_question(cell: Cell) -> str | None:
    """Question that a check cell checks; None where it says none."""
    call = CHECK_CALL.search(cell.source)
    return cell.says("question") or (call[1] if call else None)


def defines(cell: Cell, name: str) -> bool:
    """Whether a cell defines or assigns a name outside of functions, as its lines look."""
    known = re.escape(name)
    return bool(
        re.search(
            rf"^(?:(?:async +)?def +{known} *\(|class +{known}\b|{known} *(?::[^=\n]+)?=(?!=))",
            cell.source,
            re.MULTILINE,
        )
    )


def _sort_in(roles: Roles, place: int, cell: Cell, asked: Asked) -> None:
    """Give a cell the role that its metadata or its id say."""
    known = asked.ids | asked.written_ids
    question = next(
        (said for key in ("question", "written") if (said := cell.says(key)) in known), None
    )
    if question is None and not cell.own.get("given"):
        question = asked.by_cell.get(cell.id)
    if question in asked.written_ids:
        roles.texts.setdefault(question, []).append(place)
    elif is_check(cell):
        roles.checks.append(place)
    elif cell.kind != "code":
        return
    elif question is not None:
        roles.answers.setdefault(question, []).append(place)
    elif cell.own.get("given"):
        roles.given.append(place)
    elif cell.source.strip():
        roles.added.append(place)


def _search(roles: Roles, cells: Sequence[Cell], question: ManifestQuestion, asked: Asked) -> None:
    """Look for a question's cell among those that nothing marks, and move it where it is found."""
    for how, places in (
        ("by its first line", _with_line(roles.added, cells, question.stub)),
        ("by what it defines", [at for at in roles.added if defines(cells[at], question.name)]),
        ("by the check behind it", _before_check(roles, cells, question.id)),
    ):
        if places:
            # Where several questions ask for one name, they stand in their order.
            names = [one.name for one in asked.questions if one.id not in roles.answers]
            place = places[0] if names.count(question.name) > 1 else places[-1]
            roles.added.remove(place)
            roles.answers[question.id] = [place]
            roles.unsure[question.id] = how
            return


def _search_texts(roles: Roles, cells: Sequence[Cell], asked: Asked) -> None:
    """Look for written answers behind their prompts, in the order of the chapter."""
    prompts = [at for at, cell in enumerate(cells) if cell.source.startswith(PROMPT)]
    for one, at in zip(asked.written, prompts, strict=False):
        if at + 1 < len(cells) and cells[at + 1].kind == "markdown":
            roles.texts[one.id] = [at + 1]
            roles.unsure[one.id] = "behind its prompt"


def _with_line(places: Iterable[int], cells: Sequence[Cell], line: str) -> list[int]:
    if line in ("", "..."):
        return []
    return [at for at in places if line in map(str.strip, cells[at].source.splitlines())]


def _before_check(roles: Roles, cells: Sequence[Cell], question: str) -> list[int]:
    added = set(roles.added)
    behind = (at for at in roles.checks if checked_question(cells[at]) == question)
    return [at - 1 for at in behind if at - 1 in added]
