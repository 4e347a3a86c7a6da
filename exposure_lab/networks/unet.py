"""The generator: a U-Net that halves a photo down to one pixel and builds it up again."""

# B batch, C channels, H height, W width; `width` is the number of channels after the stem

from itertools import pairwise

import torch
from torch import Tensor, nn

from exposure_lab.errors import ConfigError
from exposure_lab.networks.blocks import (
    Activation,
    DownBlock,
    Downsampling,
    Norm,
    UpBlock,
    Upsampling,
    activate,
    double,
    halve,
)

SMALLEST_SIZE = 8
DROPOUT_BLOCKS = 3


class UNet(nn.Module):
    """Generator of the report: a U-Net.

    Every layer is a 4x4 convolution with stride 2 that halves (or doubles) the picture: a stem,
    some blocks and a bottleneck going down, as many blocks and a head coming up. For 256 px that is
    stem + six blocks + bottleneck, eight halvings, down to 1x1 pixel; six alone would end at 4x4.
    Depth follows the size: log2(image_size) halvings.

    - Down: reflect padding, BatchNorm, LeakyReLU(0.2). Up: transposed convolution, BatchNorm, ReLU.
    - Stem and bottleneck have no norm: over one pixel of one image BatchNorm averages nothing.
    - Each block up receives, beside the block below, the block of its own size from the way down.
    - Dropout in the first three blocks up; tanh at the end.
    - In evaluation mode (``network.eval()``) dropout is off and BatchNorm uses its running
      statistics, so that a picture's correction does not depend on the pictures around it. The
      original pix2pix leaves both on at test time; everything in this package scores with both off.

    Args:
        image_size: side of the training square, px; a power of two from 8 up. Pictures whose sides
            are multiples of it pass as well.
        width: channels after the stem; the widest layers have eight times as many.
        in_channels, out_channels: of the pictures.
        dropout: probability in the first three blocks up.
        skips, downsampling, upsampling, activation, norm: the report's design by default; what the
            other choices do is said in `blocks`.
        normalised: off, the network computes on the picture scaled to [0, 1].

    Raises:
        ConfigError: a size that cannot be halved down to one pixel.

    Source: Ronneberger et al. 2015; Isola et al. 2017, in the post-activation form with reflect
    padding that the report's section 3.2 describes.
    """

    def __init__(
        self,
        image_size: int = 256,
        width: int = 64,
        in_channels: int = 3,
        out_channels: int = 3,
        dropout: float = 0.5,
        skips: bool = True,
        downsampling: Downsampling = "strided",
        upsampling: Upsampling = "transposed",
        activation: Activation = "relu",
        norm: Norm = "batch",
        normalised: bool = True,
    ) -> None:
        super().__init__()
        if image_size < SMALLEST_SIZE or image_size & (image_size - 1):
            raise ConfigError(
                f"Expected an image size that is a power of two from {SMALLEST_SIZE} up, such as "
                f"64, 128 or 256, but got {image_size}."
            )
        self.image_size = image_size
        self.skips, self.scaled_to_unit = skips, not normalised
        halvings = image_size.bit_length() - 1
        channels = [width * min(2**i, 8) for i in range(halvings)]  # after each halving

        self.stem = nn.Sequential(
            *halve(in_channels, channels[0], downsampling, activation),
            activate(activation, leak=0.2),
        )
        self.downs = nn.ModuleList(
            DownBlock(a, b, downsampling, activation, norm) for a, b in pairwise(channels[:-1])
        )
        self.bottleneck = nn.Sequential(
            *halve(channels[-2], channels[-1], downsampling, activation), activate(activation)
        )
        ups: list[UpBlock] = []
        below = channels[-1]
        for i, skip in enumerate(reversed(channels[:-1])):
            drop = dropout if i < DROPOUT_BLOCKS else 0.0
            ups.append(UpBlock(below, skip, drop, upsampling, activation, norm))
            below = 2 * skip if skips else skip  # the block's own output and its skip, side by side
        self.ups = nn.ModuleList(ups)
        self.head = nn.Sequential(*double(below, out_channels, upsampling), nn.Tanh())

    def forward(self, image: Tensor) -> Tensor:
        """Correct a batch of pictures.

        Args:
            image: (B, in_channels, H, W), sRGB in [-1, 1]; H and W are multiples of `image_size`.

        Returns:
            (B, out_channels, H, W), sRGB in [-1, 1].

        Raises:
            ConfigError: sides that cannot be halved often enough.
        """
        H, W = image.shape[2:]
        if H % self.image_size or W % self.image_size:
            raise ConfigError(
                f"Expected sides that are multiples of {self.image_size} px, but got {H}x{W}: "
                "resize or pad the picture first."
            )
        x = self.stem((image + 1) / 2 if self.scaled_to_unit else image)  # (B, width, H/2, W/2)
        skips = [x]
        for down in self.downs:
            x = down(x)
            skips.append(x)
        x = self.bottleneck(x)  # (B, 8 width, H/size, W/size): 1x1 for a training square
        for up, skip in zip(self.ups, reversed(skips), strict=True):
            x = torch.cat([up(x), skip], dim=1) if self.skips else up(x)
        corrected: Tensor = self.head(x)
        return corrected
