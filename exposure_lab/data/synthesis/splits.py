"""Photos of a folder and views of panoramas, and their assignment to scene names and splits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from exposure_lab.data.layout import Split
from exposure_lab.data.synthesis.panoramas.panorama import PANORAMAS
from exposure_lab.errors import ConfigError, DataError
from exposure_lab.files.names import folded_name
from exposure_lab.files.walk import FolderListing, list_folder
from exposure_lab.images.photo_file import PHOTO_SUFFIXES


class Scene(NamedTuple):
    """Scene of a set: what it is rendered from, its name, and its split."""

    source: Path | str
    """A photo's path, or the name of a panorama."""
    name: str
    split: Split

    @property
    def is_panorama(self) -> bool:
        """Whether it is rendered from a panorama."""
        return isinstance(self.source, str)


def find_photos(folder: Path) -> FolderListing:
    """List the photos of a folder, at any depth.

    Raises:
        DataError: there is none, or no such folder.
    """
    if not folder.is_dir():
        raise DataError(
            f"Expected a folder of photos at {folder}, but there is none: check the path."
        )
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
) -> list[Scene]:
    """Assign a name and a split to each photo, as scenes of a set.

    Args:
        photos: in order.
        root: the folder that they are below.
        seed: decides the splits.
        val, test: shares of the photos, in [0, 1].
        by_folder: name of a folder in `root` to split; photos in others are left out.

    Raises:
        ConfigError: shares that leave nothing to train on, or a negative seed.
    """
    _check_shares(seed, val, test)
    if by_folder is None:
        splits = _draw_splits(len(photos), val, test, seed)
    else:
        photos = [path for path in photos if _top_folder(path, root) in by_folder]
        splits = [by_folder[_top_folder(path, root)] for path in photos]
    return list(map(Scene, photos, _scene_names(photos, root), splits))


def assign_panoramas(count: int, seed: int, val: float, test: float) -> list[Scene]:
    """Assign a name and a split to views of the built-in panoramas, as many of each as can be.

    All views of a place are in one split: what is held out shows no place that was trained on.

    Args:
        count: number of views; 0 is none.
        seed, val, test: as for `assign_splits`; the shares are of the places.

    Raises:
        ConfigError: a number below 0, or what `assign_splits` refuses.
    """
    if count < 0:
        raise ConfigError(f"Expected a number of panorama views from 0 up, but got {count}.")
    _check_shares(seed, val, test)
    places = PANORAMAS[:count]
    splits = dict(zip(places, _draw_splits(len(places), val, test, seed), strict=True))
    views = sorted((PANORAMAS[i % len(PANORAMAS)], i // len(PANORAMAS)) for i in range(count))
    return [
        Scene(place, f"{place}-panorama-{number:04d}", splits[place]) for place, number in views
    ]


def refuse_shared_names(scenes: Sequence[Scene]) -> None:
    """Check that no photo has the name of a view of a panorama.

    Raises:
        DataError: one has.
    """
    views = {scene.name for scene in scenes if scene.is_panorama}
    for scene in scenes:
        if not scene.is_panorama and folded_name(scene.name) in views:
            raise DataError(
                f"Expected photos with other names than the panoramas' {scene.name}, but there is "
                f"{scene.source}: rename it."
            )


def _check_shares(seed: int, val: float, test: float) -> None:
    if not (0 <= val and 0 <= test and val + test < 1):
        raise ConfigError(
            f"Expected shares val and test that leave photos to train on, but got {val} and {test}."
        )
    if seed < 0:
        raise ConfigError(f"Expected a seed from 0 up, but got {seed}.")


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
