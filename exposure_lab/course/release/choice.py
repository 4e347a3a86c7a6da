"""Choice of the chapters that a release hands out; the capstone is chosen by its name."""

from collections.abc import Sequence
from pathlib import Path

from exposure_lab.course.graded.registry import graded_questions, written_questions
from exposure_lab.errors import ConfigError, GradingError
from exposure_lab.publishing.notebook_files import CHAPTER_NAME

EVERY = "all"
"""Choice of every chapter of the book, also of those without graded questions."""

CAPSTONE, CAPSTONE_NUMBER = "capstone", "90"
"""Name and number by which the capstone is chosen; it is no chapter of the book."""

CAPSTONE_SOURCE, CAPSTONE_FILE = "instructors/capstone.ipynb", "90_capstone.ipynb"
"""Where it lies in the book's folder, and how the edition for students is called."""


def choose_chapters(book: Path, chapters: Sequence[str], questions: Path | None) -> list[Path]:
    """Find the notebooks to hand out, in order.

    Args:
        book: folder of the committed chapters.
        chapters: numbers such as ``01``, `EVERY`, `CAPSTONE`; none for the chapters with graded
            questions.
        questions: folder of an instructor's own questions.

    Raises:
        GradingError: no book there.
        ConfigError: a chapter that the book does not have, or that asks nothing.
    """
    of_book = {path.name[:2]: path for path in _find_chapters(book)}
    there, capstone = dict(of_book), book / CAPSTONE_SOURCE
    if capstone.is_file():
        there[CAPSTONE_NUMBER] = capstone
    asked = graded_questions(folder=questions), written_questions(folder=questions)
    graded = {one.chapter for each in asked for one in each.values()}
    named = [CAPSTONE_NUMBER if one == CAPSTONE else one for one in chapters]
    named = named or sorted(graded - {CAPSTONE_NUMBER})
    for number in named:
        if number == EVERY:
            continue
        if number not in there:
            raise ConfigError(
                f"Expected chapters of {book}, which has {', '.join(there)}, but got {number}: "
                "name those that are there."
            )
        if number not in graded:
            raise ConfigError(
                f"Expected chapters with graded questions, which {', '.join(sorted(graded))} have, "
                f"but got {number}: name one of these, or all."
            )
    wanted = {*named, *(of_book if EVERY in named else ())}
    return [path for number, path in there.items() if number in wanted]


def student_file(path: Path) -> str:
    """Name of the edition for students of a notebook of the book."""
    return CAPSTONE_FILE if path.match(CAPSTONE_SOURCE) else path.name


def _find_chapters(book: Path) -> list[Path]:
    chapters = sorted(path for path in book.glob("*.ipynb") if CHAPTER_NAME.fullmatch(path.stem))
    if not chapters:
        raise GradingError(
            f"Expected chapters such as 01_exposure.ipynb in {book}, but there are none: run this "
            "in a checkout of the project, or name its folder with --book."
        )
    return chapters
