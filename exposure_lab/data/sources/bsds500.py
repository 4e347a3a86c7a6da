"""Source of the 500 photographs of the Berkeley Segmentation Data Set (Arbelaez et al. 2011).

Anyone can fetch them without an account. No licence comes with them: use them for research, and do
not pass them on; this package does not either.
"""

import os
from pathlib import Path, PurePosixPath

from exposure_lab.data.download.local_files import unpack_local_archive
from exposure_lab.data.download.remote_archive import (
    RemoteArchive,
    fetch_archive,
    remove_download,
)
from exposure_lab.data.download.retry_policy import RETRY_POLICY, RetryPolicy
from exposure_lab.data.download.work_folder import RECORD, WORK
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files.ownership import folder_lock, refuse_foreign

COUNTS = {"train": 200, "val": 100, "test": 200}

# Size and SHA-256 as several independent public projects record them for this archive.
ARCHIVE = RemoteArchive(
    "BSR_bsds500.tgz",
    "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz",
    70_763_455,
    sha256="97e49d31764f3912f0c4122707d53062ac9e783ba0f095e447a4d53c1a41af8e",
)


def download_bsds500(
    out: Path | str, *, archive: Path | str | None = None, retry: RetryPolicy = RETRY_POLICY
) -> None:
    """Fetch the 500 photos into ``out/train``, ``out/val`` and ``out/test``; what is there stays.

    Args:
        out: folder of the photos.
        archive: path of the archive, where the reader has it already; it is only read.
        retry: timeouts and attempts.

    Raises:
        DownloadError: the server does not give the archive, or another one than it always was.
        DataError: not the 500 photos.
        FilesError: no room, ``out`` holds files of somebody else, or another process is at work
            there.
    """
    out = Path(out)
    for split in COUNTS:
        _check_free(out / split)
    refuse_foreign(out, RECORD, WORK, *COUNTS)  # those that are there are whole
    with folder_lock(out):
        if has_bsds500(out):
            remove_download(ARCHIVE, out)
            return
        files = (
            unpack_local_archive(Path(archive), out, keep=_photo_path)
            if archive is not None
            else fetch_archive(ARCHIVE, out, keep=_photo_path, retry=retry)
        )
        with files as folder:
            counts = {split: _count_photos(folder / split) for split in COUNTS}
            if counts != COUNTS:
                raise DataError(
                    f"Expected {_list_counts(COUNTS)} photos in {archive or ARCHIVE.name}, but "
                    f"found {_list_counts(counts)}: it is not the archive of Berkeley."
                )
            for split in COUNTS:
                _move_split(folder / split, out / split)


def has_bsds500(root: Path) -> bool:
    """Whether a folder holds all 500 photos."""
    return all(_is_whole(root / split) for split in COUNTS)


def _photo_path(name: PurePosixPath) -> PurePosixPath | None:
    """Map BSR/BSDS500/data/images/train/100075.jpg to train/100075.jpg; leave all else out."""
    if name.suffix.lower() != ".jpg" or name.name.startswith("."):
        return None
    return PurePosixPath(*name.parts[-2:]) if name.parent.name in COUNTS else None


def _move_split(folder: Path, target: Path) -> None:
    if _is_whole(target):
        return  # put there before a kill
    _check_free(target)
    os.replace(folder, target)


def _check_free(target: Path) -> None:
    if os.path.lexists(target) and not _is_whole(target):
        raise FilesError(
            f"Expected {target} to be free or to hold {COUNTS[target.name]} photos, but it does "
            "not: move it away."
        )


def _is_whole(folder: Path) -> bool:
    return _count_photos(folder) == COUNTS[folder.name]


def _count_photos(folder: Path) -> int:
    return sum(path.suffix.lower() == ".jpg" for path in folder.iterdir()) if folder.is_dir() else 0


def _list_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {split}" for split, number in counts.items())
