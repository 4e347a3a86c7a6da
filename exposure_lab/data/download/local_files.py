"""Archive or folder that the reader has already: only read, and its files unpacked or copied."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

from exposure_lab.data.download.unpack import Keep, no_junk
from exposure_lab.data.download.work_folder import (
    COPIED,
    clear_work,
    prepare_work,
    unpack_in_work,
)
from exposure_lab.errors import FilesError
from exposure_lab.files.atomic import atomic_folder
from exposure_lab.files.disk import check_free_space


@contextmanager
def unpack_local_archive(archive: Path, out: Path, *, keep: Keep = no_junk) -> Iterator[Path]:
    """Unpack an archive that the reader has, which is only read, and yield the folder of its files.

    Raises:
        DataError: damaged or unsafe.
        FilesError: no room.
    """
    prepare_work(out)
    yield unpack_in_work(archive, out, keep)
    clear_work(out)


@contextmanager
def copy_local_folder(source: Path, out: Path) -> Iterator[Path]:
    """Copy a folder that the reader has, and yield the copy.

    Raises:
        FilesError: no room, a file that cannot be read, or a link that leads back to where it is.
    """
    folder = prepare_work(out) / COPIED
    check_free_space(out, sum(path.stat().st_size for path in source.rglob("*") if path.is_file()))
    try:
        with atomic_folder(folder) as temporary:
            shutil.copytree(
                source, temporary, ignore=partial(_ignored_names, source), dirs_exist_ok=True
            )
    except shutil.Error as error:
        path, _, why = error.args[0][0]
        raise FilesError(
            f"Expected to copy {source}, but {path} cannot be read ({why}): mend that or move it "
            "away."
        ) from error
    yield folder
    clear_work(out)


def _ignored_names(source: Path, folder: str, names: list[str]) -> set[str]:
    """List the names not to copy: a file manager's own files, and pipes and sockets.

    Raises:
        FilesError: a link leads back to a folder that it is in: followed, it would have no end.
    """
    for name in names:
        if (path := Path(folder, name)).is_symlink() and _leads_back(path, source):
            raise FilesError(
                f"Expected folders that end in {source}, but {path} leads back to one that it is "
                "in: remove the link."
            )
    return {
        name
        for name in names
        if no_junk(PurePosixPath(name)) is None
        or not ((path := Path(folder, name)).is_file() or path.is_dir())
    }


def _leads_back(link: Path, source: Path) -> bool:
    """Whether a link in a folder leads to a folder above the link, or above such a one."""
    above = [folder for folder in link.parents if folder.is_relative_to(source)]
    target = os.path.realpath(link)
    return any(Path(os.path.realpath(folder)).is_relative_to(target) for folder in above)
