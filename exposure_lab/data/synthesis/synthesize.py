"""Synthesis of a paired set from photos and panoramas: assigned to splits, rendered, written."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from exposure_lab.data.layout import (
    INPUTS,
    SPLIT_FOLDERS,
    TARGET_FOLDERS,
    Split,
    split_folder,
)
from exposure_lab.data.synthesis.camera import Curve, draw_camera_response
from exposure_lab.data.synthesis.exposure import EVS
from exposure_lab.data.synthesis.render_scene import (
    Rendering,
    explain_lost_scene,
    write_scene,
)
from exposure_lab.data.synthesis.splits import (
    Scene,
    assign_panoramas,
    assign_splits,
    find_photos,
    refuse_shared_names,
)
from exposure_lab.data.synthesis.variation import Variation
from exposure_lab.errors import ConfigError, DataError
from exposure_lab.files.atomic import sweep_leftovers
from exposure_lab.files.json_files import read_json, write_json
from exposure_lab.files.ownership import folder_lock, refuse_foreign
from exposure_lab.files.walk import FolderListing
from exposure_lab.images.limits import MEGAPIXELS
from exposure_lab.parallel import map_items

SETTINGS_FILE = "rendering.json"
"""Name of the file in the folder of a set that states how it was rendered."""


NO_VARIATION = Variation()
"""All inputs of a photo by one camera, at exposures that are listed."""


class Written(NamedTuple):
    """Result of `synthesize`: what was written, and what was not."""

    photos: dict[str, int]
    """Photos and views of panoramas per split, with those that an earlier call had written."""
    skipped: list[str]
    """One sentence for each photo that failed, and each folder that was not entered."""
    unread: list[Path]
    """Files that are no photos by their suffix."""


def synthesize(
    photos: Path | str | None,
    out: Path | str,
    *,
    evs: Sequence[float] | None = None,
    variation: Variation = NO_VARIATION,
    panorama_views: int = 0,
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
    """Turn any folder of photos, views of the built-in panoramas, or both into a paired set.

    The set has the layout of MSEC. Photos, not renderings, are assigned to the splits, so that no
    scene is in two of them; and so are panoramas. Called again after an interruption it goes on
    with what is missing, and ends with the same bytes. How the set was rendered is written to
    ``rendering.json`` in it.

    A RAW photo is developed at each exposure from the sensor's own values, see `read_raw`; it takes
    the gain of the curve, and neither its headroom, nor the noise, nor a jitter: it has its own.

    Args:
        photos: folder, searched at any depth; what begins with a dot is passed over. None for
            views of panoramas alone.
        out: folder of the set, not below `photos`.
        evs: stops of the inputs; MSEC's five where neither these nor a range are given.
        variation: how the inputs of a photo are drawn, see `Variation`.
        panorama_views: number of views of the eight built-in panoramas, see `PanoramaScene`.
        seed: decides which photo goes to which split, its camera response, and all that is drawn.
        val, test: shares of the photos, in [0, 1], that are held out; and of the panoramas.
        jobs: processes. A script that asks for several needs ``if __name__ == "__main__":``, since
            each of them imports it anew.
        curve: tone curve, see `camera`.
        noise: strength of the sensor noise, 0 is none; where exposures are drawn, the largest.
        max_megapixels: size up to which photos are read.
        by_folder: name of a folder below `photos` to split, for a set that its authors have split;
            `val` and `test` then count for the panoramas alone.
        on_photo: called with the number of photos done and of all photos.

    Raises:
        DataError: no photo found, one that has a panorama's name, or a folder that holds a set of
            other photos or settings.
        ConfigError: exposures, variation, shares, seed, curve, noise or number of views that can't
            be, nothing to render, or a set below its own photos.
        FilesError: no space, no permission, `out` holds files that are no such set, or another
            process writes there.
    """
    # What can be wrong is found before anything is written.
    listing, scenes = _find_scenes(photos, Path(out), by_folder, panorama_views, seed, val, test)
    if evs is None and variation.ev_range is None:
        evs = EVS
    variation.check(evs)
    draw_camera_response(curve, "", seed, noise)
    listed = None if evs is None else tuple(evs)
    settings: dict[str, Any] = {"evs": listed and list(listed), "seed": seed, "val": val}
    settings |= {"test": test, "curve": curve, "noise": noise, "photos": _summarize(scenes)}
    if variation != NO_VARIATION:
        settings |= _variation_settings(variation)
    refuse_foreign(out, SETTINGS_FILE)
    with folder_lock(out):
        _claim_folder(Path(out), settings)
        rendering = Rendering(Path(out), listed, variation, curve, seed, noise, max_megapixels)
        written, skipped = _write_scenes(scenes, rendering, jobs, on_photo)
    return Written(written, listing.refused + skipped, listing.others)


def _find_scenes(
    photos: Path | str | None,
    out: Path,
    by_folder: Mapping[str, Split] | None,
    panorama_views: int,
    seed: int,
    val: float,
    test: float,
) -> tuple[FolderListing, list[Scene]]:
    """List the photos of a folder, and all scenes: its photos', then the panoramas'."""
    listing, scenes = FolderListing([], [], []), []
    if photos is not None:
        listing = find_photos(Path(photos))
        scenes = assign_splits(listing.found, Path(photos), seed, val, test, by_folder)
        _refuse_nested(out, Path(photos))
    scenes += assign_panoramas(panorama_views, seed, val, test)
    refuse_shared_names(scenes)
    if photos is None and not scenes:
        raise ConfigError("Expected photos or a number of panorama views, but got neither.")
    return listing, scenes


def _refuse_nested(out: Path, photos: Path) -> None:
    if out.resolve().is_relative_to(photos.resolve()):
        raise ConfigError(
            f"Expected a folder outside of {photos}, but {out} lies in it, where its renderings "
            "would be taken for photos: choose another."
        )


def _variation_settings(variation: Variation) -> dict[str, Any]:
    """Settings of a variation as JSON gives them back, where a tuple is a list."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in asdict(variation).items()
    }


