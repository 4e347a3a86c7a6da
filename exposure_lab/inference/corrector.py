"""Correcting a photo of any size: the network sees a small copy, the photo gets its correction.

An image function maps (H, W, 3), sRGB in [0, 1], native size, to the same.
"""

# H, W of the photo; h, w of the small copy that the network sees; C channels

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.config import DataConfig, RunConfig
from exposure_lab.images.array import Array, ImageFunction, check_image, to_pixels, to_tensor
from exposure_lab.images.photo_file import Photo, from_srgb, rounded, scaled, to_srgb
from exposure_lab.images.resize import small_copy
from exposure_lab.inference.guided_upsampling import Lines, fit_lines
from exposure_lab.inference.load import load_generator, load_network
from exposure_lab.weights.shipped import DEFAULT

if TYPE_CHECKING:
    import torch

    from exposure_lab.networks.unet import UNet


LONGEST_VIEW = 64
"""Times the short side: a longer photo is seen shortened. One row of 65,535 pixels, a file of a few
hundred bytes, would otherwise be seen as a picture of many gigabytes."""


class Corrector:
    """An image function made of a trained generator.

    Example:
        >>> correct = Corrector.load()
        >>> write_image("better.jpg", correct(read_image("photo.jpg")))  # doctest: +SKIP
    """

    def __init__(self, generator: "UNet", data: DataConfig, device: "torch.device") -> None:
        self.generator = generator.eval()
        self.data = data
        self.device = device

    @classmethod
    def load(cls, name: Path | str = DEFAULT) -> "Corrector":
        """Load a network, onto a GPU where there is one.

        Args:
            name: of weights that ship with the package, else a weights file (``.safetensors``) or
                the folder of a run, whose last checkpoint is taken.

        Raises:
            ConfigError: none of these.
            CheckpointError: what is there cannot be read.
        """
        return cls._on_device(*load_network(name))

    @classmethod
    def from_run(cls, run: Path | str) -> "Corrector":
        """Load the last checkpoint of a run folder, onto a GPU where there is one.

        Raises:
            CheckpointError: no run, no checkpoint, or one that cannot be read.
        """
        return cls._on_device(*load_generator(run))

    @classmethod
    def _on_device(cls, generator: "UNet", config: RunConfig) -> "Corrector":
        from exposure_lab.runtime import start_runtime

        device = start_runtime("fp32").device
        return cls(generator.to(device), config.data, device)

    def __call__(self, image: Array) -> Array:
        """Correct one photo.

        Args:
            image: (H, W, 3), sRGB in [0, 1], any size.

        Raises:
            ImageError: not such an array.
        """
        check_image(image)
        small = self._small(image)
        return fit_lines(small, self.run(small)).apply(image.astype(np.float32, copy=False))

    def correct_photo(self, photo: Photo, strength: float = 1.0) -> Photo:
        """Correct a photo at its own depth and in its own colours; the rest of it stays.

        Args:
            photo: from `read_photo`.
            strength: 1 is the network's correction, 0 none of it, 0.5 half of it.
        """
        lines = self._lines(photo, strength)
        return Photo(lines.apply(photo.pixels), photo.alpha, photo.profile, photo.extras)

    def _lines(self, photo: Photo, strength: float) -> Lines:
        """The correction in the photo's own colours, so that only a small copy changes colours."""
        small = self._small(photo.pixels)
        output = self.run(to_srgb(small, photo.profile))
        goal = from_srgb(output, photo.profile, small.shape[2])
        return fit_lines(small, small + np.float32(strength) * (goal - small))

    def _small(self, pixels: NDArray[Any]) -> Array:
        height, width = pixels.shape[:2]
        return small_copy(pixels, *view_size(height, width, self.data))

    def run(self, small: Array) -> Array:
        """The generator alone, at its own scale; the picture is reflected out to sides it takes.

        Args:
            small: (h, w, 3), sRGB in [0, 1].

        Returns:
            The same, and nothing carried to any other size.
        """
        import torch

        height, width = small.shape[:2]
        side = self.data.image_size
        pad = ((0, -height % side), (0, -width % side), (0, 0))
        batch = to_tensor(np.pad(small, pad, mode="reflect"))[None].to(self.device)
        with torch.inference_mode():
            return to_pixels(self.generator(batch)[0])[:height, :width]


def view_size(height: int, width: int, data: DataConfig) -> tuple[int, int]:
    """(h, w) at which a generator was trained to see a photo of (H, W): a square, or shrunk."""
    if data.short_side == 0:
        return data.image_size, data.image_size
    short_side = data.short_side // data.image_size * data.image_size
    scale, longest = short_side / min(height, width), LONGEST_VIEW * short_side
    tall, wide = (max(short_side, round(side * scale)) for side in (height, width))
    return min(tall, longest), min(wide, longest)


def correct_photo(model: ImageFunction, photo: Photo, strength: float = 1.0) -> Photo:
    """Correct a photo by any image function; one that is no network sees it at its own size.

    Args:
        model: from `resolve`.
        photo: from `read_photo`.
        strength: 1 is the whole correction, 0 none of it.
    """
    if isinstance(model, Corrector):
        return model.correct_photo(photo, strength)
    before = scaled(photo.pixels)
    after = from_srgb(model(to_srgb(before, photo.profile)), photo.profile, before.shape[2])
    mixed = np.clip(before + np.float32(strength) * (after - before), 0, 1)
    return Photo(rounded(mixed, photo.pixels.dtype), photo.alpha, photo.profile, photo.extras)
