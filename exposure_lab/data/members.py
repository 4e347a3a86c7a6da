"""What is in a zip or tar file, read one after the other and never more than is allowed."""

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from exposure_lab.errors import DataError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 2**20

SMALL = 10**7
"""Bytes that every archive may hold, however small it is itself."""


class Limits(NamedTuple):
    """What an archive may hold, counting what is left out."""

    files: int = 200_000
    size: int = 64 * 10**9
    """Bytes, unpacked."""
    ratio: float = 20.0
    """Bytes unpacked for each packed one; a photo shrinks by a few percent."""


LIMITS = Limits()


class Member(NamedTuple):
    """One file or folder of an archive, whatever its archive is."""

    name: str
    size: int
    """Bytes, unpacked."""
    kind: int
    """stat.S_IFREG, stat.S_IFDIR or another: a link, a device."""
    open: Callable[[], IO[bytes]]
    """Only where it is a file."""


@contextmanager
def open_members(archive: Path, limits: Limits) -> Iterator[Iterable[Member]]:
    """Give the members of a .zip, .tar or .tar.gz in their order.

    Those of a zip are a list, since its directory is read at once; those of a tar are not, and each
    must be read before the next one is asked for.

    Raises:
        DataError: neither zip nor tar, or more than `limits` allow.
        NotImplementedError: locked with a password.
    """
    with archive.open("rb") as file:
        head = file.read(512)
        file.seek(0)
        if head.startswith(b"PK"):
            with zipfile.ZipFile(file) as opened:
                members = [_zip_member(opened, info) for info in opened.infolist()]
                list(_counted(members, archive, limits))  # all of them, before the first is written
                yield members
        elif head.startswith(b"\x1f\x8b") or head[257:262] == b"ustar":
            stream = gzip.GzipFile(fileobj=file) if head.startswith(b"\x1f\x8b") else file
            capped = io.BufferedReader(_Capped(stream, 2 * _allowed(archive, limits) + SMALL))
            with tarfile.open(fileobj=capped, mode="r|") as tar:
                found = (_tar_member(tar, info) for info in tar)
                yield _counted(found, archive, limits)
            while capped.read(CHUNK):
                pass  # to the end, where gzip compares its checksum
        else:
            raise DataError(
                f"Expected a zip or tar archive in {archive}, but its content is neither: fetch it "
                "again, and look whether it is a web page that was saved instead."
            )


def _zip_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    if info.flag_bits & 1:
        raise NotImplementedError("it is locked with a password")
    kind = stat.S_IFDIR if info.is_dir() else stat.S_IFMT(info.external_attr >> 16) or stat.S_IFREG
    return Member(info.filename, info.file_size, kind, partial(opened.open, info))


def _tar_member(opened: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    kind = stat.S_IFREG if info.isreg() else stat.S_IFDIR if info.isdir() else stat.S_IFLNK
    return Member(info.name, info.size, kind, partial(_open_tar_member, opened, info))


def _open_tar_member(opened: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    return opened.extractfile(info) or io.BytesIO()


def _allowed(archive: Path, limits: Limits) -> int:
    """Bytes that an archive may unpack to."""
    return min(limits.size, max(SMALL, int(limits.ratio * archive.stat().st_size)))


def _counted(members: Iterable[Member], archive: Path, limits: Limits) -> Iterator[Member]:
    """The same members, as long as they are not too many and not too large together."""
    allowed = _allowed(archive, limits)
    size = 0
    for number, member in enumerate(members, start=1):
        size += abs(member.size)
        if number > limits.files or size > allowed:
            raise DataError(
                f"Expected at most {limits.files} files and {allowed / 1e6:.0f} MB in {archive}, "
                "but it holds more, as one does that is made to fill a disk: do not trust it."
            )
        yield member


class _Capped(io.RawIOBase):
    """A stream that ends in an error where an honest archive would have ended long before.

    A tar's headers may be as large as its files, and tarfile reads one into memory as a whole.
    """

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, limit: int) -> None:
        self.stream = stream
        self.left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        content = self.stream.read(len(view))
        view[: len(content)] = content
        self.left -= len(content)
        if self.left < 0:
            raise tarfile.ReadError("it unpacks to far more than its files hold")
        return len(content)
