"""Chapters of a checkout, as somebody names them."""

from collections.abc import Sequence
from pathlib import Path

from exposure_lab.errors import unknown_name
from exposure_lab.publishing.notebook_files import find_chapters


def select_chapters(names: Sequence[str], root: Path | str) -> list[Path]:
    """Find chapters by name or number, in the book's order; all where none is named.

    Args:
        names: such as ``"01_exposure"``, ``"01"``, ``"1"`` or ``"book/01_exposure.ipynb"``.
        root: a checkout with ``book/``.

    Raises:
        ConfigError: there is no such chapter.
        ChapterError: there are no chapters at all.
    """
    chapters = find_chapters(root)
    asked = {_short_name(name): name for name in names}
    known = {path.stem for path in chapters} | {path.stem[:2] for path in chapters}
    for name, written in asked.items():
        if name not in known:
            raise unknown_name("chapter", written, [path.stem for path in chapters])
    return [path for path in chapters if not asked or {path.stem, path.stem[:2]} & asked.keys()]


def _short_name(name: str) -> str:
    stem = Path(name).name.removesuffix(".ipynb")
    return stem.zfill(2) if stem.isdecimal() else stem
