"""What a disk refuses, as a sentence that a user can act on; and how much room it has."""

import errno
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
def explained(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into FilesError, where a user can do something about it."""
    try:
        yield
    except OSError as error:
        explanation = _explanation(error.errno, path)
        if explanation is None:
            raise
        raise FilesError(explanation) from error


def _explanation(number: int | None, path: Path) -> str | None:
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
