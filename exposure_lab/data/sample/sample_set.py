"""The six photographs that ship with the package, and the small set rendered from them.

Who took them and under which licence: `LICENSES.md` beside this file.
"""

import os
from importlib import resources
from pathlib import Path

from exposure_lab.data.layout import Split, pair_paths
from exposure_lab.data.synthesis.exposure import EVS, write_pairs
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files.atomic import atomic_folder, sweep_leftovers
from exposure_lab.files.ownership import folder_lock, is_ignored_name
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image

SAMPLE_SPLITS: dict[str, Split] = {
    "astronaut": "training",
    "chelsea": "training",
    "coffee": "training",
    "rocket": "training",
    "china": "validation",
    "flower": "validation",
}
"""Split of each photo: four to train on, two held out."""

CACHE_NAME = "sample-1"
"""Changes when the renderings change, so that an old copy in a user's cache is not taken."""

WAIT = 120.0
"""Seconds that a first use waits for another one, which does the same work."""


def sample_photo(name: str) -> Array:
    """Read one of the photographs that ship with the package: (H, W, 3), sRGB in [0, 1].

    Raises:
        DataError: not one of `SAMPLE_SPLITS`.
    """
    if name not in SAMPLE_SPLITS:
        raise DataError(
            f"Expected a built-in photo, one of {', '.join(SAMPLE_SPLITS)}, but got {name!r}."
        )
    with resources.as_file(resources.files("exposure_lab.data.sample") / f"{name}.jpg") as path:
        return read_image(path)


def write_sample(out: Path | str) -> Path:
    """Render the photographs of the package at the five exposures of MSEC, in its layout.

    Exposure changes with the plain curve. Files that are there already are written again, with the
    same bytes.

    Raises:
        FilesError: no space, no permission, or a folder that holds anything else.
    """
    _refuse_other_files(Path(out))
    for name, split in SAMPLE_SPLITS.items():
        write_pairs(sample_photo(name), name, out, split)
    return Path(out)


def _refuse_other_files(out: Path) -> None:
    """Check that a folder holds nothing but this set, or a part of it."""
    ours = {
        path
        for name, split in SAMPLE_SPLITS.items()
        for ev in EVS
        for path in pair_paths(out, split, name, ev)
    }
    for path in out.rglob("*"):
        if not (path in ours or path.is_dir() or is_ignored_name(path.name)):
            raise FilesError(
                f"Expected an empty folder for the built-in photos, but {out} holds other files, "
                f"such as {path.relative_to(out)}: choose another folder."
            )


def sample_dir() -> Path:
    """Find the rendered sample set in the user's cache; written on first use, which takes seconds.

    Raises:
        FilesError: no space, no permission, or another process has been at it for too long.
    """
    folder = cache_dir() / CACHE_NAME
    if folder.is_dir():
        return folder
    with folder_lock(cache_dir(), timeout=WAIT):
        sweep_leftovers(cache_dir(), CACHE_NAME)
        if not folder.is_dir():  # by now another process may have written it
            with atomic_folder(folder) as temporary:
                write_sample(temporary)
    return folder


def cache_dir() -> Path:
    """Folder of files that can be made again, in the user's cache (``XDG_CACHE_HOME``)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "exposure_lab"
