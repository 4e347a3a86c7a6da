"""Rendering a photo as if it had been exposed longer or shorter, and writing such sets.

Source of the layout and the naming: Afifi et al. 2021, whose set is called MSEC here.
"""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from exposure_lab.errors import DataError, ImageError
from exposure_lab.image import (
    SUFFIXES,
    Array,
    check_image,
    linear_to_srgb,
    read_image,
    srgb_to_linear,
    write_image,
)
from exposure_lab.parallel import map_items

EVS = (-1.5, -1.0, 0.0, 1.0, 1.5)
"""The relative exposure values of MSEC, in stops."""

JPEG_QUALITY = 95

Split = Literal["training", "validation", "testing"]

TARGET_FOLDERS: dict[Split, str] = {
    "training": "GT_IMAGES",
    "validation": "GT_IMAGES",
    "testing": "expert_c_testing_set",
}


class Written(NamedTuple):
    """What `synthesize` did."""

    photos: dict[str, int]
    """Photos per split."""
    skipped: list[str]
    """One sentence for each file that is no readable picture."""


def apply_ev(srgb: Array, ev: float) -> Array:
    """Change the exposure of a photo by ``ev`` stops.

    The photo is brought to linear light, multiplied by ``2 ** ev``, clipped at white and brought
    back. What is clipped is gone: ``apply_ev(apply_ev(x, 1), -1)`` differs from ``x`` there.

    Args:
        srgb: (H, W, 3), sRGB in [0, 1].
        ev: stops; +1 doubles the light, 0 leaves the photo as it is.

    Returns:
        (H, W, 3), sRGB in [0, 1].

    Raises:
        ImageError: wrong shape, or values outside [0, 1].
    """
    check_image(srgb)
    if ev == 0:
        return srgb
    return linear_to_srgb(np.minimum(srgb_to_linear(srgb) * np.float32(2.0**ev), 1))


def clipped_share(srgb: Array) -> float:
    """Share of pixels, in [0, 1], with a channel that an 8-bit file stores as 255."""
    return float(np.mean(np.any(srgb >= 254.5 / 255, axis=2)))


def ev_token(ev: float) -> str:
    """Name an exposure as MSEC does: -1.5 is ``N1.5``, 0 is ``0``, +1 is ``P1``."""
    return "0" if ev == 0 else f"{'P' if ev > 0 else 'N'}{abs(ev):g}"


def parse_ev_token(token: str) -> float:
    """Read ``N1.5``, ``0`` or ``P1`` back as stops.

    Raises:
        DataError: not such a name.
    """
    if token == "0":
        return 0.0
    if not re.fullmatch(r"[NP]\d+(\.\d+)?", token, re.ASCII):
        raise DataError(
            f"Expected an exposure such as N1.5, 0 or P1, but got {token!r}: rename the file."
        )
    return float(token[1:]) if token[0] == "P" else -float(token[1:])


def write_pairs(
    photo: Array, scene: str, root: Path | str, split: Split, evs: Sequence[float] = EVS
) -> None:
    """Write one photo as a target and its renderings as inputs, in MSEC layout.

    Args:
        photo: (H, W, 3), sRGB in [0, 1]: the target.
        scene: file name without suffix.
        root: folder of the set.
        split: which part of the set.
        evs: stops of the inputs.
    """
    folder = Path(root) / split
    write_image(folder / TARGET_FOLDERS[split] / f"{scene}.jpg", photo, quality=JPEG_QUALITY)
    for ev in evs:
        path = folder / "INPUT_IMAGES" / f"{scene}_{ev_token(ev)}.JPG"
        write_image(path, apply_ev(photo, ev), quality=JPEG_QUALITY)


def synthesize(
    photos: Path | str,
    out: Path | str,
    *,
    evs: Sequence[float] = EVS,
    seed: int = 0,
    val: float = 0.1,
    test: float = 0.0,
    jobs: int = 1,
) -> Written:
    """Turn any folder of photos into a paired set in MSEC layout.

    Exposure is changed in linear light from the 8-bit file, with the plain sRGB curve. Photos, not
    renderings, are dealt to the splits, so that no scene is in two of them.

    Args:
        photos: folder, searched at any depth.
        out: folder of the set; renderings that exist are written again, with the same bytes.
        evs: stops of the inputs.
        seed: decides which photo goes to which split.
        val, test: shares of the photos, in [0, 1], that are held out.
        jobs: processes.

    Raises:
        DataError: no photo found, or shares that leave nothing to train on.
    """
    files = sorted(p for p in Path(photos).rglob("*") if p.suffix.lower() in SUFFIXES)
    if not files:
        raise DataError(
            f"Expected photos ({', '.join(SUFFIXES)}) below {photos}, but found none: "
            "check the folder."
        )
    if not (0 <= val and 0 <= test and val + test < 1):
        raise DataError(
            f"Expected shares val and test that leave photos to train on, but got {val} and {test}."
        )
    splits = _deal(len(files), val, test, seed)
    work = list(zip(files, _scene_names(files, Path(photos)), splits, strict=True))
    written: dict[str, int] = {"training": 0, "validation": 0, "testing": 0}
    skipped: list[str] = []
    for (_, _, split), problem in zip(
        work, map_items(partial(_render, root=Path(out), evs=tuple(evs)), work, jobs), strict=True
    ):
        if problem is None:
            written[split] += 1
        else:
            skipped.append(problem)
    return Written(written, skipped)


def _render(item: tuple[Path, str, Split], root: Path, evs: Sequence[float]) -> str | None:
    path, scene, split = item
    try:
        write_pairs(read_image(path), scene, root, split, evs)
    except ImageError as error:
        return str(error)
    return None


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
