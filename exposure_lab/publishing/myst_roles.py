"""Rewrite MyST roles and equation labels of a paragraph as plain Markdown."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exposure_lab.errors import ChapterError

ROLE = re.compile(r"(?<!`)\{([a-z:]+)\}`([^`]+)`")
EQUATION = re.compile(r"\$\$((?:(?!\$\$).)+)\$\$[ \t]*\(([\w-]+)\)", re.S)


@dataclass
class Numbers:
    """Numbers of a chapter's labels on the page, such as 6.1 for ``fig-06-steps``."""

    chapter: int
    known: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, label: str) -> None:
        """Give the next number of its kind to a label."""
        self.kinds[label] = kind
        count = list(self.kinds.values()).count(kind)
        self.known[label] = f"{self.chapter}.{count}"

    def of(self, label: str) -> str:
        """Look up the number of a label. Raises ChapterError for a label of another chapter."""
        if label not in self.known:
            raise ChapterError(
                f"Expected a label of this chapter, but {label!r} is none: on Colab a chapter "
                "stands alone, so name the other chapter in words."
            )
        return self.known[label]


def read_references(path: Path | str) -> dict[str, str]:
    """Read a BibTeX file: citation key to ``Surname and Surname, year``."""
    from pybtex.database import parse_file  # type: ignore[import-untyped]
    from pybtex.richtext import Text  # type: ignore[import-untyped]

    references = {}
    for key, entry in parse_file(str(path)).entries.items():
        people = [
            str(Text.from_latex(" ".join([*person.prelast_names, *person.last_names])))
            for person in entry.persons["author"]
        ]
        names = f"{people[0]} et al." if len(people) > 2 else " and ".join(people)
        references[key] = f"{names}, {entry.fields['year']}"
    return references


def inline(text: str, numbers: Numbers, references: Mapping[str, str]) -> str:
    """Replace the roles of a paragraph and number its labelled equations.

    Raises:
        ChapterError: a role without a plain form, an unknown label or citation key.
    """

    def replace_role(match: re.Match[str]) -> str:
        role, content = match[1], match[2].replace("\n", " ")
        if role.startswith("cite"):
            return _cite(content, references, narrative=role == "cite:t")
        if role not in _ROLES:
            raise ChapterError(
                f"Expected a role with a plain form, but {role!r} has none: use another."
            )
        shown, target = _split_title(content)
        return _ROLES[role](shown, target, numbers)

    def tag_equation(match: re.Match[str]) -> str:
        return f"$${match[1].rstrip()} \\tag{{{numbers.of(match[2])}}}\n$$"

    return ROLE.sub(replace_role, EQUATION.sub(tag_equation, text))


def _split_title(content: str) -> tuple[str, str]:
    """Split ``text <label>`` into (text, label), and a label alone into ("", label)."""
    match = re.fullmatch(r"(.+?)\s*<(.+)>", content)
    return (match[1], match[2]) if match else ("", content)


def _cite(content: str, references: Mapping[str, str], narrative: bool) -> str:
    keys = [key.strip() for key in content.split(",")]
    if unknown := [key for key in keys if key not in references]:
        raise ChapterError(
            f"Unknown citation {', '.join(unknown)}: write a key that references.bib has."
        )
    if narrative:
        return "; ".join(" (".join(references[key].rsplit(", ", 1)) + ")" for key in keys)
    return f"({'; '.join(references[key] for key in keys)})"


def _refer_by_number(shown: str, label: str, numbers: Numbers) -> str:
    number = numbers.of(label)
    if shown:
        return shown.replace("%s", number).replace("{number}", number)
    kind = numbers.kinds[label].capitalize()
    return f"{kind} {number}"


def _refer_by_text(shown: str, label: str, numbers: Numbers) -> str:
    return shown or _refer_by_number("", label, numbers)


_ROLES: dict[str, Callable[[str, str, Numbers], str]] = {
    "eq": lambda _, label, numbers: f"({numbers.of(label)})",
    "numref": _refer_by_number,
    "ref": _refer_by_text,
    "prf:ref": _refer_by_text,
    "term": lambda shown, target, _: shown or target,
    "doc": lambda shown, target, _: shown or target,
    "math": lambda _, content, __: f"${content}$",
    "kbd": lambda _, content, __: f"<kbd>{content}</kbd>",
    "sub": lambda _, content, __: f"<sub>{content}</sub>",
    "sup": lambda _, content, __: f"<sup>{content}</sup>",
}
