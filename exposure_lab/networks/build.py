"""Both networks of a run, built from its settings."""

from exposure_lab.config import RunConfig, deepest_discriminator
from exposure_lab.errors import ConfigError
from exposure_lab.networks.patchgan import PatchGAN
from exposure_lab.networks.unet import UNet


def build_generator(config: RunConfig) -> UNet:
    """Build the generator of a run, its weights drawn from torch's global generator.

    Args:
        config: `data.image_size`, `data.normalise` and `generator` are read.
    """
    data = config.data
    return UNet(data.image_size, **config.generator.model_dump(), normalised=data.normalise)


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
