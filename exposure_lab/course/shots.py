"""Pictures to analyse: what a generator makes of whole splits, of one picture, and made each epoch.

These are the network's own pictures, at the scale that it was trained for; `Corrector` carries its
correction to a photo of any size and smooths its artefacts away.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from exposure_lab.config import RunConfig
from exposure_lab.data.pairs import find_pairs
from exposure_lab.data.photos import PairedImages
from exposure_lab.image import Array, read_image, to_pixels, to_tensor
from exposure_lab.training.scoring import spread


class Shot(NamedTuple):
    """A pair and what a generator made of it; pictures (S, S, 3), sRGB in [0, 1]."""

    scene: str
    ev: float
    """Of the input, in stops."""
    real_input: Array
    fake_target: Array
    real_target: Array


def answer(generator: nn.Module, picture: Array) -> Array:
    """The generator's picture for one picture, both (S, S, 3), sRGB in [0, 1]."""
    device = next((parameter.device for parameter in generator.parameters()), None)
    batch = to_tensor(picture)[None].to(device)  # (1, 3, S, S), in [-1, 1]
    with torch.inference_mode():
        return to_pixels(generator(batch)[0])


def shoot(
    generator: nn.Module,
    config: RunConfig,
    data: Path | str,
    split: str = "validation",
    most: int = 100,
) -> list[Shot]:
    """Run a generator over the middle squares of a split.

    Args:
        generator: in evaluation mode, on any device.
        config: of its run, which says at which scale it works.
        data: folder in MSEC layout.
        split: training, validation or test.
        most: pairs at most, evenly spread over the split.

    Raises:
        DataError: no such split, or pairs that cannot be used.
    """
    pairs = spread(find_pairs(data, split), most)
    squares = PairedImages(pairs, config.data, config.seed)
    shots = []
    for i, pair in enumerate(pairs):
        real_input, real_target = (to_pixels(one) for one in squares.center(i))
        shots.append(
            Shot(pair.scene, pair.ev, real_input, answer(generator, real_input), real_target)
        )
    return shots


def validation_strip(run: Path | str, epoch: int) -> Sequence[tuple[Array, Array, Array]]:
    """The pictures that a run kept after an epoch: (input, output, target) of each example.

    Args:
        run: folder of the run.
        epoch: 0 is before the first step.

    Raises:
        ImageError: there is no picture of that epoch.
    """
    picture = read_image(Path(run) / "validation" / f"epoch_{epoch:03d}.png")
    side = picture.shape[1] // 3
    rows = np.split(picture, len(picture) // side)
    return [(row[:, :side], row[:, side : 2 * side], row[:, 2 * side :]) for row in rows]
