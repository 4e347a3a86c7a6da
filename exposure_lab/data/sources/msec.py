"""Source of the real set, MSEC: 24,330 renderings of 4,866 photographs (Afifi et al. 2021).

No pixel of it ships with this package: its licence lets researchers use it, not us pass it on.
"""

import os
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from exposure_lab.data.download.google_drive import drive_url, open_drive
from exposure_lab.data.download.local_files import copy_local_folder, unpack_local_archive
from exposure_lab.data.download.remote_archive import (
    RemoteArchive,
    fetch_archive,
    remove_download,
)
from exposure_lab.data.download.retry_policy import RETRY_POLICY, RetryPolicy
from exposure_lab.data.download.work_folder import RECORD, WORK
from exposure_lab.data.layout import INPUTS, SPLIT_FOLDERS
from exposure_lab.data.sources.msec_parts import find_parts, has_part
from exposure_lab.errors import ConfigError, DownloadError, FilesError
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
"""Summary of the licence of the set, and where the texts are that decide."""

# Links of the authors' README of 2023-12-23. Sizes are ours: files times 89 KB, the mean of the 14
# test inputs that the authors' repository shows; the archives' own sizes are stated nowhere.
ARCHIVES = {
    "training": RemoteArchive(
        "training.zip", drive_url("1YtsTeUThgD2tzF6RDwQ7Ol9VTSwqFHc_"), 1_900_000_000, open_drive
    ),
    "validation": RemoteArchive(
        "validation.zip", drive_url("1k_L2I63NpjDbhFFfHinwF7_2KjTIiipk"), 80_000_000, open_drive
    ),
    "testing": RemoteArchive(
        "testing.zip", drive_url("1uxiD6-DOeLnLyI_51DUHMRxORHmUWtgz"), 1_050_000_000, open_drive
    ),
}
MARKERS = (
    RECORD,
    WORK,
    *(f"{name}/{INPUTS}" for name in chain.from_iterable(SPLIT_FOLDERS.values())),
)
"""Files and folders by which a folder is known as this set; the parts may be a reader's own.
Folders train, val and test alone are none: every second set of pictures has them."""

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
    retry: RetryPolicy = RETRY_POLICY,
) -> None:
    """Download parts of MSEC into ``out/training`` and so on; a part that is there stays.

    Args:
        out: folder of the set.
        parts: training, validation or testing; none means all of them.
        accept_license: that you have read `LICENCE` and keep to it.
        retry: timeouts and attempts.

    Raises:
        ConfigError: a part that MSEC has not, or the licence is not accepted.
        DownloadError: Google Drive does not give a part; the sentence says where a browser gets it.
        DataError: what came is no such part.
        FilesError: no room, ``out`` holds files of somebody else, or another process is at work
            there.
    """
    out = Path(out)
    _check_request(parts, accept_license)
    _check_target(out, parts)
    with folder_lock(out):
        for part in parts or ARCHIVES:
            if has_part(out, part):
                remove_download(ARCHIVES[part], out)
                continue
            try:
                with fetch_archive(ARCHIVES[part], out, retry=retry) as folder:
                    _move_part(find_parts(folder, [part])[part], out / part)
            except DownloadError as error:
                raise DownloadError(
                    f"{str(error).removesuffix('.')}; or get {part}.zip in a browser from "
                    f"{BY_HAND[part]} and run again with --from {part}.zip --part {part}."
                ) from error


def take_msec(
    archive: Path | str, out: Path | str, parts: Sequence[str] = (), *, accept_license: bool
) -> None:
    """Take parts of MSEC that the reader has already into ``out``; a part that is there stays.

    Args:
        archive: path of an archive, or of a folder with its files; it is only read.
        out: folder of the set.
        parts: training, validation or testing; none means those that are found.
        accept_license: that you have read `LICENCE` and keep to it.

    Raises:
        ConfigError: a part that MSEC has not, or the licence is not accepted.
        DataError: not found, damaged, or unsafe to unpack.
        FilesError: no room, ``out`` holds files of somebody else, or another process is at work
            there.
    """
    archive, out = Path(archive), Path(out)
    _check_request(parts, accept_license)
    _check_target(out, parts)
    with folder_lock(out):
        if archive.is_dir():
            for part, source in find_parts(archive, parts).items():
                if not has_part(out, part):
                    with copy_local_folder(source, out) as folder:
                        _move_part(folder, out / part)
            return
        with unpack_local_archive(archive, out) as folder:
            for part, source in find_parts(folder, parts).items():
                if not has_part(out, part):
                    _move_part(source, out / part)


def _check_target(out: Path, parts: Sequence[str]) -> None:
    """Check, before any work, that a folder is of this set and nothing is in the way of a part."""
    for part in parts or ARCHIVES:
        if not has_part(out, part):
            _check_free(out / part)
    refuse_foreign(out, *MARKERS)


def _move_part(folder: Path, target: Path) -> None:
    _check_free(target)
    os.replace(folder, target)


def _check_free(target: Path) -> None:
    if os.path.lexists(target):
        raise FilesError(
            f"Expected {target} to be free or to hold {INPUTS}, but it does not: move it away."
        )


def _check_request(parts: Sequence[str], accept_license: bool) -> None:
    unknown = [part for part in parts if part not in ARCHIVES]
    if unknown:
        raise ConfigError(f"Expected parts among {', '.join(ARCHIVES)}, but got {unknown[0]!r}.")
    if not accept_license:
        raise ConfigError(
            "Expected you to accept the licence of MSEC, but you have not: read it, and if you "
            "keep to it run again with --accept-license."
        )
