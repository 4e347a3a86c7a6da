"""The photos of a split, decoded, wherever they come from; and the squares that are trained on."""

# S side of the training square, px

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.transforms.v2.functional import center_crop

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.augment import Augment, scaled
from exposure_lab.data.loading.packed import PackedPairs, is_pack, pack_fingerprint
from exposure_lab.data.pairs import Pair, decode_photo, find_pairs
from exposure_lab.errors import DataError
from exposure_lab.provenance import data_fingerprint

Photo = NDArray[np.uint8]

KEEP_BYTES = 2**30
"""Photos stay decoded in memory while all of them together are below this."""


class Photos(Protocol):
    """Pairs of photos at the size that crops are taken from."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Photo, Photo]:
        """(input, target), each (3, H, W), sRGB, 0..255."""

    def ev(self, index: int) -> float:
        """Stops of a pair's input."""


class Square(NamedTuple):
    """One pair as a loader hands it on: views of crops, (3, S, S), 0..255, and what to do to it."""

    real_input: Photo
    real_target: Photo
    drawn: Tensor
    """(10,), see `Variation.tensor`."""


def open_photos(data: Path | str, split: str, config: DataConfig) -> Photos:
    """The pairs of a split of a folder in MSEC layout, or of a packed set.

    Raises:
        DataError: no such split, no pairs, or a pack of another scale.
    """
    if is_pack(data):
        return PackedPairs(data, split, config)
    return DecodedPairs(find_pairs(data, split), config)


def fingerprint(data: Path | str) -> str:
    """Of the set: a pack has that of the folder it was made from."""
    return pack_fingerprint(data) if is_pack(data) else data_fingerprint(data)


class DecodedPairs:
    """Pairs of files, decoded when they are asked for, and kept where memory allows."""

    def __init__(self, pairs: Sequence[Pair], config: DataConfig) -> None:
        self.pairs, self.config = list(pairs), config
        self._kept: dict[Path, Photo] = {}

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[Photo, Photo]:
        """(input, target), each (3, H, W), sRGB, 0..255.

        Raises:
            DataError: they have two shapes.
        """
        pair = self.pairs[index]
        photos = self._photo(pair.input_path), self._photo(pair.target_path)
        if photos[0].shape != photos[1].shape:
            raise DataError(
                f"Expected {pair.input_path.name} and {pair.target_path.name} to have one shape, "
                f"but they have {photos[0].shape[1:]} and {photos[1].shape[1:]} px."
            )
        return photos

    def ev(self, index: int) -> float:
        """Stops of a pair's input."""
        return self.pairs[index].ev

    def _photo(self, path: Path) -> Photo:
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


class PairedImages(Dataset[tuple[Tensor, Tensor]]):
    """Square training pairs, varied by a pure function of (seed, epoch, index).

    An item is asked for by ``(epoch, index)``, so a resumed run sees the pictures that the
    interrupted one would have seen.
    """

    def __init__(self, photos: Photos | list[Pair], config: DataConfig, seed: int) -> None:
        """`photos` come decoded, or as a list of pairs of files."""
        self.photos = DecodedPairs(photos, config) if isinstance(photos, list) else photos
        self.config = config
        self.augment = Augment(config, seed)

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, item: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """(real_input, real_target), each (3, S, S), sRGB in [-1, 1]."""
        epoch, index = item
        return self.augment(*self.photos[index], epoch, index)

    def square(self, item: tuple[int, int]) -> Square:
        """The same pair before it is varied, for a batch that is varied as a whole."""
        epoch, index = item
        real_input, real_target = self.photos[index]
        drawn = self.augment.draw(epoch, index, *real_input.shape[1:])
        crop = self.augment.crop
        return Square(crop(real_input, drawn), crop(real_target, drawn), drawn.tensor())

    def center(self, index: int) -> tuple[Tensor, Tensor]:
        """The middle squares of a pair, not varied: what validation looks at.

        As large as the photo's scale allows in multiples of the training square, S' x S'.
        """
        side = self.config.image_size
        size = max(self.config.short_side, side) // side * side
        real_input, real_target = (
            center_crop(scaled(torch.from_numpy(photo.copy())), [size, size])
            for photo in self.photos[index]
        )
        return real_input, real_target
