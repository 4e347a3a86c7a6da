"""Fetching of an archive, from a server or a reader's file, and unpacking; kill -9 loses no data.

In the folder of a set, ``.download/`` holds what is under way, and ``downloads.json`` remembers the
SHA-256 of each archive that was whole: from then on, another one is refused.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from exposure_lab.data.download.download import RETRY_POLICY, RetryPolicy, download
from exposure_lab.data.download.http_request import Opener, open_url
from exposure_lab.data.download.partial_file import Partial, bytes_present, partial_paths
from exposure_lab.data.download.printable import printable
from exposure_lab.data.download.unpack import Keep, no_junk, unpack
from exposure_lab.errors import DataError, DownloadError, FilesError
from exposure_lab.files.atomic import atomic_folder, sweep_leftovers
from exposure_lab.files.checksum import sha256
from exposure_lab.files.disk import check_free_space
from exposure_lab.files.json_files import read_json_object, write_json

WORK = ".download"
RECORD = "downloads.json"
UNPACKED, COPIED = "unpacked", "copied"
"""Folders in `WORK`. All else there is a reader's own, but for archives by their names."""


class RemoteArchive(NamedTuple):
    """Archive on a server: its name, its URL, and what is known of its content."""

    name: str
    """File name, with a suffix of `http_response.MAGIC`."""
    url: str
    size: int
    """Bytes, about; several times as many are refused."""
    opener: Opener = open_url
    sha256: str = ""
    """Its SHA-256, hex, where it is known before the first download."""


@contextmanager
def downloaded(
    remote: RemoteArchive, out: Path, *, keep: Keep = no_junk, retry: RetryPolicy = RETRY_POLICY
) -> Iterator[Path]:
    """Download an archive, check it, and yield the folder of its files.

    Archive and folder are below ``out/.download`` and are removed when the block ends well; after
    an error or a kill the next call resumes with what is there. An archive over which the block
    raises DataError is removed, for it is the wrong one. The caller holds ``out``'s lock.

    Raises:
        DownloadError: the server does not give it, or its SHA-256 is not the one it had before.
        DataError: it is damaged or unsafe; the next call fetches it again.
        FilesError: no room, a folder in the place of the archive, or ``downloads.json`` is damaged.
    """
    archive = _prepare_work(out) / remote.name
    _check_paths(archive)
    record = _read_record(out)  # before an hour's download, which it may refuse
    check_free_space(
        out, 2 * remote.size - bytes_present(archive)
    )  # the archive, its photos beside it
    download(remote.url, archive, expected=remote.size, opener=remote.opener, retry=retry)
    digest = _check_sha256(remote, archive, record)
    try:
        yield _unpack(archive, out, keep)
    except DataError:
        archive.unlink()
        raise
    if remote.name not in record:  # the first one that proved whole; later ones must equal it
        today = datetime.now(UTC).date().isoformat()
        size = archive.stat().st_size
        entry = {"url": remote.url, "sha256": digest, "bytes": size, "date": today}
        write_json(out / RECORD, {**record, remote.name: entry})
    archive.unlink()
    _clear_work(out)


@contextmanager
def unpacked(archive: Path, out: Path, *, keep: Keep = no_junk) -> Iterator[Path]:
    """Unpack an archive that the reader has, which is only read, and yield the folder of its files.

    Raises:
        DataError: damaged or unsafe.
        FilesError: no room.
    """
    _prepare_work(out)
    yield _unpack(archive, out, keep)
    _clear_work(out)


@contextmanager
def copied(source: Path, out: Path) -> Iterator[Path]:
    """Copy a folder that the reader has, and yield the copy.

    Raises:
        FilesError: no room, a file that cannot be read, or a link that leads back to where it is.
    """
    folder = _prepare_work(out) / COPIED
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
    _clear_work(out)


def remove_download(remote: RemoteArchive, out: Path) -> None:
    """Remove what is left of an archive whose files are in their place, as after a kill.

    Raises:
        FilesError: a folder in the place of the archive.
    """
    archive = out / WORK / remote.name
    _check_paths(archive)
    Partial(archive, remote.url).discard()
    archive.unlink(missing_ok=True)
    _clear_work(out)


def _check_paths(archive: Path) -> None:
    """Check that nothing but files stands where an archive, or a part of it, belongs."""
    for path in partial_paths(archive):
        if os.path.lexists(path) and not path.is_file():
            raise FilesError(
                f"Expected a file or nothing at {path}, but there is a folder or another thing: "
                "move it away."
            )


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


def _prepare_work(out: Path) -> Path:
    """Make the folder of work in progress, without what a killed process left half-written.

    Raises:
        FilesError: it cannot be made.
    """
    _clear_work(out)
    work = out / WORK
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FilesError(
            f"Expected to make a folder {work}, but the system says: {error.strerror}: move away "
            "what is there, or choose another folder."
        ) from error
    return work


def _unpack(archive: Path, out: Path, keep: Keep) -> Path:
    folder = out / WORK / UNPACKED
    unpack(archive, folder, keep=keep)
    return folder


def _clear_work(out: Path) -> None:
    """Remove what was unpacked or half-written; partial downloads stay."""
    work = out / WORK
    for folder in (work / UNPACKED, work / COPIED):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
    sweep_leftovers(work)
    sweep_leftovers(out, RECORD)
    with suppress(OSError):  # not empty, or not there
        work.rmdir()


def _check_sha256(remote: RemoteArchive, archive: Path, record: dict[str, Any]) -> str:
    digest = sha256(archive)
    known = record[remote.name]["sha256"] if remote.name in record else digest
    expected = remote.sha256 or known
    if digest != expected:
        archive.unlink()
        raise DownloadError(
            f"Expected {remote.name} with SHA-256 {expected[:12]}..., but the file from "
            f"{remote.url} has {digest[:12]}...: run again in case the transfer went wrong; if it "
            "did not, the file was replaced, and you should ask its authors why."
        )
    return digest


def _read_record(out: Path) -> dict[str, Any]:
    """Read ``downloads.json``; empty where there is none yet.

    Raises:
        FilesError: it holds something else than archives and their SHA-256.
    """
    path = out / RECORD
    record = read_json_object(path) if path.exists() else {}
    for name, entry in record.items():
        digest = entry.get("sha256") if isinstance(entry, dict) else None
        if not isinstance(digest, str):
            raise FilesError(
                f"Expected the SHA-256 of each archive in {path}, but that of {printable(name)} is "
                "missing: move the file away, and the next archives are taken as they come."
            )
    return record
