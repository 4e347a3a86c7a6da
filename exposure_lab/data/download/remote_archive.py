"""Archive on a server: fetched, checked against its SHA-256, and unpacked; kill -9 loses no data.

The first archive that proves whole is entered in ``downloads.json`` with its SHA-256: from then on,
another one is refused.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from exposure_lab.data.download.download import download
from exposure_lab.data.download.http_request import Opener, open_url
from exposure_lab.data.download.partial_file import Partial, bytes_present, partial_paths
from exposure_lab.data.download.printable import printable
from exposure_lab.data.download.retry_policy import RETRY_POLICY, RetryPolicy
from exposure_lab.data.download.unpack import Keep, no_junk
from exposure_lab.data.download.work_folder import (
    RECORD,
    WORK,
    clear_work,
    prepare_work,
    unpack_in_work,
)
from exposure_lab.errors import DataError, DownloadError, FilesError
from exposure_lab.files.checksum import sha256
from exposure_lab.files.disk import check_free_space
from exposure_lab.files.json_files import read_json_object, write_json


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
def fetch_archive(
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
    archive = prepare_work(out) / remote.name
    _check_paths(archive)
    record = _read_record(out)  # before an hour's download, which it may refuse
    check_free_space(
        out, 2 * remote.size - bytes_present(archive)
    )  # the archive, its photos beside it
    download(remote.url, archive, expected=remote.size, opener=remote.opener, retry=retry)
    digest = _check_sha256(remote, archive, record)
    try:
        yield unpack_in_work(archive, out, keep)
    except DataError:
        archive.unlink()
        raise
    if remote.name not in record:  # the first one that proved whole; later ones must equal it
        today = datetime.now(UTC).date().isoformat()
        size = archive.stat().st_size
        entry = {"url": remote.url, "sha256": digest, "bytes": size, "date": today}
        write_json(out / RECORD, {**record, remote.name: entry})
    archive.unlink()
    clear_work(out)


def remove_download(remote: RemoteArchive, out: Path) -> None:
    """Remove what is left of an archive whose files are in their place, as after a kill.

    Raises:
        FilesError: a folder in the place of the archive.
    """
    archive = out / WORK / remote.name
    _check_paths(archive)
    Partial(archive, remote.url).discard()
    archive.unlink(missing_ok=True)
    clear_work(out)


def _check_paths(archive: Path) -> None:
    """Check that nothing but files stands where an archive, or a part of it, belongs."""
    for path in partial_paths(archive):
        if os.path.lexists(path) and not path.is_file():
            raise FilesError(
                f"Expected a file or nothing at {path}, but there is a folder or another thing: "
                "move it away."
            )


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
