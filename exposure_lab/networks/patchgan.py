"""The discriminator: a PatchGAN, which classifies each patch of a picture as real or fake."""

# B batch, C channels, H height, W width

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm as with_spectral_norm

from exposure_lab.networks.blocks import Norm, normalise

KERNEL = 4
"""Side of every convolution of the critic, px."""
PADDING = 1
"""Pixels that every convolution of the critic puts around its input, reflected."""


class PatchGAN(nn.Module):
    """Discriminator of the report, conditional as in pix2pix: it sees input and picture.

    `layers` blocks with stride 2, one with stride 1, and a last convolution with stride 1 to one
    channel. Each number of the output, a patch logit, depends on a square of the input: 70 px for
    three layers, see `receptive`. Above zero means real.

    Args:
        width: channels after the first block; at most eight times as many later.
        layers: blocks with stride 2.
        conditional: off, it judges the picture alone and never sees the input.
        norm: see `blocks`.
        spectral_norm: divide each convolution's weights by their largest singular value, so that
            no layer can stretch a difference between pictures.
        normalised: off, the network computes on pictures scaled to [0, 1].

    Source: Isola et al. 2017, section 3.2.2; Miyato et al. 2018 for the spectral norm.
    """

    def __init__(
        self,
        width: int = 64,
        layers: int = 3,
        conditional: bool = True,
        norm: Norm = "batch",
        spectral_norm: bool = False,
        normalised: bool = True,
    ) -> None:
        super().__init__()
        self.conditional, self.scaled_to_unit = conditional, not normalised
        channels = [width * min(2**i, 8) for i in range(layers + 1)]
        # No norm in the first block: it would hide the brightness that D is there to judge.
        blocks: list[nn.Module] = [
            _convolve(6 if conditional else 3, channels[0], 2, bias=True),
            _leaky(),
        ]
        for i in range(layers):
            stride = 2 if i + 1 < layers else 1
            blocks += [
                _convolve(channels[i], channels[i + 1], stride, bias=False),
                normalise(channels[i + 1], norm),
                _leaky(),
            ]
        blocks.append(_convolve(channels[-1], 1, 1, bias=True))
        if spectral_norm:
            blocks = [with_spectral_norm(b) if isinstance(b, nn.Conv2d) else b for b in blocks]
        self.layers = nn.Sequential(*blocks)

    def forward(self, real_input: Tensor, target: Tensor) -> Tensor:
        """Compute the patch logits of a batch of pictures, real or fake.

        Args:
            real_input: (B, 3, H, W), sRGB in [-1, 1].
            target: (B, 3, H, W), sRGB in [-1, 1]: the real target or the generator's.

        Returns:
            Patch logits (B, 1, h, w); 30x30 for 256 px and three layers.
        """
        seen = torch.cat([real_input, target], dim=1) if self.conditional else target
        logits: Tensor = self.layers((seen + 1) / 2 if self.scaled_to_unit else seen)
        return logits


def _convolve(in_channels: int, out_channels: int, stride: int, bias: bool) -> nn.Conv2d:
    return nn.Conv2d(
        in_channels, out_channels, KERNEL, stride, PADDING, bias=bias, padding_mode="reflect"
    )


def _leaky() -> nn.LeakyReLU:
    return nn.LeakyReLU(0.2)
