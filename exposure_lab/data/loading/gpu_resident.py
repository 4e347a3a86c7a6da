"""A packed split on the GPU itself: the loader then moves numbers, and no pixels.

The photos lie there behind each other as they do in the pack, as one row of bytes. A batch of
squares is one look into that row, wherever the crops are and however large the photos.
"""

# B batch, S side of the training square, px

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from exposure_lab.data.loading.augment import Augment
from exposure_lab.data.loading.packed import PackedPairs

FREE_SHARE = 1 / 8
"""Of the GPU's free memory that photos may take: a batch that would fit without them still does."""

CHUNK = 2**28
"""Bytes that are read from the pack and sent in one go."""


class Place(NamedTuple):
    """Where the two squares of a pair lie in the pack's row of bytes."""

    real_input: int
    """First byte of the input."""
    real_target: int
    height: int
    """Of both photos, px."""
    width: int
    top: int
    """Of both squares, px."""
    left: int


class Places(Dataset[tuple[Tensor, Tensor]]):
    """Where the squares of a pair lie, and what to do to them: (6,) of `Place`, (10,) as drawn."""

    def __init__(self, packed: PackedPairs, first: int, augment: Augment) -> None:
        self.packed, self.first, self.augment = packed, first, augment

    def __getitem__(self, item: tuple[int, int]) -> tuple[Tensor, Tensor]:
        epoch, index = item
        pair = self.packed.table[index]
        real_input, real_target = (self.packed.photos[pair[side]] for side in ("input", "target"))
        height, width = int(real_input["height"]), int(real_input["width"])
        drawn = self.augment.draw(epoch, index, height, width)
        starts = [int(photo["offset"]) - self.first for photo in (real_input, real_target)]
        place = Place(starts[0], starts[1], height, width, drawn.top, drawn.left)
        return torch.tensor(place), drawn.tensor()


class ResidentPhotos:
    """All photos of a packed split in the memory of a device."""

    def __init__(self, packed: PackedPairs, device: torch.device) -> None:
        """Copy them there."""
        self.packed = packed
        self.first, end = extent(packed)
        self.pixels = torch.empty(end - self.first, dtype=torch.uint8, device=device)
        for start in range(self.first, end, CHUNK):
            piece = torch.from_numpy(np.array(packed.pixels[start : min(start + CHUNK, end)]))
            self.pixels[start - self.first :][: len(piece)] = piece

    def places(self, augment: Augment) -> "Places":
        """What the loader asks, in other processes that know nothing of the device."""
        return Places(self.packed, self.first, augment)

    def squares(self, places: Tensor, size: int) -> tuple[Tensor, Tensor]:
        """Cut out the squares of a batch.

        Args:
            places: (B, 6), of `Place`, on the device.
            size: S.

        Returns:
            real_input and real_target, (B, 3, S, S), sRGB 0..255, channels last.
        """
        real_input, real_target, height, width, top, left = places[..., None, None, None].unbind(1)
        along = torch.arange(size, device=places.device)
        rows, columns = along[:, None, None], along[:, None]
        channels = torch.arange(3, device=places.device)
        inside = channels * height * width + (top + rows) * width + left + columns  # (B, S, S, 3)
        squares = (self.pixels[first + inside] for first in (real_input, real_target))
        cut_input, cut_target = (square.permute(0, 3, 1, 2) for square in squares)
        return cut_input, cut_target


def extent(packed: PackedPairs) -> tuple[int, int]:
    """First byte and end of a split's photos in the pack: `pack` writes split after split."""
    used = packed.photos[np.union1d(packed.table["input"], packed.table["target"])]
    sizes = 3 * used["height"].astype(np.int64) * used["width"]
    return int(used["offset"].min()), int((used["offset"] + sizes).max())


def fits(packed: PackedPairs, device: torch.device) -> bool:
    """Whether a split may be kept on a device: a GPU with several times its bytes to spare."""
    if device.type != "cuda":
        return False  # there the mapped file is memory already
    first, end = extent(packed)
    free, _ = torch.cuda.mem_get_info(device)
    return end - first <= FREE_SHARE * free
