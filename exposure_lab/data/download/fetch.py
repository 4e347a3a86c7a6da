"""From a link or a reader's file to unpacked photos, so that kill -9 costs no more than time.

In the folder of a set, ``.download/`` holds what is under way, and ``downloads.json`` remembers the
SHA-256 of each archive that was once whole: another one is refused from then on.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from exposure_lab.data.download.download import PATIENCE, Patience, download
from exposure_lab.data.download.http_request import Opener, open_url
from exposure_lab.data.download.partial_file import Partial, begun, places
from exposure_lab.data.download.printable import printable
from exposure_lab.data.download.unpack import Keep, no_junk, unpack
from exposure_lab.errors import DataError, DownloadError, FilesError
from exposure_lab.files.atomic import atomic_folder, check_free_space, sweep_leftovers
from exposure_lab.files.json_files import read_json_object, write_json

WORK = ".download"
RECORD = "downloads.json"
UNPACKED, COPIED = "unpacked", "copied"
"""Folders in `WORK`. Whatever else is there is somebody's own, but for archives by their names."""


class Source(NamedTuple):
    """An archive on a server."""

    name: str
    """File name, with a suffix of `answers.MAGIC`."""
    url: str
    size: int
    """Bytes, about; several times as many are refused."""
    opener: Opener = open_url
    sha256: str = ""
    """Where it is known before the first download."""


@contextmanager
def downloaded(
    source: Source, out: Path, *, keep: Keep = no_junk, patience: Patience = PATIENCE
) -> Iterator[Path]:
    """Download an archive, check it, and give the folder of its files.

    Archive and folder are below ``out/.download`` and are removed when the block ends well; after
    an error or a kill the next call goes on with what is there. An archive over which the block
    raises DataError is removed, for it is the wrong one. The caller holds ``out``'s lock.

    Raises:
        DownloadError: the server does not give it, or its SHA-256 is not the one it had before.
        DataError: it is damaged or unsafe; the next call fetches it again.
        FilesError: no room, a folder in the place of the archive, or ``downloads.json`` is damaged.
    """
    archive = _work(out) / source.name
    _check_places(archive)
    record = _record(out)  # before an hour's download, which it may refuse
    check_free_space(out, 2 * source.size - begun(archive))  # the archive, its photos beside it
    download(source.url, archive, expected=source.size, opener=source.opener, patience=patience)
    digest = _check_sha256(source, archive, record)
    try:
        yield _unpack(archive, out, keep)
    except DataError:
        archive.unlink()
        raise
    if source.name not in record:  # the first one that proved whole; later ones must equal it
        today = datetime.now(UTC).date().isoformat()
        size = archive.stat().st_size
        entry = {"url": source.url, "sha256": digest, "bytes": size, "date": today}
        write_json(out / RECORD, {**record, source.name: entry})
    archive.unlink()
    _clear(out)


@contextmanager
def unpacked(archive: Path, out: Path, *, keep: Keep = no_junk) -> Iterator[Path]:
    """The same with an archive that the reader has, which is only read.

    Raises:
        DataError: damaged or unsafe.
        FilesError: no room.
    """
    _work(out)
    yield _unpack(archive, out, keep)
    _clear(out)


@contextmanager
def copied(source: Path, out: Path) -> Iterator[Path]:
    """The same with a folder that the reader has.

    Raises:
        FilesError: no room, a file that cannot be read, or a link that leads back to where it is.
    """
    folder = _work(out) / COPIED
    check_free_space(out, sum(path.stat().st_size for path in source.rglob("*") if path.is_file()))
    try:
        with atomic_folder(folder) as temporary:
            shutil.copytree(
                source, temporary, ignore=partial(_no_files, source), dirs_exist_ok=True
            )
    except shutil.Error as error:
        place, _, why = error.args[0][0]
        raise FilesError(
            f"Expected to copy {source}, but {place} cannot be read ({why}): mend that or move it "
            "away."
        ) from error
    yield folder
    _clear(out)


def forget(source: Source, out: Path) -> None:
    """Remove what is left of an archive whose files are in their place, as after a kill.

    Raises:
        FilesError: a folder in the place of the archive.
    """
    archive = out / WORK / source.name
    _check_places(archive)
    Partial(archive, source.url).discard()
    archive.unlink(missing_ok=True)
    _clear(out)


def _check_places(archive: Path) -> None:
    """Refuse what is no file where an archive, or a part of it, belongs."""
    for place in places(archive):
        if os.path.lexists(place) and not place.is_file():
            raise FilesError(
                f"Expected a file or nothing at {place}, but there is a folder or another thing: "
                "move it away."
            )


def _no_files(source: Path, folder: str, names: list[str]) -> set[str]:
    """What file managers leave behind, and pipes and sockets, which have no end.

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
    """Whether a link in a folder leads to a folder that we came through, or above one."""
    way = [place for place in link.parents if place.is_relative_to(source)]
    target = os.path.realpath(link)
    return any(Path(os.path.realpath(place)).is_relative_to(target) for place in way)


def _work(out: Path) -> Path:
    """The folder of what is under way, without what a killed process had unpacked or half-written.

    Raises:
        FilesError: it cannot be made.
    """
    _clear(out)
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


def _clear(out: Path) -> None:
    """Remove what was unpacked or half-written; archives that are still coming stay."""
    work = out / WORK
    for folder in (work / UNPACKED, work / COPIED):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
    sweep_leftovers(work)
    sweep_leftovers(out, RECORD)
    with suppress(OSError):  # not empty, or not there
        work.rmdir()


def _check_sha256(source: Source, archive: Path, record: dict[str, Any]) -> str:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    known = record[source.name]["sha256"] if source.name in record else digest
    expected = source.sha256 or known
    if digest != expected:
        archive.unlink()
        raise DownloadError(
            f"Expected {source.name} with SHA-256 {expected[:12]}..., but the file from "
            f"{source.url} has {digest[:12]}...: run again in case the transfer went wrong; if it "
            "did not, the file was replaced, and you should ask its authors why."
        )
    return digest


def _record(out: Path) -> dict[str, Any]:
    """What ``downloads.json`` says, or nothing where there is none yet.

    Raises:
        FilesError: it says something else than which archives have which SHA-256.
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
