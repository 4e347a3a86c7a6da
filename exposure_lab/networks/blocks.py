"""Blocks of both networks, in the report's form and in the forms that it is compared with.

Each choice is made by a word, the report's first:

- ``strided`` halves by a 4x4 convolution with stride 2; ``max-pool`` takes the same 4x4 weights at
  every pixel and keeps the largest of each 2x2, for four times the work.
- ``transposed`` doubles by a 4x4 transposed convolution with stride 2; ``resize`` repeats each
  pixel 2x2 and convolves 3x3, which cannot print a checkerboard by itself.
- ``relu`` is ReLU, or LeakyReLU where a leak is asked for; ``maxout`` computes each channel twice,
  with other weights, and keeps the larger.
- ``batch`` normalises a channel over the batch, ``instance`` over each picture alone.

Source: Odena et al. 2016 (checkerboards), Goodfellow et al. 2013 (maxout), Ulyanov et al. 2016
(instance norm).
"""

# B batch, C channels, H height, W width

from typing import Literal

from torch import Tensor, nn

Downsampling = Literal["strided", "max-pool"]
Upsampling = Literal["transposed", "resize"]
Activation = Literal["relu", "maxout"]
Norm = Literal["batch", "instance"]


class DownBlock(nn.Module):
    """Block that halves a map: (B, C, H, W) to (B, C', H/2, W/2)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        downsampling: Downsampling = "strided",
        activation: Activation = "relu",
        norm: Norm = "batch",
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            # No bias: the norm that follows would take it out again.
            *halve(in_channels, out_channels, downsampling, activation, bias=False),
            normalise(out_channels * pieces(activation), norm),
            activate(activation, leak=0.2),
        )

    def forward(self, x: Tensor) -> Tensor:
        halved: Tensor = self.layers(x)
        return halved


class UpBlock(nn.Module):
    """Block that doubles a map: (B, C, H, W) to (B, C', 2H, 2W)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        dropout: float = 0.0,
        upsampling: Upsampling = "transposed",
        activation: Activation = "relu",
        norm: Norm = "batch",
    ) -> None:
        super().__init__()
        computed = out_channels * pieces(activation)
        self.layers = nn.Sequential(
            *double(in_channels, computed, upsampling, bias=False),
            normalise(computed, norm),
            activate(activation),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        doubled: Tensor = self.layers(x)
        return doubled


class Maxout(nn.Module):
    """Maxout: keep the larger of two halves of the channels, (B, 2C, H, W) to (B, C, H, W)."""

    def forward(self, x: Tensor) -> Tensor:
        first, second = x.chunk(2, dim=1)
        return first.maximum(second)


def halve(
    in_channels: int,
    out_channels: int,
    downsampling: Downsampling,
    activation: Activation,
    bias: bool = True,
) -> list[nn.Module]:
    """Build the layers that halve a map; with twice the channels where `Maxout` follows."""
    channels = in_channels, out_channels * pieces(activation), 4
    if downsampling == "strided":
        return [nn.Conv2d(*channels, stride=2, padding=1, bias=bias, padding_mode="reflect")]
    # Zeros at the border: at 2x2 px there is not enough picture to reflect.
    return [nn.ZeroPad2d((1, 2, 1, 2)), nn.Conv2d(*channels, bias=bias), nn.MaxPool2d(2)]


def double(
    in_channels: int, out_channels: int, upsampling: Upsampling, bias: bool = True
) -> list[nn.Module]:
    """Build the layers that double a map."""
    if upsampling == "transposed":
        return [nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1, bias=bias)]
    convolution = nn.Conv2d(
        in_channels, out_channels, 3, padding=1, bias=bias, padding_mode="reflect"
    )
    return [nn.Upsample(scale_factor=2, mode="nearest"), convolution]


def activate(activation: Activation, leak: float = 0.0) -> nn.Module:
    """Build the non-linearity after a convolution."""
    if activation == "maxout":
        return Maxout()
    return nn.LeakyReLU(leak) if leak else nn.ReLU()


def normalise(channels: int, norm: Norm) -> nn.Module:
    """Build the norm after a convolution; either kind learns a scale and a shift."""
    return nn.BatchNorm2d(channels) if norm == "batch" else nn.InstanceNorm2d(channels, affine=True)


def pieces(activation: Activation) -> int:
    """Number of times that each channel is computed, of which the activation keeps one."""
    return 2 if activation == "maxout" else 1
