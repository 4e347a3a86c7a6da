"""A run that several test files look at."""

from pathlib import Path

import pytest
from runs import run_whole

from exposure_lab.config import RunConfig


@pytest.fixture(scope="session")
def whole(small_set: Path, tiny: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody interrupted."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    run_whole(tiny, small_set, out)
    return out
