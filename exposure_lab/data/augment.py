"""Varying the training pairs: crop, flip, colour jitter."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2

from exposure_lab.config import DataConfig


class Augment:
    """Crop, flip and jitter a pair, the same way each time for the same (seed, epoch, index).

    `paired` mirrors input and target together. `report` mirrors the input alone, as the report's
    section 4 describes; half of its pairs then ask for the mirror image. Colour jitter changes the
    input alone in every mode.
    """

    def __init__(self, config: DataConfig, seed: int) -> None:
        self.seed = seed
        flip = v2.RandomHorizontalFlip(config.flip_probability)
        both: list[v2.Transform] = [v2.RandomCrop(config.image_size)]
        input_only: list[v2.Transform] = []
        if config.flip == "paired":
            both.append(flip)
        elif config.flip == "report":
            input_only.append(flip)
        if config.jitter_probability:
            amounts = (config.jitter, config.jitter, config.jitter, config.jitter_hue)
            jitter = v2.ColorJitter(*amounts)
            input_only.append(v2.RandomApply([jitter], config.jitter_probability))
        self.both = v2.Compose(both)
        self.input_only = v2.Compose([*input_only, v2.Identity()])

    def __call__(
        self,
        real_input: NDArray[np.uint8],
        real_target: NDArray[np.uint8],
        epoch: int,
        index: int,
    ) -> tuple[Tensor, Tensor]:
        """Vary one pair.

        Args:
            real_input, real_target: (3, H, W), sRGB 0..255, of one size.
            epoch, index: with the seed, they decide everything.

        Returns:
            Two tensors (3, S, S), sRGB in [-1, 1].
        """
        seed = int(np.random.SeedSequence([self.seed, epoch, index]).generate_state(1)[0])
        # Transforms draw from torch's own generator: lend it to them, and give it back as it was,
        # since dropout draws from it too. `torch.manual_seed` would also reset the GPU's.
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            # Plain tensors would not do: v2 transforms only the first of two of them.
            pair = self.both(
                tv_tensors.Image(torch.from_numpy(real_input)),
                tv_tensors.Image(torch.from_numpy(real_target)),
            )
            varied = self.input_only(pair[0])
        return _scaled(varied), _scaled(pair[1])


def _scaled(image: Tensor) -> Tensor:
    return image.as_subclass(torch.Tensor).float() / 127.5 - 1
