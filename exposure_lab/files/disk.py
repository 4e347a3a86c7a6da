"""Disks: their room, flushing, renaming that replaces nothing, and refusals as sentences."""

import errno
import filecmp
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exposure_lab.errors import FilesError


def check_free_space(folder: Path | str, needed: int) -> None:
    """Check that enough space is free, before work starts.

    Args:
        folder: where the files will go; it need not exist yet.
        needed: bytes.

    Raises:
        FilesError: fewer bytes are free.
    """
    existing = Path(folder).absolute()
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise FilesError(
            f"Expected {needed / 1e6:.0f} MB free at {folder}, but there are {free / 1e6:.0f} MB: "
            "free some space or choose another disk."
        )


@contextmanager
def explain_refusals(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into FilesError, where a user can do something about it."""
    try:
        yield
    except OSError as error:
        explanation = _explanation(error, path)
        if explanation is None:
            raise
        raise FilesError(explanation) from error


SHARING_VIOLATION = 32
"""Windows' number for a file that another program has open; Python's errno calls it EACCES too."""


def _explanation(error: OSError, path: Path) -> str | None:
    number = error.errno
    if getattr(error, "winerror", None) == SHARING_VIOLATION:
        return (
            f"Expected to write {path}, but another program has it open: close it there and run "
            "again."
        )
    if number in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"Expected room to write {path}, but the disk is full: free some space and run again; "
            "nothing half-written was left."
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"Expected to be allowed to write {path}, but permission was denied: choose a folder "
            "of your own."
        )
    if number in (errno.ENOTDIR, errno.EEXIST):
        return f"Expected a folder above {path}, but a file is in the way: choose another path."
    if number in (errno.EISDIR, errno.ENOTEMPTY):
        return f"Expected no folder at {path}, but there is one: choose another path."
    if number == errno.ENAMETOOLONG:
        return f"Expected a name that the disk takes, but {path} is too long: choose a shorter one."
    return None


def rename_to_free_name(temporary: Path, path: Path) -> None:
    """Rename a file in one step, but never over another, which may appear at any moment.

    Raises:
        FilesError: there is a file of that name, with other content.
    """
    try:
        try:
            os.link(temporary, path)  # a second name; a rename would replace what has it
        except FileExistsError:
            raise
        except OSError:  # exFAT and some network disks know no second names
            if os.name == "nt":
                os.rename(temporary, path)  # refuses there what it replaces elsewhere
            else:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                try:
                    os.replace(temporary, path)
                except OSError:
                    path.unlink()  # the name alone, which we had just taken
                    raise
    except FileExistsError as error:
        if path.is_file() and filecmp.cmp(temporary, path, shallow=False):
            return
        raise FilesError(
            f"Expected no file at {path}, but one has appeared there: it was left as it is, so "
            "choose another place or ask for it to be replaced."
        ) from error


def flush(path: Path) -> None:
    """Flush a file to the disk."""
    try:
        handle = os.open(path, os.O_RDWR)  # Windows flushes only what is open for writing
    except PermissionError:  # a copy of a file that is for reading only
        if os.name == "nt":
            return
        handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
