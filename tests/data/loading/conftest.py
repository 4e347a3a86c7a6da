"""A small set, packed, and the settings that it was packed by."""

from pathlib import Path

import pytest

from exposure_lab.config import DataConfig, RunConfig
from exposure_lab.data.packing import pack


@pytest.fixture(scope="module")
def config(tiny: RunConfig) -> DataConfig:
    return tiny.data


@pytest.fixture(scope="module")
def packed(small_set: Path, config: DataConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(small_set, tmp_path_factory.mktemp("packed") / "set.pack", config)
