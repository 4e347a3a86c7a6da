"""A packed split in GPU memory: the loader then moves offsets, and no pixels.

The photos lie there one after the other as in the pack, as one row of bytes. A batch of crops is
one gather from that row, wherever the crops are and however large the photos.
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
"""Share of the GPU's free memory that photos may take, so that batches still fit."""

READ_CHUNK = 2**28
"""Bytes that are read from the pack and sent at a time."""


class CropOffset(NamedTuple):
    """Offset of the two crops of a pair in the pack's row of bytes."""

    real_input: int
    """First byte of the input."""
    real_target: int
    height: int
    """Height of both photos, px."""
    width: int
    top: int
    """Top edge of both crops, px."""
    left: int


class CropOffsets(Dataset[tuple[Tensor, Tensor]]):
    """Dataset of (6,), a `CropOffset`, and (10,), an `AugmentParams.tensor`, for each pair."""

    def __init__(self, packed: PackedPairs, first: int, augment: Augment) -> None:
        self.packed, self.first, self.augment = packed, first, augment

    def __getitem__(self, item: tuple[int, int]) -> tuple[Tensor, Tensor]:
        epoch, index = item
        pair = self.packed.table[index]
        real_input, real_target = (self.packed.photos[pair[side]] for side in ("input", "target"))
        height, width = int(real_input["height"]), int(real_input["width"])
        params = self.augment.draw(epoch, index, height, width)
        starts = [int(photo["offset"]) - self.first for photo in (real_input, real_target)]
        offset = CropOffset(starts[0], starts[1], height, width, params.top, params.left)
        return torch.tensor(offset), params.tensor()


class ResidentPhotos:
    """Photos of a packed split in the memory of a device."""

    def __init__(self, packed: PackedPairs, device: torch.device) -> None:
        """Copy the photos of a split to the device."""
        self.packed = packed
        self.first, end = byte_range(packed)
        self.pixels = torch.empty(end - self.first, dtype=torch.uint8, device=device)
        for start in range(self.first, end, READ_CHUNK):
            piece = torch.from_numpy(np.array(packed.pixels[start : min(start + READ_CHUNK, end)]))
            self.pixels[start - self.first :][: len(piece)] = piece

    def crop_offsets(self, augment: Augment) -> "CropOffsets":
        """Dataset of offsets for the loader, whose processes know nothing of the device."""
        return CropOffsets(self.packed, self.first, augment)

    def gather_crops(self, offsets: Tensor, size: int) -> tuple[Tensor, Tensor]:
        """Gather the crops of a batch.

        Args:
            offsets: (B, 6), of `CropOffset`, on the device.
            size: S.

        Returns:
            real_input and real_target, (B, 3, S, S), sRGB 0..255, channels last.
        """
        real_input, real_target, height, width, top, left = offsets[..., None, None, None].unbind(1)
        along = torch.arange(size, device=offsets.device)
        rows, columns = along[:, None, None], along[:, None]
        channels = torch.arange(3, device=offsets.device)
        inside = channels * height * width + (top + rows) * width + left + columns  # (B, S, S, 3)
        crops = (self.pixels[first + inside] for first in (real_input, real_target))
        input_crops, target_crops = (crop.permute(0, 3, 1, 2) for crop in crops)
        return input_crops, target_crops


def byte_range(packed: PackedPairs) -> tuple[int, int]:
    """Range of a split's photos in a pack, first byte and end; `pack` writes split after split."""
    used = packed.photos[np.union1d(packed.table["input"], packed.table["target"])]
    sizes = 3 * used["height"].astype(np.int64) * used["width"]
    return int(used["offset"].min()), int((used["offset"] + sizes).max())


def fits_on_gpu(packed: PackedPairs, device: torch.device) -> bool:
    """Whether a split may be kept on a device: a GPU with several times its bytes to spare."""
    if device.type != "cuda":
        return False  # there the mapped file is memory already
    first, end = byte_range(packed)
    free, _ = torch.cuda.mem_get_info(device)
    return end - first <= FREE_SHARE * free
