"""Unpacking an archive that a stranger made: only plain files, only inside, only so many."""

import errno
import lzma
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

from tqdm.auto import tqdm

from exposure_lab.data.members import CHUNK, LIMITS, Limits, Member, open_members
from exposure_lab.errors import DataError
from exposure_lab.files import atomic_folder, check_free_space

JUNK = (".ds_store", "thumbs.db", "desktop.ini")

DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile and tarfile raise when they are fed with rubbish; found by feeding them with it."""

Keep = Callable[[PurePosixPath], PurePosixPath | None]
"""Says where in the new folder a file goes, or None to leave it out."""


def no_junk(name: PurePosixPath) -> PurePosixPath | None:
    """Keep every file where it is, but for those that file managers leave behind."""
    junk = name.name.startswith("._") or name.name.lower() in JUNK
    return None if junk or "__MACOSX" in name.parts else name


def unpack(archive: Path, folder: Path, *, keep: Keep = no_junk, limits: Limits = LIMITS) -> None:
    """Unpack a .zip, .tar or .tar.gz into a new folder: all of it, or nothing.

    Folders are made as files need them; times, owners and permissions in the archive are ignored.

    Args:
        archive: its content decides what it is, not its name.
        folder: must not exist; it appears when all is in it.
        keep: see `Keep`.
        limits: see `Limits`.

    Raises:
        DataError: damaged, encrypted, of another kind, or holding what has no business there.
        FilesError: it does not fit on the disk, or `folder` exists.
    """
    if not archive.is_file():
        raise DataError(
            f"Expected an archive at {archive}, but there is no such file: check the path, and "
            "name the archive itself rather than a folder."
        )
    try:
        with (
            atomic_folder(folder) as temporary,
            open_members(archive, limits) as members,
            tqdm(desc=f"unpack {archive.name}", unit="B", unit_scale=True, disable=None) as bar,
        ):
            if isinstance(members, list):
                check_free_space(folder, sum(member.size for member in members))
            for member in members:
                target = keep(PurePosixPath(member.name))
                if target is not None and member.kind != stat.S_IFDIR:
                    _check(member, archive)
                    _write(member, temporary / target, archive)
                bar.update(member.size)
    except NotImplementedError as error:
        raise DataError(
            f"Expected an ordinary archive in {archive}, but it cannot be read here ({error}): "
            "unpack it with another program."
        ) from error
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # it is the disk that refuses
        raise DataError(
            f"Expected a whole archive in {archive}, but it is damaged ({error}): fetch it again."
        ) from error


def _check(member: Member, archive: Path) -> None:
    """Raises DataError unless the member is a file that stays inside the new folder."""
    path = PureWindowsPath(member.name)  # splits at / and at \, and knows drives
    if path.anchor or ".." in path.parts or "\0" in member.name:
        raise DataError(
            f"Expected names that stay inside the folder in {archive}, but one is "
            f"{member.name!r}: do not trust this archive."
        )
    if member.kind != stat.S_IFREG:
        raise DataError(
            f"Expected only files and folders in {archive}, but {member.name!r} is a link or a "
            "device: do not trust this archive."
        )


def _write(member: Member, target: Path, archive: Path) -> None:
    with member.open() as content:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("xb")
        except (FileExistsError, NotADirectoryError) as error:
            raise DataError(
                f"Expected each name once in {archive}, but {member.name!r} comes twice: do not "
                "trust this archive."
            ) from error
        with file:
            shutil.copyfileobj(content, file, CHUNK)
