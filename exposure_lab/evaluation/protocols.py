"""Evaluation protocols by name: against whose picture, at which size and by which SSIM to score.

Published tables of one set cannot be compared, since each was made otherwise. Each protocol says
what the code of its original does, and where we had to choose. All take the score of each image
first, then the mean. In all of them PSNR ends at `metrics.PSNR_CAP`: identical pictures, for which
the originals print infinity, 80 dB, 0 or nothing, count as 60 dB.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from skimage.transform import resize as interpolate

from exposure_lab.data.experts import expert_targets
from exposure_lab.data.pairs import Pair
from exposure_lab.errors import ConfigError, DataError
from exposure_lab.images.array import Array, check_image, from_uint8, to_uint8
from exposure_lab.images.resize import resize
from exposure_lab.metrics.pixel import ssim
from exposure_lab.metrics.ssim_variants import ssim_clamped, ssim_grey, ssim_pooled, ssim_uniform

Size = tuple[int, int]
"""Height and width, px."""

REPORT_SIDE = 256
"""px. Of the report's pictures."""

IAT_SIZE = (900, 1200)
FECNET_STEP = 4


def native(picture: Array, size: Size) -> Array:
    """Leave a picture at its native size."""
    return picture


@dataclass(frozen=True)
class Protocol:
    """A way to score: which targets, at which size, rounded or not, and by which SSIM."""

    name: str
    """As the command line takes it."""
    summary: str
    """Sentence on the protocol that stands below the table."""
    source: str = ""
    """Where its original is written down; empty for our own."""
    reading: str = ""
    """Our choices where the original is silent, and our departures from it."""
    experts: str = ""
    """Letters of those whose pictures are the targets; empty for whatever the set has."""
    resize: Callable[[Array, Size], Array] = native
    """Resizes an input or a target, (H, W, 3), sRGB in [0, 1], to the size at which the image
    function works and is scored; the second argument is the input's own size."""
    ssim: Callable[[Array, Array], float] = ssim
    """SSIM of output and target at the scored size."""
    eight_bit: bool = True
    """Whether output and target are scored as an 8-bit file stores them."""

    def targets(self, pair: Pair) -> dict[str, Path]:
        """Find the targets of a pair: letter of the expert to file.

        The set's own target has no letter.

        Raises:
            DataError: an expert's picture is not there.
        """
        if not self.experts:
            return {"": pair.target_path}
        available = expert_targets(pair)
        missing = [letter for letter in self.experts if letter not in available]
        if missing:
            raise DataError(
                f"Expected targets by expert {', '.join(self.experts)} for the protocol "
                f"{self.name}, but in {pair.target_path.parent.parent} there is none of "
                f"{pair.scene} by {', '.join(missing)}: take the testing part of MSEC, which has "
                "all five, or another protocol."
            )
        return {letter: available[letter] for letter in self.experts}

    def quantize(self, picture: Array) -> Array:
        """Round an output or a target to 8 bits where the protocol does.

        Raises:
            ImageError: not an image.
        """
        if self.eight_bit:
            return from_uint8(to_uint8(picture))
        check_image(picture)
        return picture


def find_protocol(name: str) -> Protocol:
    """Find a protocol by its name.

    Raises:
        ConfigError: no protocol has that name.
    """
    if name not in PROTOCOLS:
        raise ConfigError(f"Expected a protocol, one of {', '.join(PROTOCOLS)}, but got {name!r}.")
    return PROTOCOLS[name]


def to_square(picture: Array, size: Size) -> Array:
    """Stretch to the report's square, bicubic and antialiased, as the report's profile trains."""
    return resize(picture, REPORT_SIDE, REPORT_SIDE)


def to_landscape(picture: Array, size: Size) -> Array:
    """Transpose where the input is upright or square, stretch to 1200 x 900, round to 8 bits."""
    height, width = size
    landscape = picture.transpose(1, 0, 2) if height >= width else picture
    return from_uint8(to_uint8(resize_bilinear(landscape, *IAT_SIZE)))


def stretch_to_multiple_of_4(picture: Array, size: Size) -> Array:
    """Stretch each side up to the next multiple of 4 from the input's."""
    height, width = (-(-side // FECNET_STEP) * FECNET_STEP for side in size)
    return resize_bilinear(picture, height, width)


def resize_bilinear(picture: Array, height: int, width: int) -> Array:
    """Resize as OpenCV does by default: bilinear, without antialiasing."""
    if picture.shape[:2] == (height, width):
        return picture
    stretched: Array = interpolate(
        picture, (height, width), order=1, mode="edge", anti_aliasing=False
    )
    return np.clip(stretched, 0, 1)


PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "lab",
            "native size; each image rounded to 8 bit and scored, then the mean; RGB SSIM with a "
            "Gaussian window (11 px, sigma 1.5); PSNR of identical images counts as 60 dB; 95 % "
            "intervals by bootstrap over scenes, the range of fewer than 8",
        ),
        Protocol(
            "report-256",
            "input and target stretched to 256x256, which is what the model sees and where it is "
            "scored; the rest as in lab",
            "the report, section 3.2, for the size",
            "The report names no scorer and does not say how its photos became square; the public "
            "design that its text matches stretches them. Of a network, what `correct` makes of "
            "the square is scored, which is smoother than the network's own picture.",
            resize=to_square,
        ),
        Protocol(
            "native-expert-c",
            "native size, expert C, 8 bit; SSIM by scikit-image's defaults (7 x 7, RGB)",
            "LZ-CH/Exposure_Correction-pytorch, tools/calculate_psnr_ssim.py",
            "There the outputs are JPEG files; here they are rounded and not compressed.",
            experts="c",
            ssim=ssim_uniform,
        ),
        Protocol(
            "iat-1200x900",
            "input and target stretched to 1200x900, upright ones transposed; experts A to E, a "
            "score being the mean over the five; outputs not rounded; SSIM of IQA_pytorch",
            "cuiziteng/Illumination-Adaptive-Transformer, IAT_enhance: data_loaders/exposure.py, "
            "evaluation_exposure.py",
            "There one expert is scored at a time; the table has each of them as well.",
            experts="abcde",
            resize=to_landscape,
            ssim=ssim_clamped,
            eight_bit=False,
        ),
        Protocol(
            "fecnet-grey-ssim",
            "each side stretched up to a multiple of 4, expert C, 8 bit; SSIM of grey pictures by "
            "scikit-image's defaults (7 x 7)",
            "KevinJ-Huang/FECNet, FastFourierMSEC/data/SIEN_dataset.py, and the scorer that its "
            "author gives in issue 8",
            "Its lists of files name no expert: C is our reading. There identical pictures are "
            "left out; here they count as 60 dB.",
            experts="c",
            resize=stretch_to_multiple_of_4,
            ssim=ssim_grey,
        ),
        Protocol(
            "psenet-expert-e",
            "native size, expert E, outputs not rounded; SSIM of piq, which first shrinks to about "
            "256 px",
            "VinAIResearch/PSENet-Image-Enhancement, source/data.py and source/framework.py",
            "It names no version of piq; ours is as 0.8.0. There EV 0 counts as overexposed; here "
            "it belongs neither to the dark ones nor to the bright ones.",
            experts="e",
            ssim=ssim_pooled,
            eight_bit=False,
        ),
    )
}
"""Name to protocol.

:meta hide-value:
"""
