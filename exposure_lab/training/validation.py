"""Validation while a generator trains: a few scores and one picture an epoch."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.dataset import PairedImages, open_photos
from exposure_lab.errors import DataError, DivergedError
from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.images.array import Array, to_pixels
from exposure_lab.images.io import write_image
from exposure_lab.metrics.pixel import l1, psnr
from exposure_lab.runtime import Runtime

VALIDATION = "validation"
"""Folder in that of a run: for each epoch a picture, and the PSNR of each input."""

SCORED_PAIRS = 100
"""At most this many pairs of a split are scored an epoch; `evaluate` scores all of them."""

STRIP_ROWS = 4
"""Pairs in the picture of an epoch."""

Item = TypeVar("Item")


class Validator:
    """Scores a generator in evaluation mode on centre squares of training and held-out pairs.

    The squares have the profile's size; scores are on the [0, 1] scale.
    """

    def __init__(
        self,
        config: RunConfig,
        training: PairedImages,
        data: Path | str,
        out: Path,
        runtime: Runtime,
    ) -> None:
        """Decode the pairs that will be scored.

        Raises:
            DataError: no validation pairs, or none whose input needs a correction.
        """
        validation = open_photos(data, VALIDATION, config.data)
        exposed_wrong = [index for index in range(len(validation)) if validation.ev(index) != 0]
        if not exposed_wrong:
            raise DataError(
                f"Expected a validation pair in {data} at another exposure than 0, but there is "
                "none, and only those are scored: add some."
            )
        self.training = _centre_squares(training, range(len(training)))
        self.validation = _centre_squares(
            PairedImages(validation, config.data, config.seed), exposed_wrong
        )
        self.out = out
        self.runtime = runtime

    def score(self, generator: nn.Module, epoch: int) -> dict[str, float]:
        """Score the generator after an epoch, and write its picture and the PSNR of each input.

        Returns:
            ``train_l1``, ``val_l1`` in [0, 1]; ``val_psnr`` and ``val_psnr_identity`` in dB: means
            over images, validation without EV 0.

        Raises:
            DivergedError: the generator's pictures are no numbers any more.
        """
        generator.eval()
        train = [(self._correct(generator, x), y) for x, y in self.training]
        val = [(self._correct(generator, x), y) for x, y in self.validation]
        generator.train()
        decibels = [psnr(*pair) for pair in val]
        if self.runtime.is_main:
            picture = self.out / VALIDATION / f"epoch_{epoch:03d}.png"
            write_image(picture, self._draw_strip(val))
            each = [round(decibel, 4) for decibel in decibels]
            write_json(picture.with_suffix(".json"), {"psnr": each})
        return {
            "train_l1": float(np.mean([l1(*pair) for pair in train])),
            "val_l1": float(np.mean([l1(*pair) for pair in val])),
            "val_psnr": float(np.mean(decibels)),
            "val_psnr_identity": self._psnr_identity,
        }

    @cached_property
    def _psnr_identity(self) -> float:
        """PSNR of the inputs as they are, dB."""
        return float(np.mean([psnr(to_pixels(x), y) for x, y in self.validation]))

    def _correct(self, generator: nn.Module, real_input: torch.Tensor) -> Array:
        (batch,) = self.runtime.to_device([real_input[None]])
        with torch.inference_mode(), self.runtime.autocast():
            pixels = to_pixels(generator(batch)[0])
        if np.isnan(pixels).any():
            raise DivergedError(
                "Expected pictures from the generator, but some of their pixels are NaN: lower "
                "optimizer.lr or check the data, and train in another folder."
            )
        return pixels

    def _draw_strip(self, outputs: Sequence[tuple[Array, Array]]) -> Array:
        """Lay input, output and target side by side, one pair a row."""
        rows = [
            np.concatenate([to_pixels(real_input), output, target], axis=1)
            for (real_input, _), (output, target) in evenly_spaced(
                list(zip(self.validation, outputs, strict=True)), STRIP_ROWS
            )
        ]
        return np.concatenate(rows, axis=0)


def read_psnr_of_each(run: Path) -> NDArray[np.float64]:
    """Read the PSNR of each held-out input after each epoch of a run, dB.

    Returns:
        (E, P) for E epochs, the first before any training, and P inputs; (0, 0) for a run of an
        older version, which kept none.
    """
    files = sorted((run / VALIDATION).glob("epoch_*.json"), key=lambda file: int(file.stem[6:]))
    rows = [read_json_object(file)["psnr"] for file in files]
    return np.array(rows) if rows else np.empty((0, 0))


def evenly_spaced(items: Sequence[Item], count: int) -> list[Item]:
    """Pick at most ``count`` items, evenly spaced from the first to the last."""
    if len(items) <= count:
        return list(items)
    return [items[i] for i in np.linspace(0, len(items) - 1, count).round().astype(int)]


def _centre_squares(
    dataset: PairedImages, chosen: Sequence[int]
) -> list[tuple[torch.Tensor, Array]]:
    """Cut out the pairs that are scored: input (3, S, S) in [-1, 1], target (S, S, 3) in [0, 1]."""
    pairs = [dataset.center(index) for index in evenly_spaced(chosen, SCORED_PAIRS)]
    return [(real_input, to_pixels(real_target)) for real_input, real_target in pairs]
