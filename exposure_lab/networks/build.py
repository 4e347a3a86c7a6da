"""Both networks of a run, built from its settings."""

from exposure_lab.config import RunConfig
from exposure_lab.networks.patchgan import PatchGAN
from exposure_lab.networks.unet import UNet


def build_generator(config: RunConfig) -> UNet:
    """Build the generator of a run, its weights drawn from torch's global generator.

    Args:
        config: `data.image_size` and `generator` are read.
    """
    return UNet(config.data.image_size, **config.generator.model_dump())


def build_discriminator(config: RunConfig) -> PatchGAN:
    """Build the discriminator of a run, its weights drawn from torch's global generator.

    Args:
        config: `discriminator` is read.
    """
    return PatchGAN(**config.discriminator.model_dump())
