"""Batches for training: which pairs each is made of, and how they reach the device."""

# B batch, S side of the training square, px

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from exposure_lab.data.loading.dataset import Crop, PairedImages
from exposure_lab.data.loading.gpu_resident import ResidentPhotos
from exposure_lab.errors import ExposureLabError
from exposure_lab.runtime import Runtime


class Batch(NamedTuple):
    """Pairs to train on, augmented: each side (B, 3, S, S), sRGB in [-1, 1]."""

    real_input: Tensor
    real_target: Tensor


class BatchPlan:
    """Plan of which pairs make up which batch, a pure function of (seed, step).

    Every pass over the set is a new permutation. With ``steps_per_epoch`` 0 an epoch is one pass,
    its last batch being what remains; otherwise passes follow each other without a seam.
    """

    def __init__(self, size: int, batch_size: int, seed: int, steps_per_epoch: int = 0) -> None:
        self.size, self.batch_size, self.seed = size, batch_size, seed
        self.seamless = steps_per_epoch > 0
        self.steps_per_epoch = steps_per_epoch or -(-size // batch_size)

    def batch(self, step: int) -> list[tuple[int, int]]:
        """List the (pass, index) of each pair of a step, counted from 0."""
        if self.seamless:
            first = step * self.batch_size
            places = [divmod(first + i, self.size) for i in range(self.batch_size)]
        else:
            epoch, within = divmod(step, self.steps_per_epoch)
            first = within * self.batch_size
            last = min(first + self.batch_size, self.size)
            places = [(epoch, place) for place in range(first, last)]
        orders = {epoch: self._order(epoch) for epoch in {epoch for epoch, _ in places}}
        return [(epoch, int(orders[epoch][place])) for epoch, place in places]

    def _order(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng([self.seed, epoch]).permutation(self.size)


def load_batches(
    dataset: PairedImages,
    plan: BatchPlan,
    first: int,
    steps: int,
    runtime: Runtime,
    workers: int,
    resident: ResidentPhotos | None = None,
) -> Iterator[Batch]:
    """Load the batches of one process from step ``first`` on, augmented, on the device.

    What is moved there are bytes, four times fewer than floats, and the parameters of the
    augmentation, which is applied to a whole batch at once.

    Args:
        dataset: pairs to load, and how they are augmented.
        plan: which pairs belong to a step; every process takes its share of them.
        first, steps: the steps from ``first`` to ``steps - 1`` are loaded.
        runtime: device and processes.
        workers: processes that decode; 0 decodes in this one.
        resident: the photos of `dataset` where they are on the device already: the same batches,
            for which the loader only draws the crops.

    Raises:
        ImageError: a photo cannot be read.
        DataError: a pair has two shapes.
    """
    shares = (runtime.local_share(plan.batch(step)) for step in range(first, steps))
    loader = DataLoader(
        _Crops(dataset) if resident is None else resident.crop_offsets(dataset.augment),
        batch_sampler=shares,
        num_workers=workers,
        collate_fn=_collate_crops if resident is None else _stack,
        pin_memory=runtime.device.type == "cuda",
        # Starting to iterate draws a number. From torch's own generator it would shift the dropout
        # of a resumed run, which starts once more than an uninterrupted one.
        generator=torch.Generator(),
    )
    for loaded in loader:
        if isinstance(loaded, ExposureLabError):
            raise loaded
        *pixels, params = runtime.to_device(loaded)
        if resident is not None:
            pixels = [*resident.gather_crops(pixels[0], dataset.config.image_size)]
        real_input, real_target = pixels
        yield Batch(*dataset.augment.apply(real_input, real_target, params))


class _Crops(Dataset[Crop | ExposureLabError]):
    """Dataset of the crops of a `PairedImages`, read in the loader's processes.

    An error is handed over as a value: raised in a process of the loader, its one sentence would
    arrive with a page of traceback in it.
    """

    def __init__(self, images: PairedImages) -> None:
        self.images = images

    def __getitem__(self, item: tuple[int, int]) -> Crop | ExposureLabError:
        try:
            return self.images.crop(item)
        except ExposureLabError as error:
            return error


def _collate_crops(
    crops: Sequence[Crop | ExposureLabError],
) -> list[Tensor] | ExposureLabError:
    """Collate crops to a batch, in the one copy between a photo and the device."""
    for crop in crops:
        if isinstance(crop, ExposureLabError):
            return crop
    real_input, real_target, params = zip(*crops, strict=True)
    photos = (torch.from_numpy(np.stack(side)) for side in (real_input, real_target))
    return [*photos, torch.stack(params)]


def _stack(items: Sequence[tuple[Tensor, Tensor]]) -> list[Tensor]:
    """Stack the tensors of all items, first with first and second with second."""
    return [torch.stack(side) for side in zip(*items, strict=True)]
