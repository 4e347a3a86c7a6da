"""Notebook from a stranger, read as plain data: its cells' sources and marks, and nothing else.

Outputs, tags of other tools, the kernel's name and ids that are no texts are left behind. Formats
4.0 to 4.5 are read alike, with or without ids, Windows line ends, a byte order mark, sources as one
text or as lines.
"""

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exposure_lab.course.grading.submissions.limits import NOTEBOOK_BYTES
from exposure_lab.data.download.printable import printable
from exposure_lab.errors import GradingError

DEEPEST = 200
"""Lists and objects inside each other, at most: a notebook with widgets has about twenty."""

MOST = 1_000_000
"""Lists and objects in all, at most: each takes up to thirty times its text in memory."""

STRING = re.compile(r'"(?:[^"\\]+|\\.?)*+(?:"|\Z)', re.DOTALL)
"""Matches a text in JSON, to the end of the file where it is not closed, so that it is quick."""

KINDS = {
    b"%PDF": "a PDF",
    b"PK": "a zip archive, or a document of an office program",
    b"\x1f\x8b": "a gzip archive",
    b"<": "a web page",
    b"\x89PNG": "a picture",
    b"\xff\xd8": "a picture",
}
"""How files begin that students hand in as notebooks, and what they are."""


@dataclass(frozen=True)
class Cell:
    """Cell of a notebook, as far as grading looks at it."""

    kind: str
    """``code``, ``markdown`` or ``raw``."""
    source: str
    """With line feeds alone between its lines."""
    id: str = ""
    own: Mapping[str, Any] = field(default_factory=dict)
    """Metadata ``exposure_lab``, which nobody vouches for."""
    tags: tuple[str, ...] = ()

    def says(self, key: str) -> str | None:
        """Text that its metadata have under a key; None where there is none."""
        value = self.own.get(key)
        return value if isinstance(value, str) else None


@dataclass(frozen=True)
class StudentNotebook:
    """Cells of a notebook, and what its metadata say of the release."""

    cells: tuple[Cell, ...]
    own: Mapping[str, Any] = field(default_factory=dict)
    """Metadata ``exposure_lab`` of the notebook, which nobody vouches for."""


def read_student_notebook(
    path: Path, shown: str | None = None, most: int = NOTEBOOK_BYTES
) -> StudentNotebook:
    """Read a notebook without running or trusting anything in it.

    Args:
        path: a file; a link is refused.
        shown: its name in sentences.
        most: bytes that are read at most.

    Raises:
        GradingError: too large, unreadable, or no notebook of format 4.
    """
    shown = shown or printable(path.name)
    raw = _read_bytes(path, shown, most)
    content = _parse(raw, shown)
    cells = content.get("cells") if isinstance(content, dict) else None
    version = content.get("nbformat") if isinstance(content, dict) else None
    if isinstance(version, int) and version < 4:
        raise GradingError(
            f"Expected a notebook of format 4 in {shown}, but it has format {version}: open it in "
            "Jupyter, which converts it, and save it."
        )
    if not isinstance(cells, list):
        raise GradingError(
            f"Expected a notebook in {shown}, but it is JSON without cells: ask for the .ipynb "
            "that Jupyter or Colab saves."
        )
    read = (_cell(cell) for cell in cells if isinstance(cell, dict))
    return StudentNotebook(tuple(read), _own(content))


def _read_bytes(path: Path, shown: str, most: int) -> bytes:
    try:
        # No link is followed, and a pipe does not keep us waiting; not every system knows these.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise GradingError(f"Expected a notebook in {shown}, but it is no plain file.")
            raw = file.read(most + 1)
    except OSError as error:
        raise GradingError(
            f"Expected to be allowed to read {shown}, but the system says: {error.strerror}: put "
            "the file itself there, or change its permissions."
        ) from error
    if len(raw) > most:
        raise GradingError(
            f"Expected a notebook of at most {most / 1e6:g} MB, but {shown} has more: ask for a "
            "copy whose large outputs are cleared."
        )
    return raw


def _parse(raw: bytes, shown: str) -> Any:
    """Parse JSON that may be anything. Raises GradingError."""
    kind = next((what for start, what in KINDS.items() if raw.lstrip().startswith(start)), None)
    if kind is not None or not raw.strip():
        raise GradingError(
            f"Expected a notebook in {shown}, but it is {kind or 'empty'}: ask for the .ipynb that "
            "Jupyter or Colab saves."
        )
    try:
        utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = raw.decode("utf-16" if utf16 else "utf-8-sig")
        _check_structure(text)
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GradingError(
            f"Expected a notebook in {shown}, but it does not parse ({printable(error)}): ask for "
            "it again, as Jupyter or Colab saves it."
        ) from error


def _check_structure(text: str) -> None:
    """Refuse what would take much memory or a deep stack to parse. Raises ValueError."""
    brackets = re.sub(r"[^\[\]{}]+", "", STRING.sub("", text))
    depth = deepest = opened = 0
    for sign in brackets:
        depth += 1 if sign in "[{" else -1
        opened += sign in "[{"
        deepest = max(depth, deepest)
        if deepest > DEEPEST or opened > MOST or depth < 0:
            raise ValueError("it is nested too deeply, or holds too many lists")


def _cell(cell: dict[str, Any]) -> Cell:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    # Before 4.5 a cell had no id; some tools kept one in its metadata.
    name = cell.get("id") or (metadata.get("id") if isinstance(metadata, dict) else None)
    return Cell(
        kind=str(cell.get("cell_type")),
        source=_text(cell.get("source")),
        id=name if isinstance(name, str) else "",
        own=_own(cell),
        tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
    )


def _own(node: dict[str, Any]) -> Mapping[str, Any]:
    metadata = node.get("metadata")
    own = metadata.get("exposure_lab") if isinstance(metadata, dict) else None
    return own if isinstance(own, dict) else {}


def _text(source: Any) -> str:
    """Source of a cell as one text that can be encoded."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode()  # half a pair of surrogates is no sign
