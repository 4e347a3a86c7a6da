"""Two networks without a convolution: a generator and a discriminator of dense layers.

The report calls a GAN a kind of convolutional network. These two make a GAN that is none.
"""

# B batch, S side of the square picture, px

import torch
from torch import Tensor, nn

HIDDEN = 512
"""Units of each hidden layer."""


class MLPGenerator(nn.Module):
    """Generator of dense layers, which maps a square picture to one of the same size.

    Args:
        image_size: side of the square, px; small, since weights grow with its fourth power.
    """

    def __init__(self, image_size: int) -> None:
        super().__init__()
        values = 3 * image_size**2
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(values, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, values),
            nn.Tanh(),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Correct a batch of pictures (B, 3, S, S), sRGB in [-1, 1]; the output has that shape."""
        corrected: Tensor = self.layers(image).reshape(image.shape)
        return corrected


class MLPDiscriminator(nn.Module):
    """Discriminator of dense layers, which sees the input beside the picture that it judges.

    Args:
        image_size: side of the square, px.
    """

    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(6 * image_size**2, HIDDEN),
            nn.LeakyReLU(0.2),
            nn.Linear(HIDDEN, 1),
        )

    def forward(self, real_input: Tensor, target: Tensor) -> Tensor:
        """Compute one logit a picture, (B, 1, 1, 1), from two batches (B, 3, S, S)."""
        logits: Tensor = self.layers(torch.cat([real_input, target], dim=1))
        return logits[:, :, None, None]
