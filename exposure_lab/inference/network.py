"""Networks as a corrector runs them, on whatever runtime: arrays go in, and arrays come out."""

# h, w of the small copy that a network sees

from typing import TYPE_CHECKING, Protocol

from exposure_lab.images.array import Array, to_pixels, to_tensor
from exposure_lab.inference.bilateral_grid import BilateralGrid
from exposure_lab.inference.grid_correction import GridCorrection

if TYPE_CHECKING:
    import torch

    from exposure_lab.networks.build import Generator


class Network(Protocol):
    """A trained generator that is run without gradients."""

    def predict_grid(self, small: Array) -> BilateralGrid | None:
        """Predict the correction of a photo as a bilateral grid.

        Args:
            small: (h, w, 3), sRGB in [0, 1].

        Returns:
            None where the network draws pictures.
        """

    def draw(self, small: Array) -> Array:
        """Draw the corrected picture, (h, w, 3), sRGB in [0, 1].

        Args:
            small: (h, w, 3), sRGB in [0, 1], with sides that the network takes.
        """

    def grid_correction(
        self, grid: BilateralGrid, profile: bytes | None, strength: float
    ) -> GridCorrection:
        """Choose where a grid is applied to photos: on the processor, or on a GPU."""


class TorchNetwork:
    """A `Network` that torch runs, on a GPU where it lies there."""

    def __init__(self, generator: "Generator", device: "torch.device") -> None:
        self.generator = generator.to(device).eval()
        self.device = device

    def predict_grid(self, small: Array) -> BilateralGrid | None:
        """Predict the correction of a photo; see `Network`."""
        import torch

        from exposure_lab.networks.bilateral_grid import BilateralGridNet

        if not isinstance(self.generator, BilateralGridNet):
            return None
        with torch.inference_mode():
            cells = self.generator.grid(to_tensor(small)[None].to(self.device))[0]
            guide = self.generator.guide
            parts = [part.cpu().numpy() for part in (cells, guide.weights, guide.knots())]
        return BilateralGrid(*parts)

    def draw(self, small: Array) -> Array:
        """Draw the corrected picture; see `Network`."""
        import torch

        batch = to_tensor(small)[None].to(self.device)
        with torch.inference_mode():
            return to_pixels(self.generator(batch)[0])

    def grid_correction(
        self, grid: BilateralGrid, profile: bytes | None, strength: float
    ) -> GridCorrection:
        """Choose where a grid is applied to photos; see `Network`."""
        if self.device.type == "cpu":
            return GridCorrection(grid, profile, strength)
        from exposure_lab.inference.gpu_grid_correction import GpuGridCorrection

        return GpuGridCorrection(grid, profile, strength, device=self.device)
