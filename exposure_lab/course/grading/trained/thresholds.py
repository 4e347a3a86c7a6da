"""Thresholds of tier C: what a trained network must reach, from reference runs over seeds."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from exposure_lab.errors import GradingError

FILE = "capstone_thresholds.toml"
"""Written by ``benchmarks/capstone_thresholds.py``."""


@dataclass(frozen=True)
class Thresholds:
    """What the weights must reach on hidden photos, dB."""

    dark: float
    """PSNR above that of the inputs, where these are too dark."""
    bright: float
    """PSNR above that of the inputs, where these are too bright."""
    well: float
    """PSNR where the inputs were well exposed."""


def read_thresholds(profile: str) -> Thresholds:
    """Read the thresholds of a profile.

    Raises:
        GradingError: nobody has measured them at this profile.
    """
    text = files("exposure_lab.course.grading.trained").joinpath(FILE).read_text("utf-8")
    measured = tomllib.loads(text)
    if profile not in measured:
        raise GradingError(
            f"Expected thresholds for the profile {profile}, but they were measured at "
            f"{', '.join(measured)} alone: run benchmarks/capstone_thresholds.py at it first."
        )
    return Thresholds(**measured[profile]["thresholds"])
