"""Paired photos on disk, and as the square tensors that a network trains on."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.transforms.v2.functional import center_crop

from exposure_lab.config import DataConfig
from exposure_lab.data.augment import Augment
from exposure_lab.data.layout import SPLIT_FOLDERS, SUFFIXES, TARGET_FOLDERS
from exposure_lab.data.synthesis import parse_ev_token
from exposure_lab.errors import DataError
from exposure_lab.image import read_image, resize, shrink, to_uint8

KEEP_BYTES = 2**30
"""Photos stay decoded in memory while all of them together are below this."""


class Pair(NamedTuple):
    """One input and its target."""

    input_path: Path
    target_path: Path
    scene: str
    ev: float


def splits_in(root: Path | str) -> list[str]:
    """Which of training, validation and test a folder in MSEC layout has."""
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
    targets = {path.stem: path for name in TARGET_FOLDERS for path in _pictures(folder / name)}
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


class PairedImages(Dataset[tuple[Tensor, Tensor]]):
    """Square training pairs, varied by a pure function of (seed, epoch, index).

    An item is asked for by ``(epoch, index)``, so a resumed run sees the pictures that the
    interrupted one would have seen.
    """

    def __init__(self, pairs: Sequence[Pair], config: DataConfig, seed: int) -> None:
        self.pairs = list(pairs)
        self.config = config
        self.augment = Augment(config, seed)
        self._kept: dict[Path, NDArray[np.uint8]] = {}

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, item: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """(real_input, real_target), each (3, S, S), sRGB in [-1, 1]."""
        epoch, index = item
        real_input, real_target = self._photos(index)
        return self.augment(real_input, real_target, epoch, index)

    def center(self, index: int) -> tuple[Tensor, Tensor]:
        """The middle squares of a pair, not varied: what validation looks at.

        As large as the photo's scale allows in multiples of the training square, S' x S'.
        """
        square = self.config.image_size
        size = max(self.config.short_side, square) // square * square
        real_input, real_target = (_scaled(photo) for photo in self._photos(index))
        return center_crop(real_input, [size, size]), center_crop(real_target, [size, size])

    def _photos(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        pair = self.pairs[index]
        photos = self._photo(pair.input_path), self._photo(pair.target_path)
        if photos[0].shape != photos[1].shape:
            raise DataError(
                f"Expected {pair.input_path.name} and {pair.target_path.name} to have one shape, "
                f"but they have {photos[0].shape[1:]} and {photos[1].shape[1:]} px."
            )
        return photos

    def _photo(self, path: Path) -> NDArray[np.uint8]:
        """(3, H, W), 0..255, at the size that crops are taken from."""
        if path in self._kept:
            return self._kept[path]
        photo = decode_photo(path, self.config)
        if self._keeps:
            self._kept[path] = photo
        return photo

    @cached_property
    def _keeps(self) -> bool:
        side = self.config.short_side or self.config.image_size
        files = {path for pair in self.pairs for path in pair[:2]}
        return len(files) * 3 * side * side * 1.5 < KEEP_BYTES  # 1.5: the usual shape of a photo


def decode_photo(path: Path, config: DataConfig) -> NDArray[np.uint8]:
    """Read a photo at the size that crops are taken from: (3, H, W), sRGB, 0..255.

    Raises:
        ImageError: it cannot be read.
    """
    pixels = read_image(path)
    if config.short_side:
        pixels = shrink(pixels, config.short_side)
    else:
        pixels = resize(pixels, config.image_size, config.image_size)
    return np.ascontiguousarray(to_uint8(pixels).transpose(2, 0, 1))


def _scaled(photo: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(photo).float() / 127.5 - 1


def _split_folder(root: Path, split: str) -> Path | None:
    for name in SPLIT_FOLDERS[split]:
        if (root / name / "INPUT_IMAGES").is_dir():
            return root / name
    return None


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )
