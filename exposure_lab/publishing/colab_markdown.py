"""Rewrite MyST roles and directives as plain Markdown for Colab, which knows neither.

Figures, equations and exercises get the numbers that the book's page gives them: chapter, dot,
position. Alternative text and captions, which Colab does not show, become lines of their own.
"""

import copy
import re
from collections.abc import Mapping

from nbformat.v4 import new_markdown_cell

from exposure_lab.errors import ChapterError
from exposure_lab.publishing.myst_roles import EQUATION, Numbers, inline
from exposure_lab.publishing.notebook_files import Notebook

FENCE = re.compile(r"^ {0,3}(`{3,}|:{3,})\s*(\{[a-z:-]+\})?[ \t]*(.*)$")
TARGET = re.compile(r"^\([\w-]+\)=\n", re.M)
OPTION = re.compile(r"^:([a-z-]+):[ \t]*(.*)$")
BOXES = {"note", "tip", "warning", "important", "hint", "caution", "seealso", "danger", "attention"}
PLAIN = {"margin", "sidebar", "div", "epigraph"}


def flatten(notebook: Notebook, name: str, references: Mapping[str, str]) -> Notebook:
    """Copy a chapter and rewrite its Markdown without roles and directives.

    Args:
        notebook: a committed chapter.
        name: such as ``"06_training"``; its number is the chapter's.
        references: citation key to how the text names it, from `myst_roles.read_references`.

    Raises:
        ChapterError: a role or directive that has no plain form, or an unknown label or key.
    """
    plain = copy.deepcopy(notebook)
    numbers = _number_labels(plain, int(name[:2]))
    cells = []
    for cell in plain.cells:
        if cell.cell_type == "markdown":
            try:
                cell.source = _rewrite_blocks(cell.source, numbers, references).strip("\n")
            except ChapterError as error:
                raise ChapterError(f"In cell {cell.get('id')} of {name}: {error}") from error
        cells.append(cell)
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        if figure.get("caption"):
            number = numbers.of(figure["name"])
            text = inline(figure["caption"], numbers, references)
            caption = new_markdown_cell(  # type: ignore[no-untyped-call]
                f"**Figure {number}.** {text}"
            )
            caption["id"] = f"caption-{figure['name']}"
            cells.append(caption)
    title = re.compile(r"^# (?!\d+\.)", re.M)
    first = next((cell for cell in cells if cell.cell_type == "markdown"), None)
    if first is not None:
        first.source = title.sub(f"# {numbers.chapter}. ", first.source, count=1)
    plain.cells = cells
    return plain


def _number_labels(notebook: Notebook, chapter: int) -> Numbers:
    """Number figures, equations and exercises that have a label, in the order of the page."""
    numbers = Numbers(chapter)
    for cell in notebook.cells:
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        if figure.get("name"):
            numbers.add("figure", figure["name"])
        if cell.cell_type != "markdown":
            continue
        marks = [(m.start(), "equation", m[2]) for m in EQUATION.finditer(cell.source)]
        for block in re.finditer(
            r"\{(exercise(?:-start)?|figure|math|table)\}.*\n(?::.*\n)*?:(?:label|name):\s*(\S+)",
            cell.source,
        ):
            kind = {"math": "equation", "exercise-start": "exercise"}.get(block[1], block[1])
            marks.append((block.start(), kind, block[2]))
        for _, kind, label in sorted(marks):
            numbers.add(kind, label)
    return numbers


def _rewrite_blocks(text: str, numbers: Numbers, references: Mapping[str, str]) -> str:
    """Replace the directives of a Markdown text, from the outside in."""
    out: list[str] = []
    prose: list[str] = []

    def close_prose() -> None:
        if prose:
            out.append(inline(TARGET.sub("", "\n".join(prose)), numbers, references))
            prose.clear()

    lines = text.split("\n")
    at = 0
    while at < len(lines):
        fence = FENCE.match(lines[at])
        if not fence or (not fence[2] and fence[1][0] == ":"):
            prose.append(lines[at])
            at += 1
            continue
        end = next(
            (i for i in range(at + 1, len(lines)) if lines[i].strip() == fence[1]), len(lines)
        )
        close_prose()
        if fence[2]:
            body = lines[at + 1 : end]
            out.append(_rewrite_directive(fence[2][1:-1], fence[3], body, numbers, references))
        else:
            out.append("\n".join(lines[at : end + 1]))  # code, as it is
        at = end + 1
    close_prose()
    return "\n".join(out)


def _rewrite_directive(
    name: str, title: str, body: list[str], numbers: Numbers, references: Mapping[str, str]
) -> str:
    options: dict[str, str] = {}
    while body and (option := OPTION.match(body[0])):
        options[option[1]] = option[2]
        body = body[1:]
    inside = _rewrite_blocks("\n".join(body), numbers, references).strip("\n")
    title = inline(title, numbers, references).strip()
    if name in ("exercise", "exercise-start"):
        number = numbers.of(options["label"]) if "label" in options else ""
        parts = ("Exercise", number, f"({title})" if title else "")
        head = " ".join(part for part in parts if part)
        return f"**{head}.** {inside}".rstrip()
    if name in ("solution", "solution-start"):
        shown = f"Solution of exercise {numbers.of(title)}" if title else "Solution"
        if name == "solution-start":
            return f"**{shown}.**"
        return f"<details><summary>{shown}</summary>\n\n{inside}\n\n</details>"
    if name in ("exercise-end", "solution-end"):
        return ""
    if name == "math":
        tag = f" \\tag{{{numbers.of(options['label'])}}}" if "label" in options else ""
        return f"$$\n{inside}{tag}\n$$"
    if name in ("figure", "image"):
        number = f"**Figure {numbers.of(options['name'])}.** " if "name" in options else ""
        return f"![{options.get('alt', '')}]({title})\n\n{number}{inside}".rstrip()
    if name == "dropdown":
        return f"<details><summary>{title}</summary>\n\n{inside}\n\n</details>"
    if name in BOXES or name == "admonition":
        return _block_quote(f"**{title or name.capitalize()}.** {inside}")
    if name in PLAIN:
        return _block_quote(f"**{title}.** {inside}" if title and name != "div" else inside)
    raise ChapterError(
        f"Expected a directive with a plain form, but {name!r} has none: use another."
    )


def _block_quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
