"""The real set: 24,330 renderings of 4,866 photographs (Afifi et al. 2021), called MSEC here.

No pixel of it ships with this package: its licence lets researchers use it, not us pass it on.
"""

import os
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from exposure_lab.data.download.download import PATIENCE, Patience
from exposure_lab.data.download.fetch import (
    RECORD,
    WORK,
    Source,
    copied,
    downloaded,
    forget,
    unpacked,
)
from exposure_lab.data.download.google_drive import drive_url, open_drive
from exposure_lab.data.layout import INPUTS, SPLIT_FOLDERS
from exposure_lab.errors import ConfigError, DataError, DownloadError, FilesError
from exposure_lab.files.ownership import folder_lock, refuse_foreign

LICENCE = """\
MSEC was rendered from the MIT-Adobe FiveK photos, whose owners decide what may be done with it:
  * research only: no commercial use of the photos, nor of what is made from them;
  * the photos may not be passed on;
  * who publishes results names the set: Afifi, Derpanis, Ommer and Brown, Learning Multi-Scale
    Photo Exposure Correction, CVPR 2021; and FiveK: Bychkovsky et al., CVPR 2011.
The full texts:
  https://github.com/mahmoudnafifi/Exposure_Correction (its Dataset section, and LICENSE.md)
  https://data.csail.mit.edu/graphics/fivek/legal/LicenseAdobe.txt
  https://data.csail.mit.edu/graphics/fivek/legal/LicenseAdobeMIT.txt
"""
"""What holds for the set, in our words, and where the texts that decide are."""

# Links of the authors' README of 2023-12-23. Sizes are ours: files times 89 KB, the mean of the 14
# test inputs that the authors' repository shows; the archives' own sizes are stated nowhere.
SOURCES = {
    "training": Source(
        "training.zip", drive_url("1YtsTeUThgD2tzF6RDwQ7Ol9VTSwqFHc_"), 1_900_000_000, open_drive
    ),
    "validation": Source(
        "validation.zip", drive_url("1k_L2I63NpjDbhFFfHinwF7_2KjTIiipk"), 80_000_000, open_drive
    ),
    "testing": Source(
        "testing.zip", drive_url("1uxiD6-DOeLnLyI_51DUHMRxORHmUWtgz"), 1_050_000_000, open_drive
    ),
}
OURS = (
    RECORD,
    WORK,
    *(f"{name}/{INPUTS}" for name in chain.from_iterable(SPLIT_FOLDERS.values())),
)
"""What tells that a folder is one of this set; the parts may be a reader's own. Folders train, val
and test alone do not: every second set of pictures has them."""

BY_HAND = {
    "training": "https://ln2.sync.com/dl/141f68cf0/mrt3jtm9-ywbdrvtw-avba76t4-w6fw8fzj",
    "validation": "https://ln2.sync.com/dl/49a6738c0/3m3imxpe-w6eqiczn-vripaqcf-jpswtcfr",
    "testing": "https://ln2.sync.com/dl/098a6c5e0/cienw23w-usca2rgh-u5fxikex-q7vydzkp",
}
"""The authors' first host, which hands out files to browsers only."""


def download_msec(
    out: Path | str,
    parts: Sequence[str] = (),
    *,
    accept_license: bool,
    patience: Patience = PATIENCE,
) -> None:
    """Download parts of MSEC into ``out/training`` and so on; a part that is there stays.

    Args:
        out: folder of the set.
        parts: training, validation or testing; none means all of them.
        accept_license: that you have read `LICENCE` and keep to it.
        patience: with a server that stalls.

    Raises:
        ConfigError: a part that MSEC has not, or the licence is not accepted.
        DownloadError: Google Drive does not give a part; the sentence says where a browser gets it.
        DataError: what came is no such part.
        FilesError: no room, ``out`` holds files of somebody else, or another process is at work
            there.
    """
    out = Path(out)
    _check_request(parts, accept_license)
    _check_place(out, parts)
    with folder_lock(out):
        for part in parts or SOURCES:
            if has_part(out, part):
                forget(SOURCES[part], out)
                continue
            try:
                with downloaded(SOURCES[part], out, patience=patience) as folder:
                    _put(find_parts(folder, [part])[part], out / part)
            except DownloadError as error:
                raise DownloadError(
                    f"{str(error).removesuffix('.')}; or get {part}.zip in a browser from "
                    f"{BY_HAND[part]} and run again with --from {part}.zip --part {part}."
                ) from error


