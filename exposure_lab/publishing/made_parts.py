"""What the pages hold that a program makes: pictures and counts of the first page, the commands.

A part is made where a page includes it. Each is made in a process of its own, since the makers need
torch or the command line, and what publishes imports neither.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from exposure_lab.errors import ChapterError
from exposure_lab.files.atomic import write_text

FIRST_PAGE = ("-m", "exposure_lab.notebook.first_page")
COMMANDS = ("-m", "typer", "exposure_lab.cli.main", "utils", "docs", "--name", "exposure-lab")


def make_parts(staged: Path) -> None:
    """Make the parts that the pages of a staged book include, into its folder ``book/made``.

    Raises:
        ChapterError: a program that makes one failed.
    """
    made = staged / "book" / "made"
    if _includes(staged / "book" / "index.md", "made/"):
        _run([*FIRST_PAGE, str(made)])
    if _includes(staged / "book" / "appendix" / "commands.md", "../made/commands.md"):
        made.mkdir(exist_ok=True)
        path = made / "commands.md"
        _run([*COMMANDS, "--output", str(path)])
        write_text(path, command_page(path.read_text(encoding="utf-8")))


def command_page(text: str) -> str:
    """Write Typer's documentation of the command line as one page: a table, then each command.

    Args:
        text: what ``typer ... utils docs`` writes, in Markdown.
    """
    text = re.sub(r"^\* `--help`: .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"\*\*Options\*\*:\n\n(?!\*)", "", text)
    text = re.sub(r"\*\*Commands\*\*:\n\n(?:\* .*\n)+\n?", "", text)  # cut off by Typer in mid-word
    _, *commands = re.split(r"^#{2,} `(.+)`\n", text, flags=re.MULTILINE)
    pairs = list(zip(commands[::2], commands[1::2], strict=True))
    names = {name for name, _ in pairs}
    groups = {name for name in names if any(other.startswith(f"{name} ") for other in names)}
    rows, sections = [], []
    for name, body in pairs:
        if name in groups:
            sections.append(f"## {name.split()[-1].capitalize()}\n\n{_first_paragraph(body)}\n")
            continue
        anchor = f"command-{name.split(' ', 1)[1].replace(' ', '-')}"
        sentence = re.split(r"(?<=\.)\s", _first_paragraph(body))[0]
        rows.append(f"| [`{name}`](#{anchor}) | {sentence} |")
        alone = len(name.split()) == 2
        sections.append(f"({anchor})=\n{'##' if alone else '###'} `{name}`\n\n{body.strip()}\n")
    table = ["| command | what it does |", "|---|---|", *rows]
    return "\n".join(table) + "\n\n" + "\n".join(sections)


def _first_paragraph(body: str) -> str:
    return " ".join(body.strip().split("\n\n")[0].split())


def _includes(page: Path, text: str) -> bool:
    return page.is_file() and text in page.read_text(encoding="utf-8")


def _run(arguments: list[str]) -> None:
    plain = {"NO_COLOR": "1", "TERM": "dumb", "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | plain,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        last = (done.stdout.strip().splitlines() or ["it said nothing"])[-1]
        raise ChapterError(
            f"Expected {' '.join(arguments[:3])} to make a part of the book, but it failed: {last}."
        )