def _summarize(scenes: Sequence[Scene]) -> dict[str, Any]:
    """Count and hash of the scenes of a set: the list of a large set would be too long to read."""
    return _summarize_names([f"{SPLIT_FOLDERS[scene.split][0]}/{scene.name}" for scene in scenes])


def _summarize_names(names: list[Any]) -> dict[str, Any]:
    digest = hashlib.sha256(json.dumps(names).encode()).hexdigest()
    return {"count": len(names), "sha256": digest}


def _claim_folder(out: Path, settings: dict[str, Any]) -> None:
    """Check that a folder holds this set or none; remove what a killed process left behind."""
    file = out / SETTINGS_FILE
    if file.exists():
        content = read_json(file)
        known = content if isinstance(content, dict) else {}
        if isinstance(known.get("photos"), list):  # as older sets have them
            known["photos"] = _summarize_names(known["photos"])
        # A set whose inputs are not varied does not state it.
        known, wanted = (_variation_settings(NO_VARIATION) | one for one in (known, settings))
        differing = [key for key, value in wanted.items() if known.get(key) != value]
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


def _write_scenes(
    scenes: Sequence[Scene],
    rendering: Rendering,
    jobs: int,
    on_photo: Callable[[int, int], None] | None,
) -> tuple[dict[str, int], list[str]]:
    """Render all scenes. Returns how many there are per split, and why others were skipped."""
    written: dict[str, int] = dict.fromkeys(SPLIT_FOLDERS, 0)
    skipped = []
    task = partial(write_scene, rendering=rendering)
    problems = map_items(task, scenes, jobs, on_death=explain_lost_scene)
    for done, (scene, problem) in enumerate(zip(scenes, problems, strict=True), start=1):
        if problem is None:
            written[scene.split] += 1
        else:
            skipped.append(problem)
        if on_photo is not None:
            on_photo(done, len(scenes))
    return written, skipped