def take_msec(
    taken_from: Path | str, out: Path | str, parts: Sequence[str] = (), *, accept_license: bool
) -> None:
    """Put parts of MSEC that the reader has already into ``out``; a part that is there stays.

    Args:
        taken_from: an archive, or a folder; it is only read.
        out: folder of the set.
        parts: training, validation or testing; none means those that are found.
        accept_license: that you have read `LICENCE` and keep to it.

    Raises:
        ConfigError: a part that MSEC has not, or the licence is not accepted.
        DataError: not found, damaged, or unsafe to unpack.
        FilesError: no room, ``out`` holds files of somebody else, or another process is at work
            there.
    """
    taken_from, out = Path(taken_from), Path(out)
    _check_request(parts, accept_license)
    _check_place(out, parts)
    with folder_lock(out):
        if taken_from.is_dir():
            for part, found in find_parts(taken_from, parts).items():
                if not has_part(out, part):
                    with copied(found, out) as folder:
                        _put(folder, out / part)
            return
        with unpacked(taken_from, out) as folder:
            for part, found in find_parts(folder, parts).items():
                if not has_part(out, part):
                    _put(found, out / part)


def has_part(root: Path, part: str) -> bool:
    """Whether a set has a part of MSEC, by one of its two names."""
    return any((root / name / INPUTS).is_dir() for name in _names(part))


def find_parts(folder: Path, parts: Sequence[str] = ()) -> dict[str, Path]:
    """Where the parts of MSEC are in a folder, since no archive is bound to one layout.

    Args:
        folder: looked through to a depth of three.
        parts: those that must be there; none means those that are. If it is only one, a lone
            INPUT_IMAGES whose folder has another name is taken for it.

    Raises:
        DataError: one is not there.
    """
    places = [
        path.parent
        for depth in range(4)
        for path in sorted(folder.glob("*/" * depth + INPUTS))
        if path.is_dir()
    ]
    found = {
        part: place
        for part in SOURCES
        for place in reversed(places)
        if place.name.lower() in _names(part) and (not parts or part in parts)
    }
    known = {name for names in SPLIT_FOLDERS.values() for name in names}
    if not found and len(places) == len(parts) == 1 and places[0].name.lower() not in known:
        return {parts[0]: places[0]}
    missing = [part for part in parts if part not in found]
    if missing or not found:
        raise DataError(
            f"Expected a folder {' and '.join(missing) or ' or '.join(SOURCES)} with {INPUTS}, but "
            f"{folder} has {'only others' if places else 'none'}: "
            + ("say which part it is with --part." if places and not parts else "check the source.")
        )
    return found


def _names(part: str) -> tuple[str, ...]:
    """What the folder of a part may be called."""
    return next(names for names in SPLIT_FOLDERS.values() if part in names)


def _check_place(out: Path, parts: Sequence[str]) -> None:
    """Refuse a folder of somebody else, and what is in the way of a part, before any work."""
    for part in parts or SOURCES:
        if not has_part(out, part):
            _check_free(out / part)
    refuse_foreign(out, *OURS)


def _put(folder: Path, target: Path) -> None:
    _check_free(target)
    os.replace(folder, target)


def _check_free(target: Path) -> None:
    if os.path.lexists(target):
        raise FilesError(
            f"Expected {target} to be free or to hold {INPUTS}, but it does not: move it away."
        )


def _check_request(parts: Sequence[str], accept_license: bool) -> None:
    unknown = [part for part in parts if part not in SOURCES]
    if unknown:
        raise ConfigError(f"Expected parts among {', '.join(SOURCES)}, but got {unknown[0]!r}.")
    if not accept_license:
        raise ConfigError(
            "Expected you to accept the licence of MSEC, but you have not: read it, and if you "
            "keep to it run again with --accept-license."
        )
