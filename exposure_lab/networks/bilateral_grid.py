"""A generator that predicts a correction, not a picture: a bilateral grid of affine colour maps.

A small network looks at a thumbnail and gives each cell of a coarse grid over place and brightness
a 3x4 matrix. Every pixel of the full picture takes the matrix at its own place and brightness. No
pixel is drawn by the network, so it can invent no texture, and a picture of any size is as sharp as
it was.

Some faults are made impossible by how the matrices are put together, whatever the weights are:

- A tone curve never falls. Of any two colours at a place, what was brighter stays brighter, in the
  brightness by which the grid is sliced; a ramp of greys rises in red, green and blue alike.
- Black and white stay free of colour, and each is one tone in the whole picture: a clipped wall
  becomes neither a cloud nor tinted.
- A flat picture stays flat up to its border: nothing there is padded with zeros.
- Before the first step the correction is none at all, to the bit.

Source: Gharbi et al. 2017 (HDRNet); what keeps tones in order is ours.
"""

# B batch, C channels, H height, W width; the grid has D cells of brightness, Y down and X across

from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from exposure_lab.networks.grid_guide import Guide
from exposure_lab.networks.grid_slicing import roughness, slice_change

CELLS = 8
"""Cells of the grid down and across, for a square of the training size up to 256 px."""

MOST_HALVINGS = 5
"""Halvings from the thumbnail to the grid, at most: a larger thumbnail gets a finer grid."""

STEEPEST = 3.0
"""Largest logarithm by which a network may steepen or flatten a part of a tone curve."""

END_SHIFT = 0.25
"""Distance by which black may move, and white upwards, on the [0, 1] scale."""

GREYEST_WHITE = 0.05
"""Distance by which white may move downwards. What was clipped to white is lost: the darker it
comes back, the less wrong it is on average, and the more it looks like a grey wall."""


