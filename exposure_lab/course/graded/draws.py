"""Draws for variants and hidden inputs: one of several options, pictures, tensors."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from exposure_lab.images.array import Array

if TYPE_CHECKING:
    from torch import Tensor

Option = TypeVar("Option")


def pick(rng: np.random.Generator, options: Sequence[Option]) -> Option:
    """Draw one of the options, each as likely as the others."""
    return options[int(rng.integers(len(options)))]


def photo(rng: np.random.Generator, *shape: int) -> Array:
    """Draw a small picture, sRGB in [0, 1]: dark or bright as a whole, with some black and white.

    Args:
        rng: where it comes from.
        shape: such as height, width, 3.
    """
    pixels = (rng.random(shape) ** rng.uniform(0.5, 2.5)).astype(np.float32)
    which = rng.random(shape)
    pixels[which < 0.04] = 0.0
    pixels[which > 0.96] = 1.0
    return pixels


def normal(rng: np.random.Generator, *shape: int) -> "Tensor":
    """Draw a float32 tensor of standard normal numbers."""
    import torch

    return torch.from_numpy(rng.standard_normal(shape).astype(np.float32))


def uniform(rng: np.random.Generator, low: float, high: float, *shape: int) -> "Tensor":
    """Draw a float32 tensor of numbers that are as likely anywhere between low and high."""
    import torch

    return torch.from_numpy(rng.uniform(low, high, shape).astype(np.float32))
