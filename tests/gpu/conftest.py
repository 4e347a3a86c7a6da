"""The device of the tests that are about a GPU, and settings of runs that take a second on one."""

import os
from collections.abc import Sequence

import pytest
import torch

from exposure_lab.config import RunConfig
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import Runtime, best_precision

DEVICE = "EXPOSURE_LAB_TEST_DEVICE"
"""Where it is set to cpu, the same tests run there: a rehearsal, before a GPU is at hand."""


@pytest.fixture(scope="session")
def device() -> torch.device:
    """The GPU, or what the environment names in its place."""
    if name := os.environ.get(DEVICE):
        return torch.device(name)
    if not torch.cuda.is_available():
        pytest.skip(f"needs a GPU, and torch sees none ({DEVICE}=cpu rehearses it here)")
    return torch.device("cuda")


@pytest.fixture(params=["fp32", "half"])
def runtime(device: torch.device, request: pytest.FixtureRequest) -> Runtime:
    """The device in full precision, and in the shortest that a run takes there by itself."""
    half = best_precision(device)
    if request.param == "half" and half == "fp32":
        pytest.skip("this processor computes in full precision alone")
    return Runtime(device, "fp32" if request.param == "fp32" else half)


@pytest.fixture(scope="session")
def drops_out(tiny_overrides: Sequence[str]) -> RunConfig:
    """The run of twelve steps, with dropout: it draws from the device's own random state."""
    return load_profile("smoke", [*tiny_overrides, "generator.dropout=0.5"])
