"""Unpacking of an untrusted archive: only plain files, only inside a new folder, within limits."""

import errno
import lzma
import shutil
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from tqdm.auto import tqdm

from exposure_lab.data.download.archive_members import (
    LIMITS,
    READ_CHUNK,
    Limits,
    Member,
    open_members,
)
from exposure_lab.data.download.printable import printable
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files.atomic import atomic_folder
from exposure_lab.files.disk import check_free_space
from exposure_lab.files.names import folded_name
from exposure_lab.files.ownership import SYSTEM_FILES

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
"""Errors that zipfile and tarfile raise over damaged archives, as fuzzing found them."""

DEPTH = 20
"""Nested folders that a file may lie in, at most."""

LONGEST_PART, LONGEST_PATH = 255, 1000
"""Bytes of one part of a path, which most disks take, and of the whole path, at most."""

REFUSED_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories of characters that no name may hold: controls, surrogates, line ends. What
joins or reorders letters is part of how languages are written."""

DEVICES = {
    *("con", "prn", "aux", "nul", "conin$", "conout$"),
    *(f"{port}{number}" for port in ("com", "lpt") for number in "123456789¹²³"),
}
"""Names that mean a device on Windows, in any folder, in either case and with any suffix."""

Keep = Callable[[PurePosixPath], PurePosixPath | None]
"""Function from a file's path in the archive to that in the new folder; None leaves it out."""


def no_junk(name: PurePosixPath) -> PurePosixPath | None:
    """Keep every file at its path, but for those that file managers leave behind."""
    junk = name.name.startswith("._") or name.name.lower() in SYSTEM_FILES
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
    with (
        _explain_damage(archive, folder),
        atomic_folder(folder) as temporary,
        open_members(archive, limits) as members,
        tqdm(desc=f"unpack {archive.name}", unit="B", unit_scale=True, disable=None) as bar,
    ):
        if isinstance(members, list):
            check_free_space(folder, sum(member.size for member in members))
        seen: dict[str, str] = {}
        for member in members:
            target = keep(PurePosixPath(member.name))
            if target is not None and member.kind != stat.S_IFDIR:
                _check(member, archive)
                _check_new(target, seen, archive)
                _write(member, temporary / target, archive)
            bar.update(member.size)


@contextmanager
def _explain_damage(archive: Path, folder: Path) -> Iterator[None]:
    """Turn what the libraries raise over an archive into DataError and FilesError."""
    try:
        yield
    except NotImplementedError as error:
        raise DataError(
            f"Expected an ordinary archive in {archive}, but it cannot be read here ({error}): "
            "unpack it with another program."
        ) from error
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise FilesError(
                f"Expected to unpack {archive} into {folder}, but the system says: "
                f"{error.strerror}: choose another disk."
            ) from error
        raise DataError(
            f"Expected a whole archive in {archive}, but it is damaged ({printable(error)}): fetch "
            "it again."
        ) from error


def _check(member: Member, archive: Path) -> None:
    """Check that a member is a file that stays inside the new folder. Raises DataError."""
    path = PureWindowsPath(member.name)  # splits at / and at \, and knows drives
    if path.anchor or ".." in path.parts or "\0" in member.name or not path.parts:
        raise DataError(
            f"Expected names that stay inside the folder in {archive}, but one is "
            f"{_quote(member.name)}: do not trust this archive."
        )
    if problem := _name_problem(member.name, path.parts):
        raise DataError(
            f"Expected names that every system takes in {archive}, but {_quote(member.name)} "
            f"{problem}: unpack it with another program, and take the folder."
        )
    if member.kind != stat.S_IFREG:
        raise DataError(
            f"Expected only files and folders in {archive}, but {_quote(member.name)} is a link or "
            "a device: do not trust this archive."
        )


def _name_problem(name: str, parts: Sequence[str]) -> str | None:
    """Find why some system would refuse a name, or take it for another; None where none would."""
    if any(unicodedata.category(sign) in REFUSED_CATEGORIES for sign in name):
        return "holds a sign that is none of a text"
    if ":" in name:
        return "holds a colon"
    if len(parts) > DEPTH:
        return f"lies in more than {DEPTH} folders"
    if len(name.encode()) > LONGEST_PATH or any(
        len(part.encode()) > LONGEST_PART for part in parts
    ):
        return "is too long"
    if any(part.endswith((".", " ")) for part in parts):
        return "has a part that ends with a dot or a space"
    if any(part.partition(".")[0].rstrip(" ").lower() in DEVICES for part in parts):
        return "is a device on Windows"
    return None


def _check_new(target: PurePosixPath, seen: dict[str, str], archive: Path) -> None:
    """Check that no disk takes a name, or a folder of it, for an earlier one. Raises DataError.

    Args:
        target: where a file goes.
        seen: earlier names, by their folded form.
        archive: for the message.
    """
    for path in (target, *target.parents):
        name = str(path)
        earlier = seen.setdefault(folded_name(name), name)
        if earlier != name:
            raise DataError(
                f"Expected each name once in {archive}, but {_quote(earlier)} and {_quote(name)} "
                "are the same on many disks: unpack it with another program, and take the folder."
            )


def _quote(name: str) -> str:
    return repr(printable(name))


def _write(member: Member, target: Path, archive: Path) -> None:
    with member.open() as content:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("xb")
        except (FileExistsError, NotADirectoryError) as error:
            raise DataError(
                f"Expected each name once in {archive}, but {_quote(member.name)} comes twice: "
                "do not trust this archive."
            ) from error
        with file:
            shutil.copyfileobj(content, file, READ_CHUNK)
            if file.tell() != member.size:
                raise EOFError("a file has another length than it should")
