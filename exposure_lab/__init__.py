"""exposure_lab: correcting photo exposure with a conditional GAN, re-run claim by claim.

The public names below are imported when they are first asked for: importing the package alone loads
no torch, so that the command line answers at once.
"""

from exposure_lab.lazy import lazy_names

_HOMES = {
    "BASELINES": "inference.baselines",
    "BilateralGridNet": "networks.bilateral_grid",
    "Corrector": "inference.corrector",
    "PatchGAN": "networks.patchgan",
    "RunConfig": "config",
    "UNet": "networks.unet",
    "apply_ev": "data.synthesis.exposure",
    "evaluate": "evaluation.evaluate",
    "find_pairs": "data.pairs",
    "load_profile": "profiles.load",
    "psnr": "metrics.pixel",
    "read_image": "images.io",
    "resolve": "inference.resolve",
    "sample_dir": "data.sample.sample_set",
    "sample_photo": "data.sample.sample_set",
    "ssim": "metrics.pixel",
    "train": "training.trainer",
    "write_image": "images.io",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
