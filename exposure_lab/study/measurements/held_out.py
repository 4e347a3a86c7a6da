"""Held-out photos of a data set, scene by scene, small enough to measure many of them."""

from pathlib import Path

from exposure_lab.data.pairs import Pair, find_pairs, splits_in
from exposure_lab.errors import DataError
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image
from exposure_lab.images.resize import shrink

HELD_OUT = ("validation", "test")

MOST_SCENES = 500
"""Scenes that are measured, evenly spaced: more would take minutes and tell little more."""


def held_out_scenes(data: Path | None) -> dict[str, list[Pair]]:
    """Find the held-out pairs of a data set, by scene, from dark to bright.

    Args:
        data: folder in MSEC layout.

    Returns:
        Scene to its pairs, of at most `MOST_SCENES` scenes.

    Raises:
        DataError: no folder, or neither validation nor test photos in it.
    """
    splits = [] if data is None else [split for split in HELD_OUT if split in splits_in(data)]
    if data is None or not splits:
        raise DataError(
            f"Expected a data set with validation or test photos, but got {data}: give one with "
            "--data, such as `exposure-lab data synthesize` makes."
        )
    scenes: dict[str, list[Pair]] = {}
    for split in splits:
        for pair in sorted(find_pairs(data, split), key=lambda pair: (pair.scene, pair.ev)):
            scenes.setdefault(pair.scene, []).append(pair)
    names = list(scenes)
    step = max(1.0, len(names) / MOST_SCENES)
    chosen = [names[int(i * step)] for i in range(min(len(names), MOST_SCENES))]
    return {name: scenes[name] for name in chosen}


def read_small(path: Path, short_side: int) -> Array:
    """Read a photo and shrink it; one that is smaller stays as it is.

    Returns:
        (H, W, 3), sRGB in [0, 1].

    Raises:
        ImageError: it cannot be read.
    """
    photo = read_image(path)
    return shrink(photo, short_side) if min(photo.shape[:2]) > short_side else photo
