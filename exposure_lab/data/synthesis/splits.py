"""Photos of a folder, found at any depth, and their assignment to scene names and splits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from exposure_lab.data.layout import Split
from exposure_lab.errors import ConfigError, DataError
from exposure_lab.files.names import folded_name
from exposure_lab.files.walk import FolderListing, list_folder
from exposure_lab.images.photo_file import PHOTO_SUFFIXES


class SplitAssignment(NamedTuple):
    """Assignment of one photo to a scene name and a split."""

    path: Path
    scene: str
    split: Split


def find_photos(folder: Path) -> FolderListing:
    """List the photos of a folder, at any depth.

    Raises:
        DataError: there is none.
    """
    listing = list_folder(folder, PHOTO_SUFFIXES)
    if not listing.found:
        raise DataError(
            f"Expected photos ({', '.join(PHOTO_SUFFIXES)}) below {folder}, but found none: "
            + " ".join(["check the folder.", *listing.refused])
        )
    return listing


def assign_splits(
    photos: Sequence[Path],
    root: Path,
    seed: int,
    val: float,
    test: float,
    by_folder: Mapping[str, Split] | None = None,
) -> list[SplitAssignment]:
    """Assign a scene name and a split to each photo.

    Args:
        photos: in order.
        root: the folder that they are below.
        seed: decides the splits.
        val, test: shares of the photos, in [0, 1].
        by_folder: name of a folder in `root` to split; photos in others are left out.

    Raises:
        ConfigError: shares that leave nothing to train on, or a negative seed.
    """
    if not (0 <= val and 0 <= test and val + test < 1):
        raise ConfigError(
            f"Expected shares val and test that leave photos to train on, but got {val} and {test}."
        )
    if seed < 0:
        raise ConfigError(f"Expected a seed from 0 up, but got {seed}.")
    if by_folder is None:
        splits = _draw_splits(len(photos), val, test, seed)
    else:
        photos = [path for path in photos if _top_folder(path, root) in by_folder]
        splits = [by_folder[_top_folder(path, root)] for path in photos]
    scenes = _scene_names(photos, root)
    return list(map(SplitAssignment, photos, scenes, splits))


def _top_folder(path: Path, root: Path) -> str:
    return path.relative_to(root).parts[0]


def _draw_splits(count: int, val: float, test: float, seed: int) -> list[Split]:
    """Draw a split for each photo; a share above zero gets a photo where there are enough."""
    held_val, held_test = (
        min(max(1, round(share * count)), count - 1) if share else 0 for share in (val, test)
    )
    order = np.random.default_rng(seed).permutation(count)
    splits: list[Split] = ["training"] * count
    for index in order[:held_val]:
        splits[index] = "validation"
    for index in order[held_val : held_val + held_test]:
        splits[index] = "test"
    return splits


def _scene_names(files: Sequence[Path], root: Path) -> list[str]:
    """Name each scene by the file's stem; where photos share it, folders, suffix and a number join.

    Names that differ in case or in the form of an accent alone count as the same: on some systems
    they are one file.
    """
    stems = Counter(folded_name(path.stem) for path in files)
    unique = {stem for stem, count in stems.items() if count == 1}
    taken, names = set(unique), []
    for path in files:
        name = path.stem
        if folded_name(name) not in unique:
            joined = "-".join(path.relative_to(root).parts).replace(".", "-")
            name, number = joined, 1
            while folded_name(name) in taken:
                number += 1
                name = f"{joined}-{number}"
            taken.add(folded_name(name))
        names.append(name)
    return names
