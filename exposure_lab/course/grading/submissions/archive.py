"""Zip files from strangers: unpacked as a stream, within limits, member by member.

A member that cannot be taken does not hold up the others: it comes back with a sentence. On the
disk a file has a number and a harmless name, so that no name in an archive matters there.
"""

import errno
import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.grading.submissions.file_names import (
    clean_parts,
    disk_name,
    is_junk,
    notebook_stem,
    refusal_of_name,
)
from exposure_lab.course.grading.submissions.found import Found
from exposure_lab.course.grading.submissions.limits import Budget, Limits
from exposure_lab.course.grading.submissions.member_names import member_name
from exposure_lab.data.download.printable import printable
from exposure_lab.data.download.unpack import DAMAGED
from exposure_lab.errors import GradingError
from exposure_lab.files.disk import explain_refusals

CHUNK = 2**18
DIRECTORY = 2**20
DIRECTORY_ENTRY = 200
"""Bytes of a zip's directory, at most: so many, and so many more for each member. zipfile holds it
in memory, at thirty times its size."""

LOCKED = 0x1


def unpack(archive: Path, folder: Path, limits: Limits, budget: Budget, shown: str) -> list[Found]:
    """Unpack a zip into a new folder, which appears when all is in it.

    Args:
        archive: a zip file.
        folder: must not exist.
        limits: to single files, and to the archive.
        budget: what is left for members and bytes; lowered here.
        shown: the archive's name in sentences.

    Returns:
        Every member but what file managers leave behind; those not taken with their sentence.

    Raises:
        GradingError: no zip, empty, damaged as a whole, or larger than the limits allow.
        FilesError: the disk is full or refuses.
    """
    size = archive.stat().st_size
    if size > limits.packed:
        raise GradingError(
            f"Expected an archive of at most {limits.packed / 1e6:,.0f} MB, but {shown} has "
            f"{size / 1e6:,.0f} MB: ask for the notebook without what else is in it."
        )
    with (
        _explain_damage(shown),
        _Zip(io.FileIO(archive)) as file,
    ):
        file.longest = DIRECTORY + DIRECTORY_ENTRY * budget.members
        with zipfile.ZipFile(file) as opened:
            members = opened.infolist()
            _check_number(len(members), budget, shown)
            unpacking = _Unpacking(opened, limits, budget, shown)
            with _appear_whole(folder) as temporary:
                found = [
                    unpacking.take(info, temporary / f"{number:05d}")
                    for number, info in enumerate(members)
                ]
    return [_moved(file, temporary, folder) for file in found if not is_junk(file.parts)]


def _check_number(members: int, budget: Budget, shown: str) -> None:
    """Count the members of an archive against the budget. Raises GradingError."""
    if not members:
        raise GradingError(
            f"Expected files in {shown}, but the archive is empty: ask for it again."
        )
    if members > budget.members:
        raise GradingError(
            f"Expected at most {budget.members} files in {shown}, but it has {members}: do not "
            "trust it, and ask for the notebook alone."
        )
    budget.members -= members


@dataclass
class _Unpacking:
    """Archive that is being unpacked, and what it may still take."""

    opened: zipfile.ZipFile
    limits: Limits
    budget: Budget
    shown: str

    def take(self, info: zipfile.ZipInfo, slot: Path) -> Found:
        """Write one member into a folder of its own, or say why not."""
        name = member_name(info)
        parts = clean_parts(name)
        folder = info.filename.endswith("/")
        if folder or is_junk(parts):
            return Found(parts, folder=folder)
        target = slot / disk_name(parts[-1])
        reason = self._refusal(info, name) or self._write(info, target)
        if reason is None:
            return Found(parts, target)
        inside = printable("/".join(parts))
        return Found(parts, problem=f"Expected plain files in {self.shown}, but {inside} {reason}.")

    def _refusal(self, info: zipfile.ZipInfo, name: str) -> str | None:
        """Reason not to take a member, by its header alone; None where there is none."""
        most = min(self.limits.of(notebook_stem(name) is not None), self.budget.size)
        if reason := refusal_of_name(name):
            return f"{reason}: do not trust it, and ask for the notebook alone"
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            return "is a link or a device: ask for the file itself"
        if info.flag_bits & LOCKED:
            return "is locked with a password: ask for it without one"
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # zipfile unpacks the others a megabyte at a time, which may become twenty gigabytes.
            return "is packed in a rare way: unpack it with another program, and take the folder"
        if info.file_size > most:
            return (
                f"has {info.file_size / 1e6:,.0f} MB, of {most / 1e6:,.0f} at most: ask for a copy "
                "without its large outputs"
            )
        if info.file_size > max(self.limits.notebook, self.limits.ratio * info.compress_size):
            return (
                "unpacks to far more than it is packed, as one does that is made to fill a disk: "
                "do not trust it"
            )
        return None

    def _write(self, info: zipfile.ZipInfo, target: Path) -> str | None:
        """Write a member, or nothing of one that is damaged; the reason, or None where written.

        A stream that is longer than its header says ends there, and its checksum is wrong.
        """
        target.parent.mkdir()
        try:
            with self.opened.open(info) as content, target.open("xb") as file:
                shutil.copyfileobj(content, file, CHUNK)
                if file.tell() != info.file_size:
                    raise zipfile.BadZipFile("it is shorter than it says")
        except DAMAGED as error:
            if _is_of_disk(error):
                raise
            shutil.rmtree(target.parent)
            return f"is damaged ({printable(error)}): ask for it again"
        self.budget.size -= info.file_size
        return None


@contextmanager
def _appear_whole(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that gets its name when the block ends well."""
    with explain_refusals(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
        try:
            yield temporary
            os.rename(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _moved(file: Found, temporary: Path, folder: Path) -> Found:
    if file.path is None:
        return file
    return Found(file.parts, folder / file.path.relative_to(temporary))


@contextmanager
def _explain_damage(shown: str) -> Iterator[None]:
    try:
        yield
    except DAMAGED as error:
        if _is_of_disk(error):
            raise
        raise GradingError(
            f"Expected a whole zip archive in {shown}, but it is damaged or none "
            f"({printable(error)}): ask for it again, or unpack it with another program and take "
            "the folder."
        ) from error


def _is_of_disk(error: BaseException) -> bool:
    """Whether the disk refuses; an invalid argument is a place in the file that cannot be."""
    return isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)


class _Zip(io.BufferedReader):
    """Zip of which no more is read at a time than its directory may have."""

    longest = DIRECTORY

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.longest:
            raise zipfile.BadZipFile(f"its directory has {size / 1e6:.0f} MB")
        return super().read(size)
