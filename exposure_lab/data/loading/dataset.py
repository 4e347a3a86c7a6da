"""Dataset of training pairs: the photos of a split, from files or a pack, and squares of them."""

# S side of the training square, px

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.transforms.v2.functional import center_crop

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.augment import Augment, to_network_range
from exposure_lab.data.loading.packed import PackedPairs, is_pack, pack_fingerprint
from exposure_lab.data.pairs import Pair, decode_photo, find_pairs
from exposure_lab.errors import DataError
from exposure_lab.images.array import UInt8CHW
from exposure_lab.provenance import data_fingerprint

KEEP_BYTES = 2**30
"""Photos stay decoded in memory where all of them together take less than this."""


class Photos(Protocol):
    """Pairs of photos of a split, at the size that crops are taken from."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[UInt8CHW, UInt8CHW]:
        """Return (input, target), each (3, H, W), sRGB, 0..255."""

    def ev(self, index: int) -> float:
        """Exposure of a pair's input, in stops."""

    def scene(self, index: int) -> str:
        """Name of a pair's scene."""


class Crop(NamedTuple):
    """Crops of one pair before augmentation, (3, S, S), 0..255, and the parameters of it."""

    real_input: UInt8CHW
    real_target: UInt8CHW
    params: Tensor
    """(10,), see `AugmentParams.tensor`."""


def open_photos(data: Path | str, split: str, config: DataConfig) -> Photos:
    """Open the pairs of a split, of a folder in MSEC layout or of a packed set.

    Raises:
        DataError: no such split, no pairs, or a pack of another scale.
    """
    if is_pack(data):
        return PackedPairs(data, split, config)
    return DecodedPairs(find_pairs(data, split), config)


def fingerprint(data: Path | str) -> str:
    """Fingerprint of a set of photos; a pack has that of the folder it was made from."""
    return pack_fingerprint(data) if is_pack(data) else data_fingerprint(data)


def center_size(config: DataConfig) -> int:
    """Side of the square that is scored, px: the largest multiple of the training square's.

    A photo's short side is at least as long.
    """
    side = config.image_size
    return max(config.short_side, side) // side * side


class DecodedPairs:
    """Pairs of files, decoded on demand, and kept in memory where it suffices."""

    def __init__(self, pairs: Sequence[Pair], config: DataConfig) -> None:
        self.pairs, self.config = list(pairs), config
        self._decoded: dict[Path, UInt8CHW] = {}

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[UInt8CHW, UInt8CHW]:
        """Decode a pair: (input, target), each (3, H, W), sRGB, 0..255.

        Raises:
            DataError: they have two shapes.
        """
        pair = self.pairs[index]
        photos = self._decode(pair.input_path), self._decode(pair.target_path)
        if photos[0].shape != photos[1].shape:
            raise DataError(
                f"Expected {pair.input_path.name} and {pair.target_path.name} to have one shape, "
                f"but they have {photos[0].shape[1:]} and {photos[1].shape[1:]} px."
            )
        return photos

    def ev(self, index: int) -> float:
        """Exposure of a pair's input, in stops."""
        return self.pairs[index].ev

    def scene(self, index: int) -> str:
        """Name of a pair's scene."""
        return self.pairs[index].scene

    def _decode(self, path: Path) -> UInt8CHW:
        if path in self._decoded:
            return self._decoded[path]
        photo = decode_photo(path, self.config)
        if self._keeps_decoded:
            self._decoded[path] = photo
        return photo

    @cached_property
    def _keeps_decoded(self) -> bool:
        side = self.config.short_side or self.config.image_size
        files = {path for pair in self.pairs for path in pair[:2]}
        return len(files) * 3 * side * side * 1.5 < KEEP_BYTES  # 1.5: the usual shape of a photo


class PairedImages(Dataset[tuple[Tensor, Tensor]]):
    """Square training pairs, augmented by a pure function of (seed, epoch, index).

    An item is asked for by ``(epoch, index)``, so a resumed run sees the pictures that the
    interrupted one would have seen.
    """

    def __init__(self, photos: Photos | list[Pair], config: DataConfig, seed: int) -> None:
        """Take decoded photos, or a list of pairs of files."""
        self.photos = DecodedPairs(photos, config) if isinstance(photos, list) else photos
        self.config = config
        self.augment = Augment(config, seed)

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, item: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """Return (real_input, real_target), each (3, S, S), sRGB in [-1, 1]."""
        epoch, index = item
        return self.augment(*self.photos[index], epoch, index)

    def crop(self, item: tuple[int, int]) -> Crop:
        """Crop a pair without augmenting it, for a batch that is augmented as a whole."""
        epoch, index = item
        real_input, real_target = self.photos[index]
        params = self.augment.draw(epoch, index, *real_input.shape[1:])
        crop = self.augment.crop
        return Crop(crop(real_input, params), crop(real_target, params), params.tensor())

    def center(self, index: int) -> tuple[Tensor, Tensor]:
        """Cut out the middle squares of a pair, without augmentation, for validation.

        As large as the photo's scale allows in multiples of the training square, S' x S'.
        """
        size = center_size(self.config)
        real_input, real_target = (
            center_crop(to_network_range(torch.from_numpy(photo.copy())), [size, size])
            for photo in self.photos[index]
        )
        return real_input, real_target
