"""Folder of work in progress inside the folder of a set; what a kill leaves in it is removed.

In the folder of a set, ``.download/`` holds what is under way, and ``downloads.json`` remembers the
SHA-256 of each archive that was whole.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from exposure_lab.data.download.unpack import Keep, unpack
from exposure_lab.errors import FilesError
from exposure_lab.files.atomic import sweep_leftovers

WORK = ".download"
RECORD = "downloads.json"
UNPACKED, COPIED = "unpacked", "copied"
"""Folders in `WORK`. All else there is a reader's own, but for archives by their names."""


def prepare_work(out: Path) -> Path:
    """Make the folder of work in progress, without what a killed process left half-written.

    Raises:
        FilesError: it cannot be made.
    """
    clear_work(out)
    work = out / WORK
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FilesError(
            f"Expected to make a folder {work}, but the system says: {error.strerror}: move away "
            "what is there, or choose another folder."
        ) from error
    return work


def unpack_in_work(archive: Path, out: Path, keep: Keep) -> Path:
    """Unpack an archive inside the work folder, which exists, and return the folder of its files.

    Raises:
        DataError: damaged or unsafe.
        FilesError: no room.
    """
    folder = out / WORK / UNPACKED
    unpack(archive, folder, keep=keep)
    return folder


def clear_work(out: Path) -> None:
    """Remove what was unpacked or half-written; partial downloads stay."""
    work = out / WORK
    for folder in (work / UNPACKED, work / COPIED):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
    sweep_leftovers(work)
    sweep_leftovers(out, RECORD)
    with suppress(OSError):  # not empty, or not there
        work.rmdir()
