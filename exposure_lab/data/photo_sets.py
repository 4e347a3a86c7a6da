"""Any folder of photos as a paired set: dealt to the splits, rendered, written in MSEC layout."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.data.rendering import Curve, Look, draw_look, render_uint8
from exposure_lab.data.synthesis import EVS, Split, pair_paths, write_pairs
from exposure_lab.errors import DataError, ImageError
from exposure_lab.files import folder_lock, read_json, write_json
from exposure_lab.image import SUFFIXES, read_uint8, to_uint8
from exposure_lab.parallel import map_items
from exposure_lab.pictures import HEIC_SUFFIXES
from exposure_lab.raw import RAW_SUFFIXES, read_raw

PHOTO_SUFFIXES = (*SUFFIXES, *HEIC_SUFFIXES, *RAW_SUFFIXES)
SETTINGS_FILE = "rendering.json"
"""In the folder of a set: how it was rendered."""

Pixels = NDArray[np.uint8]


class Written(NamedTuple):
    """What `synthesize` did."""

    photos: dict[str, int]
    """Photos per split, with those that an earlier call had written."""
    skipped: list[str]
    """One sentence for each file that is no readable picture."""


class _Work(NamedTuple):
    path: Path
    scene: str
    split: Split


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
        photos: folder, searched at any depth.
        out: folder of the set.
        evs: stops of the inputs.
        seed: decides which photo goes to which split, its look, and its noise.
        val, test: shares of the photos, in [0, 1], that are held out.
        jobs: processes.
        curve: tone curve, see `rendering`.
        noise: strength of the sensor noise; 0 is none.
        by_folder: name of a folder below `photos` to split, for a set that was dealt by its
            authors; `val` and `test` then count for nothing.
        on_photo: told how many photos of how many are done.

    Raises:
        DataError: no photo found, shares that leave nothing to train on, or a folder that holds a
            set of other photos or settings.
        ConfigError: unknown curve, or a negative strength of noise.
        FilesError: no space, no permission, or another process writes there.
    """
    work = _deal_photos(Path(photos), seed, val, test, by_folder)
    draw_look(curve, "", seed, noise)  # refuses wrong settings before anything is written
    settings = {"evs": list(evs), "seed": seed, "val": val, "test": test, "curve": curve}
    settings |= {"noise": noise, "photos": [f"{one.split}/{one.scene}" for one in work]}
    written: dict[str, int] = {"training": 0, "validation": 0, "testing": 0}
    skipped: list[str] = []
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
    return Written(written, skipped)


def _write(
    one: _Work, root: Path, evs: Sequence[float], curve: Curve, seed: int, noise: float
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
        return str(error)
    return None


def _develop(_: Pixels, ev: float, *, path: Path, look: Look) -> Pixels:
    return to_uint8(read_raw(path, ev + look.gain))


def _claim(out: Path, settings: dict[str, Any]) -> None:
    """See that a folder holds this set or none; sweep up what a killed process left behind."""
    file = out / SETTINGS_FILE
    if file.exists():
        before = read_json(file)
        differing = [key for key, value in settings.items() if before.get(key) != value]
        if differing:
            raise DataError(
                f"Expected an empty folder or the same set, but {out} was rendered with other "
                f"{differing[0]}: choose another folder."
            )
    else:
        write_json(file, settings)
    for temporary in out.glob("*/*/.*"):
        temporary.unlink()


def _deal_photos(
    photos: Path, seed: int, val: float, test: float, by_folder: Mapping[str, Split] | None
) -> list[_Work]:
    files = sorted(p for p in photos.rglob("*") if p.suffix.lower() in PHOTO_SUFFIXES)
    if not files:
        raise DataError(
            f"Expected photos ({', '.join(PHOTO_SUFFIXES)}) below {photos}, but found none: "
            "check the folder."
        )
    if not (0 <= val and 0 <= test and val + test < 1):
        raise DataError(
            f"Expected shares val and test that leave photos to train on, but got {val} and {test}."
        )
    if by_folder is None:
        splits = _deal(len(files), val, test, seed)
    else:
        files = [path for path in files if _top(path, photos) in by_folder]
        splits = [by_folder[_top(path, photos)] for path in files]
    return [_Work(*one) for one in zip(files, _scene_names(files, photos), splits, strict=True)]


def _top(path: Path, photos: Path) -> str:
    return path.relative_to(photos).parts[0]


def _deal(count: int, val: float, test: float, seed: int) -> list[Split]:
    """A split for each photo; a share above zero gets at least one photo where there are enough."""
    held_val, held_test = (
        min(max(1, round(share * count)), count - 1) if share else 0 for share in (val, test)
    )
    order = np.random.default_rng(seed).permutation(count)
    splits: list[Split] = ["training"] * count
    for index in order[:held_val]:
        splits[index] = "validation"
    for index in order[held_val : held_val + held_test]:
        splits[index] = "testing"
    return splits


def _scene_names(files: Sequence[Path], root: Path) -> list[str]:
    """The file's stem; where two photos share it, the folders and the suffix join in."""
    stems = [path.stem for path in files]
    return [
        path.stem
        if stems.count(path.stem) == 1
        else "-".join(path.relative_to(root).parts).replace(".", "-")
        for path in files
    ]
