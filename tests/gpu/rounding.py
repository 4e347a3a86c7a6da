"""How far a step may lie from one in exact arithmetic, derived from how a format rounds.

A layer rounds its input, its weights and its output. One rounding is uniform within the unit
roundoff u, and so has a relative error of u / sqrt(3) in the mean square; three independent ones
have u. BatchNorm keeps the size of a signal from layer to layer, so that the errors of L layers add
up as independent ones do, to u * sqrt(L).

A loss is a mean over pixels, each of which it follows with a slope of at most 1, so that it is off
by no more than their errors are in the mean square: by much less, since they are of either sign.
How much less depends on how many of them are independent. On a processor, in bf16 and fp16, it was
off by at most a fourteenth of that in a step of 12 draws of networks and in the three steps after
it; three times as much is allowed. A gradient does not follow: ReLU's jumps at
zero. Of units with mean 0 and variance 1, those within the error e of zero get the other slope. The
density there is 0.4 and the mean of |e| is 0.8 u sqrt(L), which makes 0.32 u sqrt(L) of the units
of a layer, whose share of the gradient is then wrong altogether; L layers add up L times that in
the square.
"""

import math

from torch import nn

from exposure_lab.training.gan import GAN

UNIT = {"fp32": 2.0**-11, "bf16": 2.0**-8, "fp16": 2.0**-11}
"""Unit roundoff: half the distance from 1 to the next number. Of fp32 it is that of TF32, in which
cuDNN convolves by default."""


def layers(gan: GAN) -> int:
    """Convolutions on the way through both networks."""
    networks = (gan.generator, gan.discriminator)
    convolutions = (nn.Conv2d, nn.ConvTranspose2d)
    return sum(isinstance(m, convolutions) for network in networks for m in network.modules())


OF_A_MEAN = 1 / 5
"""Error of a mean over pixels, as a share of theirs in the mean square, at most."""


def loss_error(gan: GAN, precision: str) -> float:
    """Largest relative error of a loss."""
    return OF_A_MEAN * UNIT[precision] * math.sqrt(layers(gan))


def gradient_error(gan: GAN, precision: str) -> float:
    """Largest relative error of a network's whole gradient, in the Euclidean norm."""
    count = layers(gan)
    return math.sqrt(0.32 * UNIT[precision] * math.sqrt(count) * count)
