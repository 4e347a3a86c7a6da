"""Synthesis of a paired set from any folder of photos: assigned to splits, rendered, written."""

import hashlib
import json
import os
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
from exposure_lab.data.synthesis.camera import (
    CameraResponse,
    Curve,
    draw_camera_response,
    render_uint8,
)
from exposure_lab.data.synthesis.exposure import EVS, check_evs, write_pairs
from exposure_lab.data.synthesis.splits import SplitAssignment, assign_splits, find_photos
from exposure_lab.errors import ConfigError, DataError
from exposure_lab.files.atomic import sweep_leftovers
from exposure_lab.files.failures import explain_death, explain_failure
from exposure_lab.files.json_files import read_json, write_json
from exposure_lab.files.ownership import folder_lock, refuse_foreign
from exposure_lab.images.array import to_uint8
from exposure_lab.images.io import read_uint8
from exposure_lab.images.limits import MEGAPIXELS, largest_picture
from exposure_lab.images.raw import RAW_SUFFIXES, read_raw
from exposure_lab.parallel import map_items

SETTINGS_FILE = "rendering.json"
"""Name of the file in the folder of a set that states how it was rendered."""


class Written(NamedTuple):
    """Result of `synthesize`: what was written, and what was not."""

    photos: dict[str, int]
    """Photos per split, with those that an earlier call had written."""
    skipped: list[str]
    """One sentence for each photo that failed, and each folder that was not entered."""
    unread: list[Path]
    """Files that are no photos by their suffix."""


class _Rendering(NamedTuple):
    """How the photos of a set are rendered."""

    root: Path
    evs: tuple[float, ...]
    curve: Curve
    seed: int
    noise: float
    max_megapixels: float


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
    max_megapixels: float = MEGAPIXELS,
    by_folder: Mapping[str, Split] | None = None,
    on_photo: Callable[[int, int], None] | None = None,
) -> Written:
    """Turn any folder of photos into a paired set in MSEC layout.

    Photos, not renderings, are assigned to the splits, so that no scene is in two of them. Called
    again after an interruption it goes on with what is missing, and ends with the same bytes. How
    the set was rendered is written to ``rendering.json`` in it.

    A RAW photo is developed at each exposure from the sensor's own values, see `read_raw`; it takes
    the gain of the curve, and neither its headroom nor the noise: it has its own.

    Args:
        photos: folder, searched at any depth; what begins with a dot is passed over.
        out: folder of the set, not below `photos`.
        evs: stops of the inputs.
        seed: decides which photo goes to which split, its camera response, and its noise.
        val, test: shares of the photos, in [0, 1], that are held out.
        jobs: processes. A script that asks for several needs ``if __name__ == "__main__":``, since
            each of them imports it anew.
        curve: tone curve, see `camera`.
        noise: strength of the sensor noise; 0 is none.
        max_megapixels: size up to which photos are read.
        by_folder: name of a folder below `photos` to split, for a set that its authors have split;
            `val` and `test` then count for nothing.
        on_photo: called with the number of photos done and of all photos.

    Raises:
        DataError: no photo found, or a folder that holds a set of other photos or settings.
        ConfigError: exposures, shares, seed, curve or noise that can't be, or a set below its
            own photos.
        FilesError: no space, no permission, `out` holds files that are no such set, or another
            process writes there.
    """
    # What can be wrong is found before anything is written.
    listing = find_photos(Path(photos))
    work = assign_splits(listing.found, Path(photos), seed, val, test, by_folder)
    check_evs(evs)
    draw_camera_response(curve, "", seed, noise)
    _refuse_nested(Path(out), Path(photos))
    settings = {"evs": list(evs), "seed": seed, "val": val, "test": test, "curve": curve}
    settings |= {"noise": noise, "photos": _summarize_scenes(work)}
    refuse_foreign(out, SETTINGS_FILE)
    with folder_lock(out):
        _claim_folder(Path(out), settings)
        rendering = _Rendering(Path(out), tuple(evs), curve, seed, noise, max_megapixels)
        written, skipped = _write_photos(work, rendering, jobs, on_photo)
    return Written(written, listing.refused + skipped, listing.others)


def _refuse_nested(out: Path, photos: Path) -> None:
    if out.resolve().is_relative_to(photos.resolve()):
        raise ConfigError(
            f"Expected a folder outside of {photos}, but {out} lies in it, where its renderings "
            "would be taken for photos: choose another."
        )


def _summarize_scenes(work: Sequence[SplitAssignment]) -> dict[str, Any]:
    return _summarize([f"{SPLIT_FOLDERS[photo.split][0]}/{photo.scene}" for photo in work])


def _summarize(scenes: list[Any]) -> dict[str, Any]:
    """Count and hash of the scenes of a set: the list of a large set would be too long to read."""
    digest = hashlib.sha256(json.dumps(scenes).encode()).hexdigest()
    return {"count": len(scenes), "sha256": digest}


def _claim_folder(out: Path, settings: dict[str, Any]) -> None:
    """Check that a folder holds this set or none; remove what a killed process left behind."""
    file = out / SETTINGS_FILE
    if file.exists():
        content = read_json(file)
        known = content if isinstance(content, dict) else {}
        if isinstance(known.get("photos"), list):  # as older sets have them
            known["photos"] = _summarize(known["photos"])
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


def _write_photos(
    work: Sequence[SplitAssignment],
    rendering: _Rendering,
    jobs: int,
    on_photo: Callable[[int, int], None] | None,
) -> tuple[dict[str, int], list[str]]:
    """Render all photos. Returns how many there are per split, and why others were skipped."""
    written: dict[str, int] = dict.fromkeys(SPLIT_FOLDERS, 0)
    skipped = []
    task = partial(_write_photo, rendering=rendering)
    problems = map_items(task, work, jobs, on_death=_died)
    for done, (photo, problem) in enumerate(zip(work, problems, strict=True), start=1):
        if problem is None:
            written[photo.split] += 1
        else:
            skipped.append(problem)
        if on_photo is not None:
            on_photo(done, len(work))
    return written, skipped


def _write_photo(photo: SplitAssignment, rendering: _Rendering) -> str | None:
    """Render one photo; a sentence where that failed. The target comes last and means done."""
    root, evs, curve, seed, noise, max_megapixels = rendering
    path, scene, split = photo
    if os.path.exists(pair_paths(root, split, scene, 0)[1]):
        return None
    try:
        response = draw_camera_response(curve, scene, seed, noise)
        if path.suffix.lower() in RAW_SUFFIXES:
            pixels = to_uint8(read_raw(path))
            expose: Any = partial(_develop_raw, path=path, response=response)
        else:
            with largest_picture(max_megapixels):
                pixels = read_uint8(path)
            expose = partial(render_uint8, response=response, scene=scene, seed=seed)
        write_pairs(pixels, scene, root, split, evs, expose)  # type: ignore[arg-type]
    except Exception as error:  # whatever it is, the other photos are rendered
        return explain_failure(path, error)
    return None


def _died(photo: SplitAssignment) -> str:
    return explain_death(photo.path)


def _develop_raw(
    _: NDArray[np.uint8], ev: float, *, path: Path, response: CameraResponse
) -> NDArray[np.uint8]:
    return to_uint8(read_raw(path, ev + response.gain))
