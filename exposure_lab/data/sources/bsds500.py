"""The 500 photographs of the Berkeley Segmentation Data Set (Arbelaez et al. 2011).

Anyone can fetch them without an account. No licence comes with them: use them for research, and do
not pass them on; this package does not either.
"""

import os
from pathlib import Path, PurePosixPath

from exposure_lab.data.download.download import PATIENCE, Patience
from exposure_lab.data.download.fetch import RECORD, WORK, Source, downloaded, forget, unpacked
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files.ownership import folder_lock, refuse_foreign

COUNTS = {"train": 200, "val": 100, "test": 200}

# Size and SHA-256 as several independent public projects record them for this archive.
SOURCE = Source(
    "BSR_bsds500.tgz",
    "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz",
    70_763_455,
    sha256="97e49d31764f3912f0c4122707d53062ac9e783ba0f095e447a4d53c1a41af8e",
)


def download_bsds500(
    out: Path | str, *, taken_from: Path | str | None = None, patience: Patience = PATIENCE
) -> None:
    """Fetch the 500 photos into ``out/train``, ``out/val`` and ``out/test``; what is there stays.

    Args:
        out: folder of the photos.
        taken_from: the archive, where the reader has it already; it is only read.
        patience: with a server that stalls.

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
            forget(SOURCE, out)
            return
        source = (
            unpacked(Path(taken_from), out, keep=_photos)
            if taken_from is not None
            else downloaded(SOURCE, out, keep=_photos, patience=patience)
        )
        with source as folder:
            found = {split: _count(folder / split) for split in COUNTS}
            if found != COUNTS:
                raise DataError(
                    f"Expected {_listed(COUNTS)} photos in {taken_from or SOURCE.name}, but found "
                    f"{_listed(found)}: it is not the archive of Berkeley."
                )
            for split in COUNTS:
                _put(folder / split, out / split)


def has_bsds500(root: Path) -> bool:
    """Whether a folder holds all 500 photos."""
    return all(_is_whole(root / split) for split in COUNTS)


def _photos(name: PurePosixPath) -> PurePosixPath | None:
    """BSR/BSDS500/data/images/train/100075.jpg -> train/100075.jpg; drawings and code stay out."""
    if name.suffix.lower() != ".jpg" or name.name.startswith("."):
        return None
    return PurePosixPath(*name.parts[-2:]) if name.parent.name in COUNTS else None


def _put(folder: Path, target: Path) -> None:
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
    return _count(folder) == COUNTS[folder.name]


def _count(folder: Path) -> int:
    return sum(path.suffix.lower() == ".jpg" for path in folder.iterdir()) if folder.is_dir() else 0


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {split}" for split, number in counts.items())
