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


@pytest.fixture(params=["fp32", "bf16", "fp16"])
def runtime(device: torch.device, request: pytest.FixtureRequest) -> Runtime:
    """The device in one precision, or in the shortest that a run takes there by itself, `half`.

    Those that a GPU computes in by emulation are no use to anybody.
    """
    best = best_precision(device)
    if request.param == "half" and best == "fp32":
        pytest.skip("this processor computes in full precision alone")
    if request.param == "bf16" and device.type == "cuda" and best != "bf16":
        pytest.skip("this GPU has no bf16")
    return Runtime(device, best if request.param == "half" else request.param)


@pytest.fixture(scope="session")
def drops_out(tiny_overrides: Sequence[str]) -> RunConfig:
    """The run of twelve steps, with dropout: it draws from the device's own random state."""
    return load_profile("smoke", [*tiny_overrides, "generator.dropout=0.5"])
