"""Both networks of a run, built from its settings."""

from exposure_lab.config import RunConfig
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
        config: `data.normalise` and `discriminator` are read.
    """
    return PatchGAN(**config.discriminator.model_dump(), normalised=config.data.normalise)
