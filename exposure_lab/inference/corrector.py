"""Correctors: models that take an image of any size, and a photo as its file holds it.

A network sees a small copy of the photo. Where it predicts a correction, this is applied at full
size as it is; where it draws a picture, guided upsampling finds out what its correction was.
"""

# H, W of the photo; h, w of the small copy that the network sees; C channels

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from exposure_lab.config import DataConfig, RunConfig
from exposure_lab.errors import ConfigError
from exposure_lab.images.array import Array, ImageFunction, check_image
from exposure_lab.images.icc import from_srgb, to_srgb
from exposure_lab.images.photo_file import PhotoFile, from_unit_range, to_unit_range
from exposure_lab.images.resize import small_copy
from exposure_lab.inference.baselines import identity
from exposure_lab.inference.bilateral_grid import mean_change
from exposure_lab.inference.grid_correction import GridCorrection
from exposure_lab.inference.guided_upsampling import AffineMaps, fit_affine
from exposure_lab.inference.load import load_generator, load_network
from exposure_lab.inference.network import Network, TorchNetwork
from exposure_lab.inference.onnx_network import ONNX_SUFFIX, has_onnxruntime, load_onnx
from exposure_lab.weights.shipped import DEFAULT, exported_path, weight_names

if TYPE_CHECKING:
    from exposure_lab.networks.build import Generator

LEAST_CHANGE = 0.03
"""Mean change of a photo, on the [0, 1] scale, below which a predicted correction is left out.

`benchmarks/least_change.py` chose it on real brackets: of the good frames it leaves about half
alone, and of the wrong ones hardly any."""

LONGEST_VIEW = 64
"""Longest side of the small copy, in short sides; a longer photo is seen shortened. One row of
65,535 pixels, a file of a few hundred bytes, would otherwise become a copy of many gigabytes."""


Runtime = Literal["torch", "onnxruntime"]
"""What runs a network."""


class PhotoCorrector(Protocol):
    """A model that corrects: an image function that also takes whole photos."""

    def __call__(self, image: Array, /) -> Array:
        """Correct an image, (H, W, 3), sRGB in [0, 1], any size; the result has the same shape."""

    def correct_photo(self, photo: PhotoFile, strength: float = 1.0) -> PhotoFile:
        """Correct a photo at its own depth and in its own colours; the rest of it stays.

        Args:
            photo: from `read_photo`.
            strength: 1 is the model's correction, 0 none of it, 0.5 half of it.

        Returns:
            The very photo that was given, where the model finds that it needs nothing.
        """


@dataclass(frozen=True)
class FunctionCorrector:
    """A `PhotoCorrector` made of any image function, which sees a photo at its own size."""

    function: ImageFunction

    def __call__(self, image: Array) -> Array:
        """Apply the function to an image, (H, W, 3), sRGB in [0, 1]."""
        return self.function(image)

    def correct_photo(self, photo: PhotoFile, strength: float = 1.0) -> PhotoFile:
        """Correct a photo; see `PhotoCorrector`."""
        if self.function is identity:  # to the bit, and without the memory of a computation
            return replace(photo)
        original = to_unit_range(photo.pixels)
        output = self.function(to_srgb(original, photo.profile))
        corrected = from_srgb(output, photo.profile, original.shape[2])
        mixed = np.clip(original + np.float32(strength) * (corrected - original), 0, 1)
        return replace(photo, pixels=from_unit_range(mixed, photo.pixels.dtype))


