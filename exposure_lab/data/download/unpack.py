"""Unpacking an archive that a stranger made: only plain files, only inside, only so many."""

import errno
import lzma
import shutil
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from tqdm.auto import tqdm

from exposure_lab.data.download.archive_members import CHUNK, LIMITS, Limits, Member, open_members
from exposure_lab.data.download.printable import printable
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files.atomic import atomic_folder, check_free_space, folded_name
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
"""What zipfile and tarfile raise when they are fed with rubbish; found by feeding them with it."""

DEPTH = 20
"""Folders, one in the other, that a file may lie in."""

LONGEST, WHOLE = 255, 1000
"""Bytes of one part of a name, which most disks take, and of the name with its folders."""

CONTROLS = ("Cc", "Cs", "Zl", "Zp")
"""Kinds of signs that no name holds: those that steer, half ones that nothing can write, ends of
lines. What joins or turns letters is part of how languages are written."""

DEVICES = {
    *("con", "prn", "aux", "nul", "conin$", "conout$"),
    *(f"{port}{number}" for port in ("com", "lpt") for number in "123456789¹²³"),
}
"""Names that mean a device on Windows, in any folder, in either case and with any suffix."""

Keep = Callable[[PurePosixPath], PurePosixPath | None]
"""Says where in the new folder a file goes, or None to leave it out."""


def no_junk(name: PurePosixPath) -> PurePosixPath | None:
    """Keep every file where it is, but for those that file managers leave behind."""
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
    try:
        with (
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
    """Raises DataError unless the member is a file that stays inside the new folder."""
    path = PureWindowsPath(member.name)  # splits at / and at \, and knows drives
    if path.anchor or ".." in path.parts or "\0" in member.name or not path.parts:
        raise DataError(
            f"Expected names that stay inside the folder in {archive}, but one is "
            f"{_shown(member.name)}: do not trust this archive."
        )
    if fault := _fault(member.name, path.parts):
        raise DataError(
            f"Expected names that every system takes in {archive}, but {_shown(member.name)} "
            f"{fault}: unpack it with another program, and take the folder."
        )
    if member.kind != stat.S_IFREG:
        raise DataError(
            f"Expected only files and folders in {archive}, but {_shown(member.name)} is a link or "
            "a device: do not trust this archive."
        )


def _fault(name: str, parts: Sequence[str]) -> str | None:
    """Why some system would not take a name, or take it for another."""
    if any(unicodedata.category(sign) in CONTROLS for sign in name):
        return "holds a sign that is none of a text"
    if ":" in name:
        return "holds a colon"
    if len(parts) > DEPTH:
        return f"lies in more than {DEPTH} folders"
    if len(name.encode()) > WHOLE or any(len(part.encode()) > LONGEST for part in parts):
        return "is too long"
    if any(part.endswith((".", " ")) for part in parts):
        return "has a part that ends with a dot or a space"
    if any(part.partition(".")[0].rstrip(" ").lower() in DEVICES for part in parts):
        return "is a device on Windows"
    return None


def _check_new(target: PurePosixPath, seen: dict[str, str], archive: Path) -> None:
    """Raises DataError where some disk takes a name, or a folder of it, for one that came before.

    Args:
        target: where a file goes.
        seen: how each name was written that came before, by what such disks make of it.
        archive: for the sentence.
    """
    for path in (target, *target.parents):
        name = str(path)
        before = seen.setdefault(folded_name(name), name)
        if before != name:
            raise DataError(
                f"Expected each name once in {archive}, but {_shown(before)} and {_shown(name)} "
                "are the same on many disks: unpack it with another program, and take the folder."
            )


def _shown(name: str) -> str:
    return repr(printable(name))


def _write(member: Member, target: Path, archive: Path) -> None:
    with member.open() as content:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("xb")
        except (FileExistsError, NotADirectoryError) as error:
            raise DataError(
                f"Expected each name once in {archive}, but {_shown(member.name)} comes twice: "
                "do not trust this archive."
            ) from error
        with file:
            shutil.copyfileobj(content, file, CHUNK)
            if file.tell() != member.size:
                raise EOFError("a file has another length than it should")
