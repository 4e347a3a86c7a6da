"""What the report says of its photos: exposures, black pixels, blur by normalising, colours."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from exposure_lab.data.pairs import Pair
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.io import read_image
from exposure_lab.images.resize import resize
from exposure_lab.metrics.pixel import sharpness
from exposure_lab.profiles.load import load_profile
from exposure_lab.study.measurements.held_out import held_out_scenes, read_small
from exposure_lab.study.samples import Sample

if TYPE_CHECKING:
    from exposure_lab.config import DataConfig

STATED_EVS = frozenset((-1.5, -1.0, 0.0, 1.0, 1.5))
"""Relative exposures that section 6 of the report lists, in stops."""

BLACK = 5 / 255
"""Largest value of a pixel that counts as black: less than 0.2 % of white's light."""

SIDE = 256
"""px. Short side at which photos are looked at."""

COLOUR_SIDE = 32
"""px. Side of the squares in which colours are counted."""

EPOCHS = 6
"""Epochs of augmentation in which colours are counted."""


def measure_photos(data: Path | None = None) -> list[Sample]:
    """Measure the held-out photos of a data set, one value a scene.

    Args:
        data: folder in MSEC layout.

    Returns:
        - ``exposures_as_stated``: exposures that the scene and the report's list both have, as a
          share of those that either has
        - ``black_minus_the_rest``: share of the darkest input's pixels that are black, minus the
          share that are not
        - ``blur_by_normalising``: share of the target's differences between neighbours that is gone
          after it was normalised, brought back and stored
        - ``blur_by_resizing``: the same after it was stretched to the report's square and back
        - ``colours_gained``: share by which the number of colours in use grows in the inputs, where
          they are jittered as in the report

    Raises:
        DataError: neither validation nor test photos.
        ImageError: a photo cannot be read.
    """
    scenes = held_out_scenes(data)
    over = tuple(scenes)
    return [
        Sample(name, tuple(float(measure(pairs)) for pairs in scenes.values()), "", over)
        for name, measure in MEASURES.items()
    ]


def exposures_as_stated(pairs: Sequence[Pair]) -> float:
    """Compare a scene's exposures with the report's list."""
    found = {pair.ev for pair in pairs}
    return len(found & STATED_EVS) / len(found | STATED_EVS)


def black_minus_the_rest(pairs: Sequence[Pair]) -> float:
    """Compare the black part of the darkest input with the rest, from -1 to 1."""
    darkest = read_small(min(pairs, key=lambda pair: pair.ev).input_path, SIDE)
    black = float(np.mean(to_uint8(darkest).max(axis=2) <= round(BLACK * 255)))
    return 2 * black - 1


def blur_by_normalising(pairs: Sequence[Pair]) -> float:
    """Measure the edges that normalising takes from the target."""
    import torch

    from exposure_lab.data.loading.augment import to_network_range
    from exposure_lab.images.array import to_pixels

    stored = to_uint8(read_image(pairs[0].target_path))
    normalised = to_network_range(torch.from_numpy(stored.transpose(2, 0, 1).copy()))
    return _blur(from_uint8(to_uint8(to_pixels(normalised))), from_uint8(stored))


def blur_by_resizing(pairs: Sequence[Pair]) -> float:
    """Measure the edges that the report's square of 256 px takes from the target."""
    target, size = read_image(pairs[0].target_path), load_profile("report").data.image_size
    return _blur(resize(resize(target, size, size), *target.shape[:2]), target)


def colours_gained(pairs: Sequence[Pair]) -> float:
    """Compare the number of colours in a scene's inputs with and without the report's jitter."""
    report = load_profile("report").data
    changes = {"image_size": COLOUR_SIDE, "short_side": 0, "flip": "none"}
    with_jitter = report.model_copy(update=changes)
    without = with_jitter.model_copy(update={"jitter_probability": 0.0})
    return _colours_in_use(pairs, with_jitter) / _colours_in_use(pairs, without) - 1


def _blur(picture: Array, original: Array) -> float:
    """Share of the differences between neighbours that is gone."""
    return 1 - sharpness(picture, original)


def _colours_in_use(pairs: Sequence[Pair], config: "DataConfig") -> float:
    """Effective number of colours, of 512 cells of the cube: two to the power of the entropy."""
    from exposure_lab.data.loading.dataset import PairedImages
    from exposure_lab.images.array import to_pixels

    images = PairedImages(list(pairs), config, seed=0)
    count = np.zeros(512)
    for epoch in range(EPOCHS):
        for index in range(len(images)):
            stored = to_uint8(to_pixels(images[epoch, index][0])).reshape(-1, 3)
            count += np.bincount(stored // 32 @ [64, 8, 1], minlength=512)
    share = count[count > 0] / count.sum()
    return float(2 ** -(share * np.log2(share)).sum())


MEASURES: dict[str, Callable[[Sequence[Pair]], float]] = {
    "exposures_as_stated": exposures_as_stated,
    "black_minus_the_rest": black_minus_the_rest,
    "blur_by_normalising": blur_by_normalising,
    "blur_by_resizing": blur_by_resizing,
    "colours_gained": colours_gained,
}
"""Figure to what measures it, from the pairs of a scene."""

FIGURES = tuple(MEASURES)
