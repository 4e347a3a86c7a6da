"""Members of a zip or tar file, read one after the other within limits."""

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tarfile import EOFHeaderError, HeaderError, ReadError  # type: ignore[attr-defined]
from typing import IO, TYPE_CHECKING, NamedTuple, Self

from exposure_lab.errors import DataError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_CHUNK = 2**20

SMALL = 10**7
"""Bytes that every archive may unpack to, however small it is."""

DIRECTORY = 2**23
"""Bytes of a zip's directory, at most: zipfile holds it in memory, at thirty times its size.
That of MSEC's largest part, 21,210 files, has three million."""

HEADER = 2**16
"""Bytes before one file of a tar, at most, with what is read ahead. tarfile holds them in memory;
some versions of it take time that grows with their square."""

GLOBAL = 100
"""Settings that a tar may make for all of its files: they are copied for each."""


class Limits(NamedTuple):
    """Limits to the content of an archive, counting what is left out."""

    files: int = 200_000
    size: int = 64 * 10**9
    """Bytes, unpacked."""
    ratio: float = 20.0
    """Bytes unpacked for each packed one; a photo shrinks by a few percent."""


LIMITS = Limits()


class Member(NamedTuple):
    """Member of an archive of any kind: one file or folder."""

    name: str
    size: int
    """Bytes, unpacked."""
    kind: int
    """File type, stat.S_IFREG, stat.S_IFDIR or another: a link, a device."""
    open: Callable[[], IO[bytes]]
    """Opens the content; only where it is a file."""


@contextmanager
def open_members(archive: Path, limits: Limits) -> Iterator[Iterable[Member]]:
    """Iterate over the members of a .zip, .tar or .tar.gz in their order.

    Those of a zip are a list, since its directory is read at once; those of a tar are not, and each
    must be read before the next one is asked for.

    Raises:
        DataError: neither zip nor tar, or more than `limits` allow.
        NotImplementedError: locked with a password.
    """
    with _Archive(io.FileIO(archive)) as file:
        head = file.read(512)
        file.seek(0)
        if head.startswith(b"PK"):
            with zipfile.ZipFile(file) as opened:
                infos = opened.infolist()
                members = [_zip_member(opened, info) for info in infos]
                list(
                    _enforce_limits(members, archive, limits)
                )  # all of them, before the first is written
                _check_overlap(infos)
                yield members
        elif head.startswith(b"\x1f\x8b") or head[257:262] == b"ustar":
            stream = gzip.GzipFile(fileobj=file) if head.startswith(b"\x1f\x8b") else file
            most = 2 * _allowed_bytes(archive, limits) + SMALL
            yield _enforce_limits(_tar_members(stream, most), archive, limits)
        else:
            raise DataError(
                f"Expected a zip or tar archive in {archive}, but its content is neither: fetch it "
                "again, and look whether it is a web page that was saved instead."
            )


def _zip_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    if info.flag_bits & 1:
        raise NotImplementedError("it is locked with a password")
    kind = stat.S_IFDIR if info.is_dir() else stat.S_IFMT(info.external_attr >> 16) or stat.S_IFREG
    return Member(info.filename, info.file_size, kind, partial(_open_zip_member, opened, info))


def _open_zip_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile unpacks the others a megabyte at a time, which may become twenty gigabytes.
        raise NotImplementedError("its compression is a rare one")
    return opened.open(info)


def _check_overlap(infos: Iterable[zipfile.ZipInfo]) -> None:
    """Check that files of a zip share no bytes, as newer zipfiles do. Raises BadZipFile."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise zipfile.BadZipFile("its files share their bytes")
        end = info.header_offset + 30 + info.compress_size  # 30: APPNOTE 4.3.7, without the name


def _tar_members(stream: IO[bytes] | gzip.GzipFile, most: int) -> Iterator[Member]:
    """Iterate over the members of a tar, reading at most `most` bytes, and few of each header."""
    capped = _Capped(stream, HEADER)
    reader = io.BufferedReader(capped)
    with tarfile.open(fileobj=reader, mode="r|", tarinfo=_StrictHeader) as tar:
        while (info := tar.next()) is not None:
            if info.size < 0 or len(tar.pax_headers) > GLOBAL:
                raise tarfile.ReadError("a header makes no sense")
            capped.limit = most
            yield _tar_member(tar, info)
            tar.members.clear()  # type: ignore[attr-defined]  # each with its headers, for ever
            capped.limit = min(most, tar.offset + HEADER)
    capped.limit = most
    while reader.read(READ_CHUNK):
        pass  # to the end, where gzip compares its checksum


def _tar_member(opened: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    if info.issparse():
        raise NotImplementedError("it holds a file with holes")
    kind = stat.S_IFREG if info.isreg() else stat.S_IFDIR if info.isdir() else stat.S_IFLNK
    return Member(info.name, info.size, kind, partial(_open_tar_member, opened, info))


def _open_tar_member(opened: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    return opened.extractfile(info) or io.BytesIO()


def _allowed_bytes(archive: Path, limits: Limits) -> int:
    """Limit to the bytes that an archive may unpack to."""
    return min(limits.size, max(SMALL, int(limits.ratio * archive.stat().st_size)))


def _enforce_limits(members: Iterable[Member], archive: Path, limits: Limits) -> Iterator[Member]:
    """Pass members on, as long as they are not too many and not too large together."""
    allowed = _allowed_bytes(archive, limits)
    size = 0
    for number, member in enumerate(members, start=1):
        size += abs(member.size)
        if number > limits.files or size > allowed:
            raise DataError(
                f"Expected at most {limits.files} files and {allowed / 1e6:.0f} MB in {archive}, "
                "but it holds more, as one does that is made to fill a disk: do not trust it."
            )
        yield member


class _StrictHeader(tarfile.TarInfo):
    """Header of a tar that is refused where it is damaged: tarfile takes that for the end."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        """Read the next header. Raises ReadError where it is damaged or missing."""
        try:
            return super().fromtarfile(tarfile)
        except EOFHeaderError:
            raise  # the block of zeros with which an archive ends
        except HeaderError as error:
            raise ReadError(str(error)) from error


class _Archive(io.BufferedReader):
    """Archive of which no more is read at a time than a zip's directory may have."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > DIRECTORY:
            raise zipfile.BadZipFile(f"its directory has {size / 1e6:.0f} MB")
        return super().read(size)


class _Capped(io.RawIOBase):
    """Stream that ends in an error where an honest archive would have ended long before.

    Attributes:
        limit: bytes from the beginning that may be read.
    """

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, limit: int) -> None:
        self._stream = stream
        self._read = 0
        self.limit = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        content = self._stream.read(len(view))
        view[: len(content)] = content
        self._read += len(content)
        if self._read > self.limit:
            raise tarfile.ReadError("it unpacks to far more than its files hold")
        return len(content)
