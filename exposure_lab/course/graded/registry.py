"""Registry of graded questions: those of the package, overlaid with an instructor's own folder.

A chapter's are in ``chNN.py``: a tuple ``QUESTIONS`` of `GradedQuestion`, and where there are any,
a tuple ``WRITTEN`` of `WrittenQuestion`. A file of the same name in an instructor's folder replaces
questions of the same id and adds others.
"""

import hashlib
import importlib.util
import pkgutil
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from exposure_lab.course import graded
from exposure_lab.course.graded.question import GradedQuestion, WrittenQuestion
from exposure_lab.errors import GradingError

FILE = re.compile(r"ch(\d\d)")
"""Name of a module with a chapter's questions."""

QUESTION_ID = re.compile(r"\d\d\.[a-z0-9]+(?:-[a-z0-9]+)*")

Kind = TypeVar("Kind", GradedQuestion, WrittenQuestion)
Key = TypeVar("Key", str, tuple[str, str])


def graded_questions(
    chapter: str | None = None, folder: Path | None = None
) -> dict[str, GradedQuestion]:
    """Graded questions by id, chapter by chapter, in the order in which they are written.

    Args:
        chapter: such as ``"01"``; None for all.
        folder: of an instructor's own ``chNN.py`` files, which take precedence.

    Raises:
        GradingError: a file that does not run or holds something else, an id that is of another
            chapter or there twice, or two questions of a chapter with one name.
    """
    questions = _collect(GradedQuestion, "QUESTIONS", chapter, folder)
    _refuse_shared_names(questions.values())
    for question in questions.values():
        if not question.parts or any(not _is_count(n) for n in question.parts.values()):
            raise GradingError(
                f"Expected whole points of at least 1 for each part of {question.id}, but got "
                f"{dict(question.parts)}: mend its parts."
            )
    return questions


def written_questions(
    chapter: str | None = None, folder: Path | None = None
) -> dict[str, WrittenQuestion]:
    """Questions that a person marks, by id; see `graded_questions`.

    Raises:
        GradingError: as `graded_questions` does; or an id that a graded question has as well.
    """
    questions = _collect(WrittenQuestion, "WRITTEN", chapter, folder)
    for name in questions.keys() & graded_questions(chapter, folder).keys():
        raise GradingError(
            f"Expected an id of its own for the written question {name}, but a graded question "
            "has it: rename one of them."
        )
    for question in questions.values():
        if not _is_count(question.points):
            raise GradingError(
                f"Expected whole points of at least 1 for {question.id}, but got {question.points}."
            )
    return questions


def private_questions(folder: Path | None) -> set[str]:
    """Ids that come from an instructor's own folder: a student's `check` does not know them.

    Raises:
        GradingError: see `graded_questions`.
    """
    if folder is None:
        return set()
    modules = list(_own_modules(folder, None))
    return {one.id for module in modules for one in _entries(module, GradedQuestion, "QUESTIONS")}


def _collect(
    kind: type[Kind], attribute: str, chapter: str | None, folder: Path | None
) -> dict[str, Kind]:
    sources = [_package_modules(chapter)]
    if folder is not None:
        sources.append(_own_modules(folder, chapter))
    questions: dict[str, Kind] = {}
    for modules in sources:
        of_source = [one for module in modules for one in _entries(module, kind, attribute)]
        questions |= {one.id: one for one in of_source}
    # A chapter that only the folder has comes where its number says; the sort keeps all else.
    return dict(sorted(questions.items(), key=lambda item: item[1].chapter))


def _package_modules(chapter: str | None) -> Iterator[ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(graded.__path__))
    for name in names:
        match = FILE.fullmatch(name)
        if match and chapter in (None, match[1]):
            yield import_module(f"{graded.__name__}.{name}")


def _own_modules(folder: Path, chapter: str | None) -> Iterator[ModuleType]:
    """Import the ``chNN.py`` of an instructor's folder, under names that other processes give too.

    Raises:
        GradingError: no folder, no such file in it, or a file that does not run.
    """
    folder = Path(folder).resolve()
    files = sorted(path for path in folder.glob("ch*.py") if FILE.fullmatch(path.stem))
    if not files:
        raise GradingError(
            f"Expected files such as ch01.py with questions in {folder}, but there are none: "
            "choose the folder that holds yours."
        )
    for path in files:
        if chapter in (None, path.stem[2:]):
            yield _import_file(path)


def _import_file(path: Path) -> ModuleType:
    content = path.read_bytes()
    mark = hashlib.sha256(str(path).encode() + b"\0" + content).hexdigest()[:12]
    name = f"exposure_lab_own_{path.stem}_{mark}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look modules up there
    try:
        # Not by the loader, whose bytecode passes for that of a file changed within a second.
        exec(compile(content, path, "exec"), module.__dict__)
    except Exception as error:
        del sys.modules[name]
        raise GradingError(
            f"Expected questions in {path}, but it does not run ({type(error).__name__}: {error}): "
            "mend it."
        ) from error
    return module


def _entries(module: ModuleType, kind: type[Kind], attribute: str) -> list[Kind]:
    """Questions of a module, each of its chapter and there once. Raises GradingError."""
    entries = list(getattr(module, attribute, ()))
    chapter = Path(str(module.__file__)).stem[2:]
    for entry in entries:
        if not isinstance(entry, kind):
            raise GradingError(
                f"Expected only {kind.__name__} in {attribute} of {module.__file__}, but got a "
                f"{type(entry).__name__}: take it out."
            )
        if not QUESTION_ID.fullmatch(entry.id) or entry.chapter != chapter:
            raise GradingError(
                f"Expected ids such as {chapter}.some-name in {module.__file__}, but got "
                f"{entry.id!r}: rename it."
            )
    if repeated := _repeated(entry.id for entry in entries):
        raise GradingError(
            f"Expected each id once in {attribute} of {module.__file__}, but {repeated} is there "
            "twice: rename one."
        )
    return entries


def _refuse_shared_names(questions: Iterable[GradedQuestion]) -> None:
    """Refuse two answers of a chapter that would define one name. Raises GradingError."""
    if repeated := _repeated((one.chapter, one.name) for one in questions):
        chapter, name = repeated
        raise GradingError(
            f"Expected each question of chapter {chapter} to ask for a name of its own, but two "
            f"ask for {name}: rename one."
        )


def _repeated(values: Iterable[Key]) -> Key | None:
    """First value that is there more than once."""
    return next((value for value, count in Counter(values).items() if count > 1), None)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 1
