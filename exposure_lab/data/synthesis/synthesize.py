"""Any folder of photos as a paired set: dealt to the splits, rendered, written in MSEC layout."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.data.layout import (
    INPUTS,
    SPLIT_FOLDERS,
    TARGET_FOLDERS,
    Split,
    pair_paths,
    split_folder,
)
from exposure_lab.data.synthesis.camera import Curve, Look, draw_look, render_uint8
from exposure_lab.data.synthesis.exposure import EVS, check_evs, write_pairs
from exposure_lab.data.synthesis.splits import Deal, deal_photos, find_photos
from exposure_lab.errors import ConfigError, DataError, ImageError
from exposure_lab.files.atomic import sweep_leftovers
from exposure_lab.files.json_files import read_json, write_json
from exposure_lab.files.ownership import folder_lock, refuse_foreign
from exposure_lab.images.array import to_uint8
from exposure_lab.images.io import read_uint8
from exposure_lab.images.raw import RAW_SUFFIXES, read_raw
from exposure_lab.parallel import map_items

SETTINGS_FILE = "rendering.json"
"""In the folder of a set: how it was rendered."""

Pixels = NDArray[np.uint8]


class Written(NamedTuple):
    """What `synthesize` did."""

    photos: dict[str, int]
    """Photos per split, with those that an earlier call had written."""
    skipped: list[str]
    """One sentence for each photo that can't be read, and each folder that can't be looked into."""
    unread: list[Path]
    """Files that are no photos by their suffix, and links to folders, which are not followed."""


def synthesize(
    photos: Path | str,
    out: Path | str,
    *,
    evs: Sequence[float] = EVS,
    seed: int = 0,
    val: float = 0.1,
    test: float = 0.0,
    jobs: int = 1,
    curve: Curve = "random",
    noise: float = 0.0,
    by_folder: Mapping[str, Split] | None = None,
    on_photo: Callable[[int, int], None] | None = None,
) -> Written:
    """Turn any folder of photos into a paired set in MSEC layout.

    Photos, not renderings, are dealt to the splits, so that no scene is in two of them. Called
    again after an interruption it goes on with what is missing, and ends with the same bytes. How
    the set was rendered is written to ``rendering.json`` in it.

    A RAW photo is developed at each exposure from the sensor's own values, see `read_raw`; it takes
    the gain of the curve, and neither its headroom nor the noise: it has its own.

    Args:
        photos: folder, searched at any depth; what begins with a dot is passed over.
        out: folder of the set, not below `photos`.
        evs: stops of the inputs.
        seed: decides which photo goes to which split, its look, and its noise.
        val, test: shares of the photos, in [0, 1], that are held out.
        jobs: processes. A script that asks for several needs ``if __name__ == "__main__":``, since
            each of them imports it anew.
        curve: tone curve, see `rendering`.
        noise: strength of the sensor noise; 0 is none.
        by_folder: name of a folder below `photos` to split, for a set that was dealt by its
            authors; `val` and `test` then count for nothing.
        on_photo: told how many photos of how many are done.

    Raises:
        DataError: no photo found, or a folder that holds a set of other photos or settings.
        ConfigError: exposures, shares, seed, curve or noise that can't be, or a set below its
            own photos.
        FilesError: no space, no permission, `out` holds files that are no such set, or another
            process writes there.
    """
    # What can be wrong is found before anything is written.
    found = find_photos(Path(photos))
    work = deal_photos(found.photos, Path(photos), seed, val, test, by_folder)
    check_evs(evs)
    draw_look(curve, "", seed, noise)
    if Path(out).resolve().is_relative_to(Path(photos).resolve()):
        raise ConfigError(
            f"Expected a folder outside of {photos}, but {out} lies in it, where its renderings "
            "would be taken for photos: choose another."
        )
    settings = {"evs": list(evs), "seed": seed, "val": val, "test": test, "curve": curve}
    scenes = [f"{SPLIT_FOLDERS[one.split][0]}/{one.scene}" for one in work]
    settings |= {"noise": noise, "photos": _told(scenes)}
    written: dict[str, int] = dict.fromkeys(SPLIT_FOLDERS, 0)
    skipped = list(found.refused)
    refuse_foreign(out, SETTINGS_FILE)
    with folder_lock(out):
        _claim(Path(out), settings)
        task = partial(_write, root=Path(out), evs=tuple(evs), curve=curve, seed=seed, noise=noise)
        results = map_items(task, work, jobs)
        for done, (one, problem) in enumerate(zip(work, results, strict=True), start=1):
            if problem is None:
                written[one.split] += 1
            else:
                skipped.append(problem)
            if on_photo is not None:
                on_photo(done, len(work))
    return Written(written, skipped, found.unread)


def _write(
    one: Deal, root: Path, evs: Sequence[float], curve: Curve, seed: int, noise: float
) -> str | None:
    """Render one photo; a sentence where it can't be read. The target comes last and means done."""
    target = pair_paths(root, one.split, one.scene, 0)[1]
    if target.exists():
        return None
    look = draw_look(curve, one.scene, seed, noise)
    try:
        if one.path.suffix.lower() in RAW_SUFFIXES:
            photo = to_uint8(read_raw(one.path))
            expose: Any = partial(_develop, path=one.path, look=look)
        else:
            photo = read_uint8(one.path)
            expose = partial(render_uint8, look=look, scene=one.scene, seed=seed)
        write_pairs(photo, one.scene, root, one.split, evs, expose)  # type: ignore[arg-type]
    except ImageError as error:
        # What is wrong with pixels, and not with a file, is said without the file's name.
        return str(error) if str(one.path) in str(error) else f"{one.path}: {error}"
    return None


def _develop(_: Pixels, ev: float, *, path: Path, look: Look) -> Pixels:
    return to_uint8(read_raw(path, ev + look.gain))


def _told(photos: list[Any]) -> dict[str, Any]:
    """Which photos a set is of, in a few bytes: the list of a large set outgrows what is read."""
    digest = hashlib.sha256(json.dumps(photos).encode()).hexdigest()
    return {"count": len(photos), "sha256": digest}


def _claim(out: Path, settings: dict[str, Any]) -> None:
    """See that a folder holds this set or none; sweep up what a killed process left behind."""
    file = out / SETTINGS_FILE
    if file.exists():
        rendered = read_json(file)
        known = rendered if isinstance(rendered, dict) else {}
        if isinstance(known.get("photos"), list):  # as older sets have them
            known["photos"] = _told(known["photos"])
        differing = [key for key, value in settings.items() if known.get(key) != value]
        if differing:
            raise DataError(
                f"Expected an empty folder or the same set, but {out} was rendered with other "
                f"{differing[0]}: choose another folder."
            )
    else:
        write_json(file, settings)
    sweep_leftovers(out)
    for split, targets in TARGET_FOLDERS.items():
        sweep_leftovers(split_folder(out, split) / INPUTS)
        sweep_leftovers(split_folder(out, split) / targets)
