"""From a link or a reader's file to unpacked photos, so that kill -9 costs no more than time.

In the folder of a set, ``.download/`` holds what is under way, and ``downloads.json`` remembers the
SHA-256 of each archive that was once whole: another one is refused from then on.
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from exposure_lab.data.archives import Keep, no_junk, unpack
from exposure_lab.data.download import PATIENCE, Opener, Patience, download, open_url
from exposure_lab.errors import DataError, DownloadError
from exposure_lab.files import atomic_folder, check_free_space, read_json, write_json

WORK = ".download"
RECORD = "downloads.json"


class Source(NamedTuple):
    """An archive on a server."""

    name: str
    """File name, with a suffix of `answers.MAGIC`."""
    url: str
    size: int
    """Bytes, about."""
    opener: Opener = open_url
    sha256: str = ""
    """Where it is known before the first download."""


@contextmanager
def downloaded(
    source: Source, out: Path, *, keep: Keep = no_junk, patience: Patience = PATIENCE
) -> Iterator[Path]:
    """Download an archive, check it, and give the folder of its files.

    Archive and folder are below ``out/.download`` and are removed when the block ends well; after
    an error or a kill the next call goes on with what is there. The caller holds ``out``'s lock.

    Raises:
        DownloadError: the server does not give it, or its SHA-256 is not the one it had before.
        DataError: it is damaged or unsafe; the next call fetches it again.
        FilesError: no room.
    """
    archive = out / WORK / source.name
    archive.parent.mkdir(parents=True, exist_ok=True)
    here = sum(path.stat().st_size for path in archive.parent.glob(f"{source.name}*"))
    check_free_space(out, 2 * source.size - here)  # the archive, and its photos beside it
    download(source.url, archive, opener=source.opener, patience=patience)
    digest = _check_sha256(source, archive, out)
    try:
        folder = _unpack(archive, out, keep)
    except DataError:
        archive.unlink()
        raise
    _remember(source, archive.stat().st_size, digest, out)
    yield folder
    archive.unlink()
    _clear(out)


@contextmanager
def unpacked(archive: Path, out: Path, *, keep: Keep = no_junk) -> Iterator[Path]:
    """The same with an archive that the reader has, which is only read.

    Raises:
        DataError: damaged or unsafe.
        FilesError: no room.
    """
    yield _unpack(archive, out, keep)
    _clear(out)


@contextmanager
def copied(source: Path, out: Path) -> Iterator[Path]:
    """The same with a folder that the reader has. Raises FilesError where there is no room."""
    _clear(out)
    check_free_space(out, sum(path.stat().st_size for path in source.rglob("*") if path.is_file()))
    folder = out / WORK / "copied"
    with atomic_folder(folder) as temporary:
        junk = shutil.ignore_patterns("._*", ".DS_Store", "Thumbs.db", "desktop.ini")
        shutil.copytree(source, temporary, ignore=junk, dirs_exist_ok=True)
    yield folder
    _clear(out)


def _unpack(archive: Path, out: Path, keep: Keep) -> Path:
    _clear(out)  # what a killed process had unpacked
    folder = out / WORK / "unpacked"
    unpack(archive, folder, keep=keep)
    return folder


def _clear(out: Path) -> None:
    """Remove what was unpacked; archives that are still coming stay."""
    work = out / WORK
    if work.exists():
        for path in work.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
        if not any(work.iterdir()):
            work.rmdir()


def _check_sha256(source: Source, archive: Path, out: Path) -> str:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    expected = source.sha256 or _record(out).get(source.name, {}).get("sha256", digest)
    if digest != expected:
        archive.unlink()
        raise DownloadError(
            f"Expected {source.name} with SHA-256 {expected[:12]}..., but the file from "
            f"{source.url} has {digest[:12]}...: run again in case the transfer went wrong; if it "
            "did not, the file was replaced, and you should ask its authors why."
        )
    return digest


def _remember(source: Source, size: int, digest: str, out: Path) -> None:
    """Write down the first archive of a name that proved whole; later ones must equal it."""
    record = _record(out)
    if source.name not in record:
        today = datetime.now(UTC).date().isoformat()
        entry = {"url": source.url, "sha256": digest, "bytes": size, "date": today}
        write_json(out / RECORD, {**record, source.name: entry})


def _record(out: Path) -> dict[str, Any]:
    """What ``downloads.json`` says, or nothing where there is none yet."""
    path = out / RECORD
    record: dict[str, Any] = read_json(path) if path.exists() else {}
    return record
