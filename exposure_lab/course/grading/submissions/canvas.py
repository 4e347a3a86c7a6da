"""Canvas: one flat zip, whose names say who handed in what, and whether late.

``{name}[_LATE]_{user id}_{attachment id}_{file}``, where the name has lost its spaces and signs;
``[LATE_]anon_{id}_...`` where marking is anonymous; a text entry or a link has ``text.html`` or
``link.html`` in place of attachment and file. A resubmitted file has ``-1`` before its suffix. A
group appears under one of its students. Source: Canvas, lib/content_zipper.rb.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from exposure_lab.course.grading.submissions.found import Found
from exposure_lab.course.grading.submissions.pieces import Piece, stray
from exposure_lab.course.grading.submissions.tree import Tree

EXPECTED = "ana_4021_88123_01_exposure.ipynb"

CONTENT = r"_(?:(?P<entry>text|link)\.html|(?P<attachment>\d+)_(?P<file>.+))"
NAMED = r"(?P<name>.*?)(?P<late>_LATE)?_(?P<user>\d+)" + CONTENT
NAMED_WITH_NUMBER = r"(?P<name>.*?_\d+)(?P<late>_LATE)?_(?P<user>\d+)" + CONTENT
ANONYMOUS = r"(?P<late>LATE_)?anon_(?P<anonymous>[^_]+)" + CONTENT

ATTEMPT = re.compile(
    r"(?P<stem>.*?)(?:-(?P<number>\d)|-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?"
    r"(?P<suffix>(?:\.[A-Za-z][A-Za-z0-9]*)*)",
    re.DOTALL,
)
"""Name of a file with the mark of a resubmission: a digit, or a long one after seven."""

AFTER_SEVEN = 8


class CanvasName(NamedTuple):
    """What a name in a download from Canvas says."""

    name: str
    late: bool
    user: str | None
    """Id of the user; None where marking is anonymous."""
    anonymous: str | None
    entry: str | None
    """``text`` or ``link`` for what was typed into the page; None for a file."""
    attachment: int
    file: str


def parse_canvas(name: str, chapters: Collection[str] = ()) -> CanvasName | None:
    """Take a name apart; None where it follows no rule of Canvas.

    A name may end in a number, as in ``student_12_4021_88123_a.ipynb``. It is read so where the
    rest is a file of the release, and the other reading gives none.

    Args:
        name: of a file in the download.
        chapters: names of the files of the release, such as ``01_exposure.ipynb``.
    """
    for pattern in (ANONYMOUS, NAMED):
        if match := re.fullmatch(pattern, name, re.DOTALL):
            break
    else:
        return None
    file = match["file"] or ""
    other = re.fullmatch(NAMED_WITH_NUMBER, name, re.DOTALL)
    if other and other["file"] and not _is_chapter(file, chapters):
        match = other if _is_chapter(other["file"], chapters) else match
    said = match.groupdict()
    return CanvasName(
        said.get("name") or "",
        said["late"] is not None,
        said.get("user"),
        said.get("anonymous"),
        said["entry"],
        int(said["attachment"] or 0),
        said["file"] or f"{said['entry']}.html",
    )


def attempt(file: str) -> tuple[str, int]:
    """Name of a file without the mark of a resubmission, and the number of the attempt."""
    match = ATTEMPT.fullmatch(file)
    if match is None:
        return file, 0
    base = match["stem"] + match["suffix"]
    if base == file:
        return file, 0
    return base, int(match["number"] or AFTER_SEVEN)


def canvas_pieces(tree: Tree, chapters: Collection[str]) -> list[Piece]:
    """Find the students of a download from Canvas."""
    pieces = []
    for file in tree.found:
        said = parse_canvas(file.name, chapters) if len(file.parts) == 1 else None
        if file.folder:
            continue
        pieces.append(_piece(file, said) if said else stray(file, EXPECTED))
    return pieces


def _piece(file: Found, said: CanvasName) -> Piece:
    key = said.user or said.anonymous or ""
    base, number = attempt(said.file)
    return Piece(
        student=key,
        name=said.name or f"anonymous {key}",
        file=file,
        given_name=said.file,
        ids={"canvas_id" if said.user else "canvas_anonymous_id": key},
        late=said.late,
        series=base.casefold(),
        rank=(number, said.attachment),
    )


def _is_chapter(file: str, chapters: Collection[str]) -> bool:
    return attempt(file)[0] in chapters
