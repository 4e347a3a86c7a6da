"""Cells that a release gives: told from what students wrote, also in their place.

Where an editor lost all marks, a given cell is known by its text. Where a student changed one, for
an import or a helper, an answer may need that: such a cell counts as added. The sandbox runs of it
what an answer needs.
"""

from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.grading.submissions.notebook import Cell, read_student_notebook
from exposure_lab.course.release.manifest import STUDENT, Manifest


@dataclass(frozen=True)
class Given:
    """Cells of a release that are no answers; where none are known, marks alone count."""

    texts: frozenset[str] = frozenset()

    def has(self, cell: Cell) -> bool:
        """Whether a cell is as it was given; blanks at the ends of its lines do not count."""
        return _plain(cell.source) in self.texts

    def was_changed(self, cell: Cell) -> bool:
        """Whether a cell that is marked as given holds other code.

        An editor also copies the marks of a cell that is copied, and keeps those of the first
        where two are made one.
        """
        return bool(self.texts) and bool(cell.source.strip()) and not self.has(cell)


def read_given(release: Path, manifest: Manifest) -> Given:
    """Read the given cells of a release from the notebooks that students got.

    Args:
        release: the folder that ``course release`` wrote.
        manifest: of that release.

    Raises:
        GradingError: a notebook of it cannot be read.
    """
    cells: list[Cell] = []
    for chapter in manifest.chapters:
        cells += read_student_notebook(release / STUDENT / chapter.file).cells
    return Given(frozenset(_plain(cell.source) for cell in cells if cell.own.get("given")))


def _plain(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
