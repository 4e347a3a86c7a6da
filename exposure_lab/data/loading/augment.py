"""Varying the training pairs: crop, flip, colour jitter.

What happens to a pair is drawn on the processor, a pure function of (seed, epoch, index). The crop
is cut there; the rest is done to a whole batch at once, on whatever device it lies.
"""

# B batch, S side of the training square, px

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.transforms.v2 import ColorJitter

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.color_jitter import jitter_batch

Photo = NDArray[np.uint8]


class Variation(NamedTuple):
    """What happens to one pair."""

    top: int
    left: int
    flip_input: bool
    flip_target: bool
    order: tuple[int, ...] = (0, 0, 0, 0)
    """Of the jitter: places of brightness, contrast, saturation and hue; all 0 is no jitter."""
    factors: tuple[float, ...] = (1.0, 1.0, 1.0, 0.0)
    """Of brightness, contrast and saturation; turns of hue."""

    def tensor(self) -> Tensor:
        """All but the crop, as ten numbers that travel with the batch."""
        return torch.tensor([self.flip_input, self.flip_target, *self.order, *self.factors])


class Augment:
    """Crop, flip and jitter a pair, the same way each time for the same (seed, epoch, index).

    `paired` mirrors input and target together. `report` mirrors the input alone, as the report's
    section 4 describes; half of its pairs then ask for the mirror image. Colour jitter changes the
    input alone in every mode.
    """

    def __init__(self, config: DataConfig, seed: int) -> None:
        self.config, self.seed = config, seed
        amount = config.jitter
        self.jitter = ColorJitter(amount, amount, amount, config.jitter_hue)

    def __call__(
        self, real_input: Photo, real_target: Photo, epoch: int, index: int
    ) -> tuple[Tensor, Tensor]:
        """Vary one pair.

        Args:
            real_input, real_target: (3, H, W), sRGB 0..255, of one size.
            epoch, index: with the seed, they decide everything.

        Returns:
            Two tensors (3, S, S), sRGB in [-1, 1].
        """
        drawn = self.draw(epoch, index, *real_input.shape[1:])
        square, goal = (
            torch.from_numpy(self.crop(photo, drawn)[None].copy())
            for photo in (real_input, real_target)
        )
        varied_input, varied_target = self.vary(square, goal, drawn.tensor()[None])
        return varied_input[0], varied_target[0]

    def draw(self, epoch: int, index: int, height: int, width: int) -> Variation:
        """Decide what happens to a pair of photos of this size."""
        config, size = self.config, self.config.image_size
        seed = int(np.random.SeedSequence([self.seed, epoch, index]).generate_state(1)[0])
        # Torch's own generator is lent to torchvision's jitter and given back as it was, since
        # dropout draws from it too; `torch.manual_seed` would also reset the GPU's.
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            top, left = (
                int(torch.randint(0, side - size + 1, ())) if side > size else 0
                for side in (height, width)
            )
            flips = config.flip != "none" and bool(torch.rand(1) < config.flip_probability)
            drawn = Variation(top, left, flips, flips and config.flip == "paired")
            if config.jitter_probability and bool(torch.rand(1) < config.jitter_probability):
                order, factors = self._draw_jitter()
                return drawn._replace(order=order, factors=factors)
        return drawn

    def crop(self, photo: Photo, drawn: Variation) -> Photo:
        """The square that was drawn, (3, S, S), 0..255: a view of the photo, not a copy."""
        size, top, left = self.config.image_size, drawn.top, drawn.left
        return photo[:, top : top + size, left : left + size]

    def vary(self, real_input: Tensor, real_target: Tensor, drawn: Tensor) -> tuple[Tensor, Tensor]:
        """Flip and jitter a whole batch, on the device where it lies.

        Args:
            real_input, real_target: (B, 3, S, S), sRGB 0..255.
            drawn: (B, 10), from `Variation.tensor`.

        Returns:
            Both (B, 3, S, S), sRGB in [-1, 1].
        """
        varied_input, varied_target = (
            scaled(torch.where(drawn[:, side, None, None, None] > 0, photos.flip(-1), photos))
            for side, photos in enumerate((real_input, real_target))
        )
        if self.config.jitter_probability:
            pictures = (varied_input + 1) / 2
            varied_input = jitter_batch(pictures, drawn[:, 2:6], drawn[:, 6:10]) * 2 - 1
        return varied_input, varied_target

    def _draw_jitter(self) -> tuple[tuple[int, ...], tuple[float, ...]]:
        made = self.jitter.make_params([])
        place = torch.argsort(made["fn_idx"]) + 1
        names = ("brightness", "contrast", "saturation", "hue")
        without = (1.0, 1.0, 1.0, 0.0)
        factors = [made[f"{name}_factor"] for name in names]
        filled = (
            one if factor is None else float(factor)
            for factor, one in zip(factors, without, strict=True)
        )
        return tuple(place.tolist()), tuple(filled)


def scaled(photos: Tensor) -> Tensor:
    """0..255 to [-1, 1], as the networks take it."""
    return photos.float() / 127.5 - 1