class Corrector:
    """A `PhotoCorrector` made of a trained generator, which sees a small copy of a photo.

    Example:
        >>> correct = Corrector.load()
        >>> write_image("better.jpg", correct(read_image("photo.jpg")))  # doctest: +SKIP
    """

    def __init__(self, network: Network, data: DataConfig) -> None:
        self.network = network
        self.data = data

    @classmethod
    def load(cls, name: Path | str = DEFAULT, runtime: Runtime | None = None) -> "Corrector":
        """Load a network by name.

        Args:
            name: of weights that ship with the package, else a weights file (``.safetensors``), a
                network that was exported (``.onnx``), or the folder of a run, whose last checkpoint
                is taken.
            runtime: ``torch`` runs the network on a GPU where there is one, ``onnxruntime`` on the
                processor. Where not given, weights that ship with an exported network are run by
                onnxruntime if it is installed, since it starts several times as fast, unless this
                process already uses torch and a GPU.

        Raises:
            ConfigError: no such name, or not for this runtime; or onnxruntime is not installed.
            CheckpointError: what is there cannot be read.
        """
        exported = _exported_path(name)
        if runtime is None:
            is_best = exported is not None and (str(exported) == str(name) or _starts_quickly())
            runtime = "onnxruntime" if is_best else "torch"
        if runtime == "torch":
            return cls._on_device(*load_network(name))
        if exported is None:
            raise ConfigError(
                f"Expected an exported network for onnxruntime, but {str(name)!r} is none: make "
                f"one with `exposure-lab export {name} OUT.onnx`."
            )
        return cls(*load_onnx(exported))

    @classmethod
    def from_run(cls, run: Path | str) -> "Corrector":
        """Load the last checkpoint of a run folder, onto a GPU where there is one.

        Raises:
            CheckpointError: no run, no checkpoint, or one that cannot be read.
        """
        return cls._on_device(*load_generator(run))

    @classmethod
    def _on_device(cls, generator: "Generator", config: RunConfig) -> "Corrector":
        from exposure_lab.runtime import start_runtime

        return cls(TorchNetwork(generator, start_runtime("fp32").device), config.data)

    def __call__(self, image: Array) -> Array:
        """Correct an image.

        Args:
            image: (H, W, 3), sRGB in [0, 1], any size.

        Raises:
            ImageError: not such an array.
        """
        check_image(image)
        small = self._small_copy(image)
        correction = self._correction(small)
        image = image.astype(np.float32, copy=False)
        return image.copy() if correction is None else correction.apply(image)

    def correct_photo(self, photo: PhotoFile, strength: float = 1.0) -> PhotoFile:
        """Correct a photo; see `PhotoCorrector`."""
        small = self._small_copy(photo.pixels)
        correction = self._correction(small, photo.profile, strength)
        if correction is None:
            return photo
        return replace(photo, pixels=correction.apply(photo.pixels))

    def _correction(
        self, small: Array, profile: bytes | None = None, strength: float = 1.0
    ) -> GridCorrection | AffineMaps | None:
        """The correction that a network predicts for a photo, or that its picture amounts to.

        None where the photo needs nothing: what a network would still do to it is as small as its
        errors are, or all of it is black or white, and tells nothing of the light.
        """
        seen = to_srgb(small, profile)
        if seen.max() == 0 or seen.min() == 1:
            return None
        grid = self.network.predict_grid(seen)
        if grid is None:
            return self._affine_maps(small, profile, strength)
        if mean_change(grid, seen) < LEAST_CHANGE:
            return None
        return self.network.grid_correction(grid, profile, strength)

    def _affine_maps(self, small: Array, profile: bytes | None, strength: float) -> AffineMaps:
        """The correction in the photo's own colours, so that only a small copy changes colours."""
        output = self.run(to_srgb(small, profile))
        corrected = from_srgb(output, profile, small.shape[2])
        return fit_affine(small, small + np.float32(strength) * (corrected - small))

    def _small_copy(self, pixels: NDArray[Any]) -> Array:
        height, width = pixels.shape[:2]
        return small_copy(pixels, *view_size(height, width, self.data))

    def run(self, small: Array) -> Array:
        """Run the generator alone, at its own scale, without guided upsampling.

        The picture is padded by reflection to sides that the generator takes, and cropped again.

        Args:
            small: (h, w, 3), sRGB in [0, 1].

        Returns:
            (h, w, 3), sRGB in [0, 1].
        """
        height, width = small.shape[:2]
        side = self.data.image_size
        pad = ((0, -height % side), (0, -width % side), (0, 0))
        return self.network.draw(np.pad(small, pad, mode="reflect"))[:height, :width]


def _exported_path(name: Path | str) -> Path | None:
    """Path of an ONNX file that a name means; None where there is none."""
    if str(name) in weight_names():
        path = exported_path(str(name))
        return path if path.exists() else None
    return Path(name) if Path(name).suffix == ONNX_SUFFIX else None


def _starts_quickly() -> bool:
    """Whether onnxruntime is there, and torch has no GPU in this process already."""
    torch = sys.modules.get("torch")
    return has_onnxruntime() and not (torch is not None and torch.cuda.is_available())


def view_size(height: int, width: int, data: DataConfig) -> tuple[int, int]:
    """Compute the size (h, w) at which a generator sees a photo of (H, W): a square, or shrunk."""
    if data.short_side == 0:
        return data.image_size, data.image_size
    short_side = data.short_side // data.image_size * data.image_size
    scale, longest = short_side / min(height, width), LONGEST_VIEW * short_side
    h, w = (max(short_side, round(side * scale)) for side in (height, width))
    return min(h, longest), min(w, longest)
