"""Layouts of downloads, how each is recognised, and the students that it names."""

from collections.abc import Callable, Collection
from pathlib import Path

from exposure_lab.course.grading.submissions.canvas import canvas_pieces, parse_canvas
from exposure_lab.course.grading.submissions.gradescope import (
    METADATA,
    NUMBER,
    gradescope_pieces,
)
from exposure_lab.course.grading.submissions.mapping import mapped_pieces
from exposure_lab.course.grading.submissions.moodle import moodle_pieces, parse_moodle
from exposure_lab.course.grading.submissions.pieces import Piece
from exposure_lab.course.grading.submissions.plain import plain_pieces
from exposure_lab.course.grading.submissions.tree import Tree
from exposure_lab.errors import ConfigError, unknown_name

LAYOUTS: dict[str, Callable[[Tree, Collection[str]], list[Piece]]] = {
    "canvas": canvas_pieces,
    "moodle": lambda tree, _: moodle_pieces(tree),
    "moodle-team": lambda tree, _: moodle_pieces(tree, teams=True),
    "gradescope": lambda tree, _: gradescope_pieces(tree),
    "plain": lambda tree, _: plain_pieces(tree),
}
"""Name of a layout to what finds the students in it, given the files of the release.

``moodle-team`` is never recognised: the numbers in it look like those of participants.
"""


def find_pieces(
    tree: Tree, chapters: Collection[str], layout: str | None, mapping: Path | None
) -> list[Piece]:
    """Find whose each file is, by a mapping file, by the layout that is named, or by its rules.

    Args:
        tree: the download.
        chapters: names of the files of the release.
        layout: a key of `LAYOUTS`; None to recognise it.
        mapping: a mapping file, for any other layout.

    Raises:
        ConfigError: no such layout, or both a layout and a mapping file.
        GradingError: the mapping file makes no sense.
    """
    if layout is not None and layout not in LAYOUTS:
        raise unknown_name("layout", layout, LAYOUTS)
    if mapping is not None:
        if layout is not None:
            raise ConfigError(
                f"Expected a layout or a mapping file, but both came: the file stands in place of "
                f"the layout {layout}, so leave one out."
            )
        return mapped_pieces(tree, mapping)
    return LAYOUTS[layout or recognise(tree)](tree, chapters)


def recognise(tree: Tree) -> str:
    """Name of the layout whose rules at least half of what lies at the top follows."""
    folders = tree.by_folder
    names = [file.name for file in tree.top_files]
    if METADATA in names or (folders and all(NUMBER.fullmatch(folder) for folder in folders)):
        return "gradescope"
    half = (len(names) + len(folders)) / 2
    moodle = [parse_moodle(name, folder=False) for name in names]
    moodle += [parse_moodle(folder, folder=True) for folder in folders]
    if sum(said is not None for said in moodle) >= half:
        return "moodle"
    if sum(parse_canvas(name) is not None for name in names) >= half:
        return "canvas"
    return "plain"
