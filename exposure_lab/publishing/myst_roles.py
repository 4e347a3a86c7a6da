"""Roles and equation labels as plain text: what `plain` uses inside a paragraph."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exposure_lab.errors import ChapterError

ROLE = re.compile(r"(?<!`)\{([a-z:]+)\}`([^`]+)`")
EQUATION = re.compile(r"\$\$((?:(?!\$\$).)+)\$\$[ \t]*\(([\w-]+)\)", re.S)


@dataclass
class Numbers:
    """What each label is called on the page, such as 6.1 for ``fig-06-steps``."""

    chapter: int
    known: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, label: str) -> None:
        """Give the next number of its kind to a label."""
        self.kinds[label] = kind
        count = list(self.kinds.values()).count(kind)
        self.known[label] = f"{self.chapter}.{count}"

    def of(self, label: str) -> str:
        """The number of a label. Raises ChapterError for one that this chapter does not have."""
        if label not in self.known:
            raise ChapterError(
                f"Expected a label of this chapter, but {label!r} is none: on Colab a chapter "
                "stands alone, so name the other chapter in words."
            )
        return self.known[label]


def read_references(path: Path | str) -> dict[str, str]:
    """Citation keys of a BibTeX file, each with ``Surname and Surname, year``."""
    from pybtex.database import parse_file  # type: ignore[import-untyped]
    from pybtex.richtext import Text  # type: ignore[import-untyped]

    found = {}
    for key, entry in parse_file(str(path)).entries.items():
        people = [
            str(Text.from_latex(" ".join([*person.prelast_names, *person.last_names])))
            for person in entry.persons["author"]
        ]
        names = f"{people[0]} et al." if len(people) > 2 else " and ".join(people)
        found[key] = f"{names}, {entry.fields['year']}"
    return found


def inline(text: str, numbers: Numbers, references: Mapping[str, str]) -> str:
    """Replace the roles of a paragraph and number its labelled equations.

    Raises:
        ChapterError: a role without a plain form, an unknown label or citation key.
    """

    def replaced(match: re.Match[str]) -> str:
        role, content = match[1], match[2].replace("\n", " ")
        if role.startswith("cite"):
            return _cited(content, references, narrative=role == "cite:t")
        if role not in _ROLES:
            raise ChapterError(f"Expected a role with a plain form, but {role!r} has none.")
        shown, target = _titled(content)
        return _ROLES[role](shown, target, numbers)

    def tagged(match: re.Match[str]) -> str:
        return f"$${match[1].rstrip()} \\tag{{{numbers.of(match[2])}}}\n$$"

    return ROLE.sub(replaced, EQUATION.sub(tagged, text))


def _titled(content: str) -> tuple[str, str]:
    """``text <label>`` as (text, label); a label alone as ("", label)."""
    found = re.fullmatch(r"(.+?)\s*<(.+)>", content)
    return (found[1], found[2]) if found else ("", content)


def _cited(content: str, references: Mapping[str, str], narrative: bool) -> str:
    keys = [key.strip() for key in content.split(",")]
    if unknown := [key for key in keys if key not in references]:
        raise ChapterError(f"Expected a key of references.bib, but got {', '.join(unknown)}.")
    if narrative:
        return "; ".join(" (".join(references[key].rsplit(", ", 1)) + ")" for key in keys)
    return f"({'; '.join(references[key] for key in keys)})"


def _numbered(shown: str, label: str, numbers: Numbers) -> str:
    number = numbers.of(label)
    if shown:
        return shown.replace("%s", number).replace("{number}", number)
    kind = numbers.kinds[label].capitalize()
    return f"{kind} {number}"


def _referred(shown: str, label: str, numbers: Numbers) -> str:
    return shown or _numbered("", label, numbers)


_ROLES: dict[str, Callable[[str, str, Numbers], str]] = {
    "eq": lambda _, label, numbers: f"({numbers.of(label)})",
    "numref": _numbered,
    "ref": _referred,
    "prf:ref": _referred,
    "term": lambda shown, target, _: shown or target,
    "doc": lambda shown, target, _: shown or target,
    "math": lambda _, content, __: f"${content}$",
    "kbd": lambda _, content, __: f"<kbd>{content}</kbd>",
    "sub": lambda _, content, __: f"<sub>{content}</sub>",
    "sup": lambda _, content, __: f"<sup>{content}</sup>",
}
