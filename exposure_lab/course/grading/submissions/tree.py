"""Everything that lies in a download: a folder, a zip of one, or a single notebook."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from exposure_lab.course.grading.submissions.archive import unpack
from exposure_lab.course.grading.submissions.file_names import (
    clean_parts,
    is_junk,
    notebook_stem,
    readable,
)
from exposure_lab.course.grading.submissions.found import Found
from exposure_lab.course.grading.submissions.limits import Budget, Limits
from exposure_lab.errors import GradingError

DEPTH = 20
"""Nested folders that are looked into."""

EXPORT_FOLDER = re.compile(r"assignment_\d+_export")
"""Folder that Gradescope puts around an export."""

STUDENTS_FOLDER = re.compile(r"submission_\d+|.*_assignsubmission_[a-z]+_?", re.DOTALL)
"""Folder of one student, as Gradescope and Moodle name it."""


class Tree(NamedTuple):
    """Files of a download, by their paths in it."""

    found: list[Found]

    @property
    def top_files(self) -> list[Found]:
        """Files that lie in no folder."""
        return [file for file in self.found if len(file.parts) == 1 and not file.folder]

    @property
    def by_folder(self) -> dict[str, list[Found]]:
        """Name of each folder at the top to the files below it; an empty one has none."""
        folders: dict[str, list[Found]] = {}
        for file in self.found:
            if file.folder or len(file.parts) > 1:
                files = folders.setdefault(file.parts[0], [])
                if not file.folder:
                    files.append(file)
        return folders


def read_tree(path: Path, work: Path, limits: Limits) -> Tree:
    """List a download; a zip is unpacked into ``work/download``.

    Links are never followed, and what editors and file managers leave behind is left out.

    Raises:
        GradingError: nothing is there, or no submissions are in it.
        FilesError: the disk is full or refuses.
    """
    if path.is_dir():
        found = [file for file in _walk(path, ()) if not is_junk(file.parts)]
        found = _without_wrapper(found, lambda name, _: EXPORT_FOLDER.fullmatch(name) is not None)
    elif notebook_stem(path.name) is not None and path.is_file():
        found = [Found(clean_parts(path.name), path)]
    elif path.is_file():
        found = unpack(path, work / "download", limits, Budget.whole(limits), path.name)
        found = _without_wrapper(found, lambda name, inside: _is_wrapper(name, inside, path.stem))
    else:
        raise GradingError(
            f"Expected a folder or a zip of submissions at {path}, but there is none: check the "
            "path."
        )
    if not found:
        raise GradingError(f"Expected submissions in {path}, but it is empty: download them again.")
    return Tree(found)


def _walk(folder: Path, above: tuple[str, ...]) -> Iterator[Found]:
    """List a folder in the order of its names."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Found(above or ("_",), problem=_unreadable("/".join(above) or str(folder), error))
        return
    for entry in entries:
        parts = (*above, *clean_parts(readable(entry.name))[-1:])
        if entry.is_symlink():
            yield Found(parts, problem=_not_plain(parts, "a link"))
        elif entry.is_dir():
            yield Found(parts, folder=True)
            if len(parts) >= DEPTH:
                yield Found((*parts, "_"), problem=_not_plain(parts, "nested too deeply"))
            elif not is_junk(parts):
                yield from _walk(Path(entry.path), parts)
        elif entry.is_file():
            yield Found(parts, Path(entry.path))
        else:
            yield Found(parts, problem=_not_plain(parts, "a device or a pipe"))


def _not_plain(parts: tuple[str, ...], what: str) -> str:
    return (
        f"Expected plain files and folders, but {'/'.join(parts)} is {what}: put the file itself "
        "there."
    )


def _unreadable(shown: str, error: OSError) -> str:
    return (
        f"Expected to be allowed to read {shown}, but the system says: {error.strerror}: change "
        "its permissions."
    )


def _is_wrapper(name: str, inside: list[Found], stem: str) -> bool:
    """Whether the one folder of a zip holds students rather than being one."""
    if STUDENTS_FOLDER.fullmatch(name):
        return False
    notebooks = [file for file in inside if len(file.parts) == 1 and notebook_stem(file.name)]
    chapters = [file for file in notebooks if re.match(r"\d\d_", file.name)]
    folders = {file.parts[0] for file in inside if len(file.parts) > 1}
    return (
        name == stem
        or EXPORT_FOLDER.fullmatch(name) is not None
        or len(folders) > 1
        or any(STUDENTS_FOLDER.fullmatch(folder) for folder in folders)
        or (len(notebooks) > 1 and not chapters)
    )


def _without_wrapper(
    found: list[Found], is_wrapper: Callable[[str, list[Found]], bool]
) -> list[Found]:
    """Leave out the one folder around everything, where it is no student's."""
    tops = {file.parts[0] for file in found}
    if len(tops) != 1 or any(len(file.parts) == 1 and not file.folder for file in found):
        return found
    inside = [replace(file, parts=file.parts[1:]) for file in found if len(file.parts) > 1]
    return inside if inside and is_wrapper(tops.pop(), inside) else found
