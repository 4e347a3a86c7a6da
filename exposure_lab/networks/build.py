"""Both networks of a run, built from its settings."""

from exposure_lab.config import BilateralGridConfig, RunConfig, deepest_discriminator
from exposure_lab.errors import ConfigError
from exposure_lab.networks.bilateral_grid import BilateralGridNet
from exposure_lab.networks.patchgan import PatchGAN
from exposure_lab.networks.unet import UNet

Generator = UNet | BilateralGridNet
"""A generator of either kind: both map pictures (B, 3, H, W), sRGB in [-1, 1], to the same."""


def build_generator(config: RunConfig) -> Generator:
    """Build the generator of a run, its weights drawn from torch's global generator.

    Args:
        config: `data.image_size`, `data.normalise` and `generator` are read.
    """
    data, settings = config.data, config.generator
    if isinstance(settings, BilateralGridConfig):
        own = settings.model_dump(exclude={"kind"})
        return BilateralGridNet(data.image_size, **own, normalised=data.normalise)
    return UNet(data.image_size, **settings.model_dump(), normalised=data.normalise)


def build_discriminator(config: RunConfig) -> PatchGAN:
    """Build the discriminator of a run, its weights drawn from torch's global generator.

    Args:
        config: `data.image_size`, `data.normalise` and `discriminator` are read.

    Raises:
        ConfigError: more layers than the pictures take.
    """
    size, layers = config.data.image_size, config.discriminator.layers
    if layers > deepest_discriminator(size):
        raise ConfigError(
            f"Expected discriminator.layers of at most {deepest_discriminator(size)} for pictures "
            f"of {size} px, but got {layers}: lower it, or raise data.image_size."
        )
    return PatchGAN(**config.discriminator.model_dump(), normalised=config.data.normalise)