class BilateralGridNet(nn.Module):
    """Generator that predicts a bilateral grid of affine colour maps, and applies it.

    - Convolutions with stride 2 bring the thumbnail, with its tones spread, down to the grid's
      cells; what they find on average over the picture is added to each cell, so that all of them
      know the whole.
    - A cell holds, for each of its brightnesses, a 3x3 matrix that mixes colours and a point of a
      tone curve for each channel; `grid` puts them together to 3x4 matrices.
    - There is no norm and no dropout: a picture's correction is the same in training and
      afterwards, and depends on no other picture.

    Args:
        image_size: side of the training square, px; it decides how often a picture is halved.
        width: channels after the first convolution; four times as many at the grid.
        bins: D, cells of brightness.
        form: ``grid``; or for comparison, of one cell down and across, ``curve`` is the same tone
            curve for all channels, and ``matrix`` a 3x4 matrix, with two cells of brightness.
        smoothness: weight of the grid's roughness in the loss.
        normalised: off, the convolutions compute on the picture scaled to [0, 1].
    """

    def __init__(
        self,
        image_size: int = 256,
        width: int = 16,
        bins: int = 8,
        smoothness: float = 100.0,
        normalised: bool = True,
        form: Literal["curve", "matrix", "grid"] = "grid",
    ) -> None:
        super().__init__()
        bins = 2 if form == "matrix" else bins
        self.bins, self.smoothness, self.form = bins, smoothness, form
        self.scaled_to_unit = not normalised
        self.penalty: Tensor | None = None
        halvings = min(max((image_size // CELLS).bit_length() - 1, 1), MOST_HALVINGS)
        channels = [width * min(2**i, 4) for i in range(halvings)]
        self.encoder = nn.Sequential(
            *(
                nn.Sequential(_Convolution(a, b, stride=2), nn.ReLU())
                for a, b in pairwise([9, *channels])
            )
        )
        wide = channels[-1]
        self.local = nn.Sequential(_Convolution(wide, wide), nn.ReLU(), _Convolution(wide, wide))
        self.whole = nn.Sequential(nn.Linear(wide, wide), nn.ReLU(), nn.Linear(wide, wide))
        self.cells = nn.Conv2d(wide, 9 * bins + 3 * (bins - 1), 1)
        self.ends = nn.Linear(wide, 2)
        self.guide = Guide(bins)
        for layer in (self.cells, self.ends):
            nn.init.zeros_(layer.weight)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)

    def forward(self, image: Tensor) -> Tensor:
        """Correct a batch of pictures, which are their own thumbnails.

        In training the result may leave [-1, 1], where a clipped one would have no gradient.

        Args:
            image: (B, 3, H, W), sRGB in [-1, 1], any size.

        Returns:
            (B, 3, H, W), sRGB in [-1, 1].
        """
        grid = self.grid(image)
        if self.training:
            self.penalty = self.smoothness * roughness(grid)
        with _full_precision(image):
            corrected = image + 2 * self.change(grid, (image + 1) / 2)
        return corrected if self.training else corrected.clamp(-1, 1)

    def take_penalty(self) -> Tensor:
        """Take what the last grid in training adds to the loss: a scalar with a graph."""
        penalty, self.penalty = self.penalty, None
        assert penalty is not None, "no picture was corrected in training mode since the last call"
        return penalty

    def change(self, grid: Tensor, image: Tensor, rows: Tensor | None = None) -> Tensor:
        """Compute what a grid adds to each pixel of a picture, or of some of its rows.

        Args:
            grid: from `grid`.
            image: (B, 3, h, W), sRGB in [0, 1].
            rows: where these rows lie in the picture; see `slice_grid`.

        Returns:
            (B, 3, h, W), on the [0, 1] scale; not clipped.
        """
        return slice_change(grid, image, self.guide(image), rows)

    def grid(self, thumbnail: Tensor) -> Tensor:
        """Predict the bilateral grid of a batch of thumbnails.

        Args:
            thumbnail: (B, 3, H, W), sRGB in [-1, 1].

        Returns:
            (B, 12, D, Y, X): for each cell the three rows of the 3x4 matrix that tells what is
            added to a colour in [0, 1].
        """
        features = self.encoder(self._spread(thumbnail))
        whole = self.whole(features.mean((2, 3)))  # (B, C)
        cells = self.cells((self.local(features) + whole[:, :, None, None]).relu())
        if self.form != "grid":
            cells = cells.mean((2, 3), keepdim=True)
        with _full_precision(thumbnail):
            kind = self.guide.cells.dtype
            return self._assemble(cells.to(kind), self.ends(whole.to(kind).relu()))

    def _spread(self, thumbnail: Tensor) -> Tensor:
        """Show a thumbnail three times: as it is, with its dark tones spread, and its bright ones.

        A photo that is four stops too dark, or too bright, differs from a uniform picture by so
        little that a network of this size would hardly see it.
        """
        unit = ((thumbnail + 1) / 2).clamp(0, 1)
        shown = [unit, unit.sqrt().sqrt(), 1 - (1 - unit).sqrt().sqrt()]
        picture = torch.cat(shown, dim=1)
        return picture if self.scaled_to_unit else picture * 2 - 1

    def _assemble(self, cells: Tensor, ends: Tensor) -> Tensor:
        """Put matrices and tone curves together; all that is zero gives a grid of zeros."""
        cells = cells.unflatten(1, (3, -1))  # a third for each channel of the output
        mixing, slopes = cells[:, :, : 3 * self.bins], cells[:, :, 3 * self.bins :]
        mixing = mixing.unflatten(2, (3, self.bins))  # (B, 3, 3, D, Y, X)
        if self.form == "curve":
            mixing = torch.zeros_like(mixing)
            slopes = slopes.mean(1, keepdim=True).expand_as(slopes)
        elif self.form == "matrix":  # one for all brightnesses
            mixing = mixing.mean(3, keepdim=True).expand_as(mixing)
        curve = self._tone_curves(slopes, ends)  # (B, 3, D, Y, X)
        return torch.cat([self._without_grey(mixing), curve[:, :, None]], dim=2).flatten(1, 2)

    def _tone_curves(self, slopes: Tensor, ends: Tensor) -> Tensor:
        """Compute what is added to greys at the knots, (B, 3, D, Y, X).

        The part of the way from black to white that a curve rises between two knots is their
        distance times e to the power of a bounded number, over the sum of all: always above zero,
        and so the curve rises. Between cells, place by place, curves are averaged, and an average
        of rising curves rises.

        Args:
            slopes: (B, 3, D - 1, Y, X); zero everywhere leaves the curve straight.
            ends: (B, 2): where black and white go, before they are bounded.
        """
        widths = self.guide.widths[:, None, None]
        excess = (STEEPEST * torch.tanh(slopes / STEEPEST)).expm1()
        total = (widths * excess).sum(2, keepdim=True)
        bend = (widths * (excess - total) / (1 + total)).cumsum(2)[:, :, :-1]
        nothing = torch.zeros_like(slopes[:, :, :1])
        bend = torch.cat([nothing, bend, nothing], dim=2)  # black and white are not bent
        black, white = ends.tanh()[:, :, None, None, None, None].unbind(1)
        black = END_SHIFT * black
        white = END_SHIFT * white.clamp(min=0) + GREYEST_WHITE * white.clamp(max=0)
        contrast = white - black
        knots = self.guide.knots()[:, None, None]
        return bend + contrast * (knots + bend) + black

    def _without_grey(self, mixing: Tensor) -> Tensor:
        """Project matrices (B, 3, 3, D, Y, X) so that they change colours alone.

        Afterwards they add nothing to a grey, and to no colour any brightness.
        """
        weights = self.guide.weights
        into = weights[:, None, None, None]
        mixing = mixing - mixing.sum(2, keepdim=True) * into
        return mixing - (mixing * into[:, None]).sum(1, keepdim=True)


def _full_precision(image: Tensor) -> torch.autocast:
    """Leave autocast while the block runs: half precision would shift tones by whole steps."""
    return torch.autocast(image.device.type, enabled=False)


class _Convolution(nn.Conv2d):
    """Convolution, 3x3, beyond whose border the last pixel is repeated; 1x1 px pass as well.

    torch's own padding of this kind, compiled, fails on the way back through channels-last maps.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__(in_channels, out_channels, 3, stride)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([x[:, :, :1], x, x[:, :, -1:]], dim=2)
        x = torch.cat([x[..., :1], x, x[..., -1:]], dim=3)
        return super().forward(x)
