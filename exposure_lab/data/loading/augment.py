"""Augmentation of training pairs: crop, flip, colour jitter.

Its parameters are drawn on the CPU, a pure function of (seed, epoch, index). The crop is cut there;
flips and jitter are applied to a whole batch at once, on whatever device it lies.
"""

# B batch, S side of the training square, px

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import ColorJitter

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.color_jitter import jitter_batch
from exposure_lab.images.array import UInt8CHW


class AugmentParams(NamedTuple):
    """Parameters of the augmentation of one pair: crop, flips, colour jitter."""

    top: int
    left: int
    flip_input: bool
    flip_target: bool
    order: tuple[int, ...] = (0, 0, 0, 0)
    """Order of brightness, contrast, saturation and hue in the jitter; all 0 is no jitter."""
    factors: tuple[float, ...] = (1.0, 1.0, 1.0, 0.0)
    """Factors of brightness, contrast and saturation; turns of hue."""

    def tensor(self) -> Tensor:
        """Convert flips and jitter to a tensor (10,), which travels with the batch."""
        return torch.tensor([self.flip_input, self.flip_target, *self.order, *self.factors])


class Augment:
    """Augmentation of pairs by crop, flip and jitter, a pure function of (seed, epoch, index).

    `paired` mirrors input and target together. `report` mirrors the input alone, as the report's
    section 4 describes; half of its pairs then ask for the mirror image. Colour jitter changes the
    input alone in every mode.
    """

    def __init__(self, config: DataConfig, seed: int) -> None:
        self.config, self.seed = config, seed
        amount = config.jitter
        self.jitter = ColorJitter(amount, amount, amount, config.jitter_hue)

    def __call__(
        self, real_input: UInt8CHW, real_target: UInt8CHW, epoch: int, index: int
    ) -> tuple[Tensor, Tensor]:
        """Augment one pair.

        Args:
            real_input, real_target: (3, H, W), sRGB 0..255, of one size.
            epoch, index: with the seed, they decide everything.

        Returns:
            Two tensors (3, S, S), sRGB in [-1, 1].
        """
        params = self.draw(epoch, index, *real_input.shape[1:])
        input_crop, target_crop = (
            torch.from_numpy(self.crop(photo, params)[None].copy())
            for photo in (real_input, real_target)
        )
        augmented_input, augmented_target = self.apply(
            input_crop, target_crop, params.tensor()[None]
        )
        return augmented_input[0], augmented_target[0]

    def draw(self, epoch: int, index: int, height: int, width: int) -> AugmentParams:
        """Draw the parameters for a pair of photos of this size, px."""
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
            params = AugmentParams(top, left, flips, flips and config.flip == "paired")
            if config.jitter_probability and bool(torch.rand(1) < config.jitter_probability):
                order, factors = self._draw_jitter()
                return params._replace(order=order, factors=factors)
        return params

    def crop(self, photo: UInt8CHW, params: AugmentParams) -> UInt8CHW:
        """Crop a photo to the training square, (3, S, S), 0..255: a view, not a copy."""
        size, top, left = self.config.image_size, params.top, params.left
        return photo[:, top : top + size, left : left + size]

    def apply(
        self, real_input: Tensor, real_target: Tensor, params: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Flip and jitter a whole batch, on the device where it lies.

        Args:
            real_input, real_target: (B, 3, S, S), sRGB 0..255.
            params: (B, 10), from `AugmentParams.tensor`.

        Returns:
            Both (B, 3, S, S), sRGB in [-1, 1].
        """
        flipped = (
            torch.where(params[:, side, None, None, None] > 0, photos.flip(-1), photos)
            for side, photos in enumerate((real_input, real_target))
        )
        augmented_input, augmented_target = map(to_network_range, flipped)
        if self.config.jitter_probability:
            pictures = (augmented_input + 1) / 2
            augmented_input = jitter_batch(pictures, params[:, 2:6], params[:, 6:10]) * 2 - 1
        return augmented_input, augmented_target

    def _draw_jitter(self) -> tuple[tuple[int, ...], tuple[float, ...]]:
        drawn = self.jitter.make_params([])
        order = torch.argsort(drawn["fn_idx"]) + 1
        neutral = {"brightness": 1.0, "contrast": 1.0, "saturation": 1.0, "hue": 0.0}
        factors = (
            value if drawn[f"{name}_factor"] is None else float(drawn[f"{name}_factor"])
            for name, value in neutral.items()
        )
        return tuple(order.tolist()), tuple(factors)


def to_network_range(photos: Tensor) -> Tensor:
    """Convert 8-bit values, 0..255, to the range of the networks, [-1, 1]."""
    return photos.float() / 127.5 - 1
