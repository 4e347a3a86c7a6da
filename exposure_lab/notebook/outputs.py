"""Outputs of a generator to analyse: over a whole split, of one picture, and of each epoch.

These are the network's own pictures, at the scale that it was trained for; `Corrector` applies its
correction to a photo of any size and smooths its artefacts away. `scene_rows` shows any image
function, and so such a `Corrector`, on a scene at its own size.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.dataset import PairedImages
from exposure_lab.data.pairs import Pair, find_pairs, splits_in
from exposure_lab.errors import DataError
from exposure_lab.images.array import Array, ImageFunction, to_pixels, to_tensor
from exposure_lab.images.io import read_image
from exposure_lab.images.resize import shrink
from exposure_lab.metrics.pixel import psnr
from exposure_lab.notebook.widgets import ev_label
from exposure_lab.plots import GalleryRow
from exposure_lab.training.validation import evenly_spaced

PAGE_SIDE = 512
"""Short side in px above which a gallery shows photos no better, only more slowly."""


class GeneratorOutput(NamedTuple):
    """A pair and the generator's output for it; pictures (S, S, 3), sRGB in [0, 1]."""

    scene: str
    ev: float
    """Exposure of the input, stops."""
    real_input: Array
    fake_target: Array
    real_target: Array


def apply_generator(generator: nn.Module, picture: Array) -> Array:
    """Run a generator on one picture; both are (S, S, 3), sRGB in [0, 1]."""
    device = next((parameter.device for parameter in generator.parameters()), None)
    batch = to_tensor(picture)[None].to(device)  # (1, 3, S, S), in [-1, 1]
    with torch.inference_mode():
        return to_pixels(generator(batch)[0])


def split_outputs(
    generator: nn.Module,
    config: RunConfig,
    data: Path | str,
    split: str = "validation",
    most: int = 100,
) -> list[GeneratorOutput]:
    """Run a generator on the middle squares of a split.

    Args:
        generator: in evaluation mode, on any device.
        config: settings of its run, which say at which scale it works.
        data: folder in MSEC layout.
        split: training, validation or test.
        most: pairs at most, evenly spread over the split.

    Raises:
        DataError: no such split, or pairs that cannot be used.
    """
    pairs = evenly_spaced(find_pairs(data, split), most)
    dataset = PairedImages(pairs, config.data, config.seed)
    outputs = []
    for i, pair in enumerate(pairs):
        real_input, real_target = map(to_pixels, dataset.center(i))
        fake_target = apply_generator(generator, real_input)
        outputs.append(GeneratorOutput(pair.scene, pair.ev, real_input, fake_target, real_target))
    return outputs


def scene_rows(correct: ImageFunction, data: Path | str, scene: str) -> list[GalleryRow]:
    """Run an image function on every exposure of a scene, as rows for `plots.gallery`.

    Above input and output stands their PSNR, taken at the photo's own size; photos that are larger
    than a page needs are shrunk after that.

    Args:
        correct: image function, such as a baseline or a `Corrector`.
        data: folder in MSEC layout.
        scene: name of a photo in any split, such as ``china``.

    Raises:
        DataError: no such scene, or pairs that cannot be used.

    Example:
        >>> rows = scene_rows(resolve("runs/first"), "runs/sample", "china")  # doctest: +SKIP
        >>> gallery(rows)  # doctest: +SKIP
    """
    pairs = [pair for split in splits_in(data) for pair in find_pairs(data, split)]
    of_scene = sorted((pair for pair in pairs if pair.scene == scene), key=lambda pair: pair.ev)
    if not of_scene:
        names = list(dict.fromkeys(pair.scene for pair in pairs))
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        raise DataError(
            f"Expected a scene of {data}, one of {', '.join(names[:6])}{more}, but got {scene!r}: "
            "check its name."
        )
    return [_row(correct, pair) for pair in of_scene]


def _row(correct: ImageFunction, pair: Pair) -> GalleryRow:
    image, target = read_image(pair.input_path), read_image(pair.target_path)
    pictures = [image, correct(image), target]
    notes = [f"{psnr(picture, target):.1f} dB" for picture in pictures[:2]]
    if min(target.shape[:2]) > PAGE_SIDE:
        pictures = [shrink(picture, PAGE_SIDE) for picture in pictures]
    return GalleryRow(ev_label(pair.ev), pictures, notes)


def validation_strip(run: Path | str, epoch: int) -> Sequence[tuple[Array, Array, Array]]:
    """Read the pictures that a run kept after an epoch: (input, output, target) of each example.

    Args:
        run: folder of the run.
        epoch: number of the epoch; 0 is before the first step.

    Raises:
        ImageError: there is no picture of that epoch.
    """
    picture = read_image(Path(run) / "validation" / f"epoch_{epoch:03d}.png")
    side = picture.shape[1] // 3
    rows = np.split(picture, len(picture) // side)
    return [(row[:, :side], row[:, side : 2 * side], row[:, 2 * side :]) for row in rows]
