"""Pairs of photos on disk: which input belongs to which target, and decoding them for training."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from exposure_lab.config import DataConfig
from exposure_lab.data.layout import READ_TARGETS, SPLIT_FOLDERS, SUFFIXES, parse_ev_token
from exposure_lab.errors import DataError, ImageError
from exposure_lab.images.array import UInt8CHW, to_uint8
from exposure_lab.images.io import read_image
from exposure_lab.images.resize import resize, shrink

LONGEST = 64
"""Long side of a photo by its short side, at most. Shrinking keeps the shape, so a line of pixels,
which a file of a few hundred bytes can hold, would grow to gigabytes."""


class Pair(NamedTuple):
    """Pair of an input and its target."""

    input_path: Path
    target_path: Path
    scene: str
    ev: float


def splits_in(root: Path | str) -> list[str]:
    """List which of training, validation and test a folder in MSEC layout has."""
    return [split for split in SPLIT_FOLDERS if _split_folder(Path(root), split) is not None]


def find_pairs(root: Path | str, split: str) -> list[Pair]:
    """Pair every input of a split with its target, by name.

    ``SCENE_N1.5.JPG`` belongs to ``SCENE.jpg``: the exposure is what follows the last underscore,
    since scene names hold underscores, dashes and parentheses themselves.

    Raises:
        DataError: no such split, no pictures, a name without exposure, an input without target.
    """
    folder = _split_folder(Path(root), split)
    if folder is None:
        raise DataError(
            f"Expected {split} pairs in {root}, but there is no folder "
            f"{' or '.join(SPLIT_FOLDERS[split])} with INPUT_IMAGES: check the path."
        )
    targets = {path.stem: path for name in READ_TARGETS for path in _pictures(folder / name)}
    pairs, missing = [], []
    for path in _pictures(folder / "INPUT_IMAGES"):
        scene, _, token = path.stem.rpartition("_")
        ev = parse_ev_token(token)
        if scene in targets:
            pairs.append(Pair(path, targets[scene], scene, ev))
        else:
            missing.append(path.name)
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise DataError(
            f"Expected a target for every input in {folder}, but there is none for "
            f"{', '.join(missing[:3])}{more}: add the targets or remove the inputs."
        )
    if not pairs:
        raise DataError(f"Expected pictures in {folder / 'INPUT_IMAGES'}, but it is empty.")
    return pairs


def decode_photo(path: Path, config: DataConfig) -> UInt8CHW:
    """Read a photo at the size that crops are taken from: (3, H, W), sRGB, 0..255.

    Raises:
        ImageError: it cannot be read, holds NaN, or is far too long for its width.
    """
    pixels = read_image(path)
    if np.isnan(pixels).any():
        raise ImageError(
            f"Expected numbers for pixels in {path}, but some are NaN: replace or remove it."
        )
    if config.short_side:
        short, long = sorted(pixels.shape[:2])
        if long > LONGEST * short:
            raise ImageError(
                f"Expected a photo at most {LONGEST} times as long as wide in {path}, but it is "
                f"{long} by {short} px: remove it."
            )
        pixels = shrink(pixels, config.short_side)
    else:
        pixels = resize(pixels, config.image_size, config.image_size)
    return np.ascontiguousarray(to_uint8(pixels).transpose(2, 0, 1))


def _split_folder(root: Path, split: str) -> Path | None:
    for name in SPLIT_FOLDERS[split]:
        if (root / name / "INPUT_IMAGES").is_dir():
            return root / name
    return None


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    pictures = (
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )
    # By name: paths of Windows sort without case, and the order decides which pairs a seed draws.
    return sorted(pictures, key=lambda path: path.name)
