"""Which pairs make up which batch, and how the batches reach the device's process."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from exposure_lab.data.loading.dataset import PairedImages, Square
from exposure_lab.data.loading.gpu_resident import ResidentPhotos
from exposure_lab.errors import ExposureLabError
from exposure_lab.runtime import Runtime


class BatchPlan:
    """Which pairs make up which batch: a pure function of (seed, step).

    Every pass over the set is a new permutation. With ``steps_per_epoch`` 0 an epoch is one pass,
    its last batch being what remains; otherwise passes follow each other without a seam.
    """

    def __init__(self, size: int, batch_size: int, seed: int, steps_per_epoch: int = 0) -> None:
        self.size, self.batch_size, self.seed = size, batch_size, seed
        self.seamless = steps_per_epoch > 0
        self.steps_per_epoch = steps_per_epoch or -(-size // batch_size)

    def batch(self, step: int) -> list[tuple[int, int]]:
        """The (pass, index) of each pair of a step, counted from 0."""
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
) -> Iterator[list[Tensor]]:
    """Batches of one process, from step ``first`` on, on the device, before they are varied.

    Each is real_input and real_target, (B, 3, S, S), sRGB 0..255, and drawn, (B, 10): four times
    fewer bytes to move than floats, and `Augment.vary` does the rest where the networks are.

    Args:
        dataset: what to load.
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
    items = (runtime.mine(plan.batch(step)) for step in range(first, steps))
    loader = DataLoader(
        _Squares(dataset) if resident is None else resident.places(dataset.augment),
        batch_sampler=items,
        num_workers=workers,
        collate_fn=_together if resident is None else _stacked,
        pin_memory=runtime.device.type == "cuda",
        # Starting to iterate draws a number. From torch's own generator it would shift the dropout
        # of a resumed run, which starts once more than an uninterrupted one.
        generator=torch.Generator(),
    )
    for batch in loader:
        if isinstance(batch, ExposureLabError):
            raise batch
        moved = runtime.to_device(batch)
        if resident is None:
            yield moved
        else:
            yield [*resident.squares(moved[0], dataset.config.image_size), moved[1]]


class _Squares(Dataset[Square | ExposureLabError]):
    """What a loader's process asks a `PairedImages` for.

    An error is handed over as a value: raised in a process of the loader, its one sentence would
    arrive with a page of traceback in it.
    """

    def __init__(self, images: PairedImages) -> None:
        self.images = images

    def __getitem__(self, item: tuple[int, int]) -> Square | ExposureLabError:
        try:
            return self.images.square(item)
        except ExposureLabError as error:
            return error


def _together(squares: Sequence[Square | ExposureLabError]) -> list[Tensor] | ExposureLabError:
    """Squares to a batch: the one copy between a photo and the device."""
    for square in squares:
        if isinstance(square, ExposureLabError):
            return square
    real_input, real_target, drawn = zip(*squares, strict=True)
    photos = (torch.from_numpy(np.stack(side)) for side in (real_input, real_target))
    return [*photos, torch.stack(drawn)]


def _stacked(items: Sequence[tuple[Tensor, Tensor]]) -> list[Tensor]:
    return [torch.stack(side) for side in zip(*items, strict=True)]
