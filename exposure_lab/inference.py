"""Correcting a photo of any size: the network sees a small copy, the photo gets its correction.

An image function maps (H, W, 3), sRGB in [0, 1], native size, to the same.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import uniform_filter

from exposure_lab.baselines import BASELINES, ImageFunction
from exposure_lab.config import DataConfig, RunConfig, parse_config
from exposure_lab.errors import CheckpointError, ConfigError
from exposure_lab.files import read_json
from exposure_lab.image import Array, check_image, resample, resize, shrink, to_pixels, to_tensor

if TYPE_CHECKING:
    import torch

    from exposure_lab.networks.unet import UNet

RADIUS = 2
"""px of the small copy: the guided filter fits one line to each window of 5 x 5."""

EPSILON = 1e-5
"""Of the guided filter: how much a window must vary before its slope is trusted."""


class Corrector:
    """An image function made of a trained generator.

    Example:
        >>> correct = Corrector.from_run("runs/first")  # doctest: +SKIP
        >>> write_image("better.jpg", correct(read_image("photo.jpg")))  # doctest: +SKIP
    """

    def __init__(self, generator: "UNet", data: DataConfig, device: "torch.device") -> None:
        self.generator = generator.eval()
        self.data = data
        self.device = device

    @classmethod
    def from_run(cls, run: Path | str) -> "Corrector":
        """Load the last checkpoint of a run folder, onto a GPU where there is one.

        Raises:
            CheckpointError: no run, no checkpoint, or one that cannot be read.
        """
        from exposure_lab.runtime import start_runtime

        generator, config = load_generator(run)
        device = start_runtime(config.precision if config.precision != "fp16" else "auto").device
        return cls(generator.to(device), config.data, device)

    def __call__(self, image: Array) -> Array:
        """Correct one photo.

        Args:
            image: (H, W, 3), sRGB in [0, 1], any size.

        Raises:
            ImageError: not such an array.
        """
        check_image(image)
        small = network_view(image, self.data)
        return carry(image, small, self._run(small))

    def _run(self, small: Array) -> Array:
        """The generator alone, at its own scale; the picture is reflected out to sides it takes."""
        import torch

        height, width = small.shape[:2]
        side = self.data.image_size
        pad = ((0, -height % side), (0, -width % side), (0, 0))
        batch = to_tensor(np.pad(small, pad, mode="reflect"))[None].to(self.device)
        with torch.inference_mode():
            return to_pixels(self.generator(batch)[0])[:height, :width]


def network_view(image: Array, data: DataConfig) -> Array:
    """A photo as the generator was trained to see it: stretched to the square, or shrunk."""
    if data.short_side == 0:
        return resize(image, data.image_size, data.image_size)
    return shrink(image, data.short_side // data.image_size * data.image_size)


def carry(image: Array, small_input: Array, small_output: Array) -> Array:
    """Bring a correction found on a small copy to the photo itself, by a fast guided filter.

    In every window of the small copy each channel of the output is fitted as ``a * input + b``. The
    maps of a and b are smooth, so they can be enlarged, and applied to the photo they keep every
    detail that the small copy had lost.

    Args:
        image: (H, W, 3), sRGB in [0, 1].
        small_input, small_output: (h, w, 3), sRGB in [0, 1]: the copy before and after.

    Returns:
        (H, W, 3), sRGB in [0, 1].

    Source: He, Sun and Tang 2013; He and Sun 2015 for the fast form.
    """
    mean_in, mean_out = _box(small_input), _box(small_output)
    covariance = _box(small_input * small_output) - mean_in * mean_out
    variance: Array = np.maximum(_box(small_input * small_input) - mean_in * mean_in, 0)
    slope: Array = covariance / (variance + np.float32(EPSILON))
    offset: Array = mean_out - slope * mean_in
    height, width = image.shape[:2]
    slope, offset = (resample(_box(part), height, width) for part in (slope, offset))
    carried: Array = np.clip(slope * image + offset, 0, 1)
    return carried


def load_generator(run: Path | str) -> tuple["UNet", RunConfig]:
    """The generator of a run, in evaluation mode on the CPU, and the run's settings.

    Raises:
        CheckpointError: no run, no checkpoint, or one that cannot be read.
    """
    from exposure_lab.checkpoint import latest_checkpoint, load_module
    from exposure_lab.networks.unet import UNet

    file = Path(run) / "config.json"
    checkpoint = latest_checkpoint(run)
    if checkpoint is None or not file.exists():
        raise CheckpointError(
            f"Expected a run with a checkpoint in {run}, but there is none: train one with "
            f"`exposure-lab train --data DIR --out {run}`."
        )
    config = parse_config(read_json(file))
    generator = UNet(config.data.image_size, **config.generator.model_dump())
    averaged = config.training.ema_decay > 0
    load_module(checkpoint, "average" if averaged else "generator", generator)
    return generator.eval(), config


def resolve(name: str) -> ImageFunction:
    """An image function by the name that the command line takes: a baseline or a run folder.

    Raises:
        ConfigError: neither of them.
        CheckpointError: a folder without a readable checkpoint.
    """
    if name in BASELINES:
        return BASELINES[name]
    if Path(name).is_dir():
        return Corrector.from_run(name)
    raise ConfigError(
        f"Expected a run folder or one of {', '.join(BASELINES)}, but got {name!r}: check the path."
    )


def _box(values: Array) -> Array:
    side = 2 * RADIUS + 1
    mean: Array = uniform_filter(values, size=(side, side, 1), mode="nearest")
    return mean
