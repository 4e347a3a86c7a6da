"""Archives that a student handed in: their files take their place, archives in them included."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from exposure_lab.course.grading.submissions.archive import unpack
from exposure_lab.course.grading.submissions.file_names import ARCHIVE
from exposure_lab.course.grading.submissions.limits import Budget, Limits
from exposure_lab.course.grading.submissions.pieces import Piece
from exposure_lab.errors import GradingError


def open_archives(pieces: Sequence[Piece], folder: Path, limits: Limits) -> list[Piece]:
    """Unpack a student's archives within one budget for all of them.

    Args:
        pieces: of one student.
        folder: where to; it is made where there is an archive.
        limits: to all of them together.

    Returns:
        The files; an archive that is not opened comes back without its file, with a sentence.
    """
    budget = Budget.whole(limits)
    return [
        file
        for number, piece in enumerate(pieces)
        for file in _open(piece, folder / str(number), limits, budget, 0)
    ]


def _open(
    piece: Piece, folder: Path, limits: Limits, budget: Budget, depth: int
) -> Iterator[Piece]:
    file = piece.file
    if file is None or file.path is None or not ARCHIVE.fullmatch(file.name):
        yield piece
        return
    try:
        if depth >= limits.depth:
            raise GradingError(
                f"Expected a notebook in {file.shown}, but it is one archive too deep inside "
                "others: ask for the notebook alone."
            )
        members = unpack(file.path, folder / "files", limits, budget, file.shown)
    except (GradingError, OSError) as error:
        yield replace(piece, file=None, problem=_sentence(file.shown, error))
        return
    for number, member in enumerate(members):
        if not member.folder:
            inside = replace(piece, file=member, given_name=member.shown)
            yield from _open(inside, folder / str(number), limits, budget, depth + 1)


def _sentence(shown: str, error: GradingError | OSError) -> str:
    if isinstance(error, GradingError):
        return str(error)
    return (
        f"Expected to be allowed to read {shown}, but the system says: {error.strerror}: change "
        "its permissions."
    )
