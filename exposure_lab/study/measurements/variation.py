"""What the report's augmentation makes of a pair: views that it adds, and what it leaves alone."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from exposure_lab.profiles.load import load_profile
from exposure_lab.study.samples import Sample

if TYPE_CHECKING:
    from exposure_lab.data.loading.augment import Augment
    from exposure_lab.images.array import UInt8CHW

FIGURES = ("views_added", "flipped_share_off", "jittered_share_off", "targets_untouched")

SIDE = 8
"""px. Side of the random pictures: flips and jitter are the same at any size."""

PICTURES, EPOCHS = 24, 10

DRAWS = 1000
"""Pairs of an epoch for which augmentation is drawn, of six epochs."""

STATED_FLIP, STATED_JITTER = 0.5, 0.2
"""Probabilities of a flip and of colour jitter that section 4 of the report states."""


def measure_variation(data: Path | None = None) -> list[Sample]:
    """Measure the augmentation of the report's run on random pictures.

    Args:
        data: not read.

    Returns:
        - ``views_added``: different inputs that a photo gives in ten epochs, minus 1; one value a
          photo
        - ``flipped_share_off``: share of the inputs that are mirrored, minus the stated one; one
          value an epoch
        - ``jittered_share_off``: share of the inputs that get colour jitter, minus the stated one;
          one value an epoch
        - ``targets_untouched``: share of the targets that come out as they were read
    """
    from exposure_lab.data.loading.augment import Augment

    config = load_profile("report", [f"data.image_size={SIDE}"])
    augment = Augment(config.data, config.seed)
    photos = np.random.default_rng(0).integers(0, 256, (PICTURES, 3, SIDE, SIDE), np.uint8)
    views = [len(_views(augment, photo, i)) - 1.0 for i, photo in enumerate(photos)]
    drawn = [[augment.draw(epoch, i, SIDE, SIDE) for i in range(DRAWS)] for epoch in range(6)]
    flipped = [sum(one.flip_input for one in some) / DRAWS - STATED_FLIP for some in drawn]
    jittered = [sum(any(one.order) for one in some) / DRAWS - STATED_JITTER for some in drawn]
    epochs = tuple(f"epoch {i + 1}" for i in range(6))
    return [
        Sample("views_added", tuple(views), "", tuple(f"photo {i + 1}" for i in range(PICTURES))),
        Sample("flipped_share_off", tuple(flipped), "", epochs),
        Sample("jittered_share_off", tuple(jittered), "", epochs),
        Sample("targets_untouched", (_untouched(augment, photos),)),
    ]


def _views(augment: "Augment", photo: "UInt8CHW", index: int) -> set[bytes]:
    """Collect the different inputs that a photo gives in some epochs."""
    pictures = (augment(photo, photo, epoch, index)[0] for epoch in range(EPOCHS))
    return {picture.numpy().tobytes() for picture in pictures}


def _untouched(augment: "Augment", photos: "UInt8CHW") -> float:
    import torch

    from exposure_lab.data.loading.augment import to_network_range

    same = [
        torch.equal(augment(photo, photo, epoch, i)[1], to_network_range(torch.from_numpy(photo)))
        for epoch in range(EPOCHS)
        for i, photo in enumerate(photos)
    ]
    return sum(same) / len(same)
