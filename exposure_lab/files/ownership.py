"""Ownership of folders: locks against other processes, and refusal of a user's own folders."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from exposure_lab.errors import FilesError
from exposure_lab.files.atomic import remove_folder, sweep_leftovers
from exposure_lab.files.disk import explain_refusals
from exposure_lab.files.names import LEFTOVER, name_mark

LOCK = ".exposure-lab.lock"
"""Name of the lock file of a folder in which one process at a time may write; it stays there."""

LOCK_NAME = re.compile(r"\.exposure-lab(-[0-9a-f]{8})?\.lock")
"""Name of the lock of a folder, and of that beside a path."""

MADE = ".exposure-lab-made"
"""Name of the mark of a folder that this package made, and may remove."""

SYSTEM_FILES = (".ds_store", "thumbs.db", "desktop.ini")
"""Names of the files that systems and file managers leave in folders, in lower case."""


@contextmanager
def folder_lock(folder: Path | str, *, timeout: float = 0) -> Iterator[None]:
    """Keep a second process out of a folder while the block runs.

    Args:
        folder: made where it is not there.
        timeout: seconds to wait for another process, where the work is short and the same.

    Raises:
        FilesError: another process holds the folder.
    """
    with _lock(Path(folder) / LOCK, Path(folder), timeout):
        yield


@contextmanager
def path_lock(path: Path | str, *, timeout: float = 0) -> Iterator[None]:
    """Keep a second process from making the same file or folder while the block runs.

    Args:
        path: what the block makes.
        timeout: seconds to wait for another process, where it makes the same thing.

    Raises:
        FilesError: another process is making it.
    """
    path = Path(path)
    with _lock(path.with_name(f".exposure-lab-{name_mark(path.name)}.lock"), path, timeout):
        yield


@contextmanager
def _lock(file: Path, what: Path, timeout: float = 0) -> Iterator[None]:
    with explain_refusals(what):
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file, timeout=timeout)
        try:
            lock.acquire()
        except Timeout as error:
            raise FilesError(
                f"Expected {what} to be free, but another process is writing there: wait for it or "
                "choose another folder."
            ) from error
        except NotImplementedError as error:  # a network disk
            raise FilesError(
                f"Expected a disk that can lock files for {what}, but this one cannot: choose a "
                "folder on another disk."
            ) from error
    try:
        yield
    finally:
        lock.release()


def refuse_foreign(folder: Path | str, *ours: str) -> None:
    """Refuse a folder that holds files of somebody else, before anything is written into it.

    Args:
        folder: where a set or a run is to go; it need not exist.
        ours: files or folders in it, or below it, any of which tells that it is our own.

    Raises:
        FilesError: the folder holds something, and none of these; or it is no folder.
    """
    folder = Path(folder)
    if not os.path.lexists(folder):
        return
    with explain_refusals(folder / ours[0]):
        names = sorted(entry.name for entry in folder.iterdir())
    foreign = [name for name in names if not is_ignored_name(name)]
    if foreign and not any(os.path.lexists(folder / name) for name in ours):
        raise FilesError(
            f"Expected an empty folder or one with {ours[0]}, but {folder} holds other files, such "
            f"as {foreign[0]}: choose another folder."
        )


def recreate_folder(folder: Path | str) -> Path:
    """Empty a folder, or make it, with nothing in it but the mark by which it is known later.

    The caller holds the lock that every process takes before it writes there.

    Raises:
        FilesError: what stands there was not made here, or the disk refuses.
    """
    folder = Path(folder)
    sweep_leftovers(folder.parent, folder.name)
    if os.path.lexists(folder):
        _refuse_unmade(folder)
        remove_folder(folder)
    with explain_refusals(folder):
        folder.mkdir(parents=True)
        (folder / MADE).touch()
    return folder


def _refuse_unmade(folder: Path) -> None:
    """Check that a folder was made by `recreate_folder`, or holds nothing. Raises FilesError."""
    is_folder = folder.is_dir() and not folder.is_symlink()
    names = sorted(entry.name for entry in folder.iterdir()) if is_folder else []
    foreign = [name for name in names if not is_ignored_name(name)]
    if not is_folder or (foreign and MADE not in names):
        what = f"it holds other files, such as {foreign[0]}" if foreign else "it is no folder"
        raise FilesError(f"Expected {folder} to be free or made here, but {what}: move it away.")


def is_ignored_name(name: str) -> bool:
    """Whether a name does not count for ownership: a lock, a leftover, a system's own file."""
    ours = LOCK_NAME.fullmatch(name) or LEFTOVER.fullmatch(name)
    return ours is not None or name.lower() in SYSTEM_FILES
