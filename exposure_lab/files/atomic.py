"""Atomic writing of files and folders: whole or not at all, and no user's file is lost.

What is being written has a temporary name that only this module makes:
``.exposure-lab-new-MARK-RANDOM.SUFFIX``, where MARK stands for the name it will get. A killed
process leaves such a file behind; `sweep_leftovers` knows it by that name. A folder that is being
replaced waits in ``.exposure-lab-old-MARK-RANDOM/NAME``, from where a sweep puts it back.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from exposure_lab.errors import FilesError
from exposure_lab.files.disk import explain_refusals, flush, rename_to_free_name
from exposure_lab.files.names import LEFTOVER, name_mark, temporary_path

SYNC_ALL_ABOVE = 100
"""Number of files above which one sync of the whole system is faster than one for each."""


@contextmanager
def atomic_path(path: Path | str, *, replace: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; move it into place when the block ends well.

    The temporary name keeps the suffix, because image writers choose the format by it. The file is
    flushed to the disk before the move, so that after a power cut the old or the new file is there,
    never an empty one. When the block raises, the temporary file is removed and ``path`` untouched.

    Args:
        path: the file to write; folders above it are made.
        replace: take the place of a file that is there. Without it a file that appeared in the
            meantime stays, unless it holds the very bytes that were to be written.

    Raises:
        FilesError: no space, no permission, the folder cannot be made, or ``path`` exists and
            `replace` is off.
    """
    path = Path(path)
    with explain_refusals(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_path(path, "new")
        # With the permissions of an ordinary new file, and only if nothing has that name.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            yield temporary
            flush(temporary)
            if replace:
                os.replace(temporary, path)
            else:
                rename_to_free_name(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path | str, *, replace: bool = False) -> Iterator[Path]:
    """Yield a temporary folder beside ``path``; rename it into place when the block ends well.

    Args:
        path: the folder to make.
        replace: take the place of a folder that stands there, once the new one is whole.

    Raises:
        FilesError: no space, no permission, or ``path`` exists already and `replace` is off.
    """
    path = Path(path)
    if os.path.lexists(path) and not replace:
        raise FilesError(f"Expected no folder at {path}, but there is one: choose another place.")
    with explain_refusals(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_path(path, "new")
        temporary.mkdir()
        try:
            yield temporary
            files = [path for path in temporary.rglob("*") if path.is_file()]
            if len(files) > SYNC_ALL_ABOVE and hasattr(os, "sync"):
                os.sync()
            else:
                for file in files:
                    flush(file)
            if replace:
                replace_folder(temporary, path)
            else:
                os.replace(temporary, path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def replace_folder(new: Path | str, path: Path | str) -> None:
    """Move a whole folder to its name, in the place of a folder that may stand there.

    No system renames over a folder with files in it, so the old one steps aside first. After a kill
    in between, `sweep_leftovers` puts it back.

    Args:
        new: folder on the same disk as ``path``.
        path: its name from now on.

    Raises:
        FilesError: no permission; what stood there stays.
    """
    new, path = Path(new), Path(path)
    with explain_refusals(path):
        if not path.is_dir():
            os.replace(new, path)  # refused where a file is in the way
            return
        aside = temporary_path(path, "old")
        aside.mkdir()
        try:
            os.replace(path, aside / path.name)
            os.replace(new, path)
        except BaseException:
            _put_back(aside, name_mark(path.name))
            with suppress(OSError):
                aside.rmdir()
            raise
        _remove(aside, path)


def remove_folder(path: Path | str) -> None:
    """Remove a folder in one step; what a kill leaves of it has a temporary name.

    Raises:
        FilesError: no permission.
    """
    path = Path(path)
    if os.path.lexists(path):
        with explain_refusals(path):
            _remove(path, path)


def _remove(folder: Path, path: Path) -> None:
    """Remove a folder, under a name of which no sweep puts anything back."""
    temporary = temporary_path(path, "new")
    os.replace(folder, temporary)
    shutil.rmtree(temporary, ignore_errors=True)


def _put_back(aside: Path, mark: str) -> None:
    """Give a folder that stepped aside its name again, unless the new one has it."""
    for folder in sorted(aside.iterdir()):
        path = aside.with_name(folder.name)
        if name_mark(folder.name) == mark and not os.path.lexists(path):
            os.replace(folder, path)


def sweep_leftovers(folder: Path | str, name: str | None = None) -> None:
    """Remove what killed processes left half-written in a folder, and nothing else.

    A folder that was about to be replaced, and whose successor did not come, is put back. The
    caller holds the lock that every process takes before it writes there, so whoever wrote
    these files is gone.

    Args:
        folder: looked through, but not the folders below it; it need not exist.
        name: only what would have become a file or folder of this name.
    """
    folder = Path(folder)
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        match = LEFTOVER.fullmatch(entry.name)
        if match is None or (name is not None and match[2] != name_mark(name)):
            continue
        if entry.is_dir() and not entry.is_symlink():
            if match[1] == "old":
                _put_back(entry, match[2])
            shutil.rmtree(entry)
        else:
            entry.unlink()


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write a whole file or nothing. Raises FilesError as `atomic_path` does."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path | str, text: str) -> None:
    """Write a whole UTF-8 file or nothing. Raises FilesError as `atomic_path` does."""
    write_bytes(path, text.encode())
