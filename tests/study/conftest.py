"""Fixtures of the study: an experiment whose runs are done."""

from pathlib import Path

import pytest
from made_up_study import EXPERIMENT, make_study

from exposure_lab.study.run import Workers


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, small_set: Path) -> Path:
    folder = tmp_path_factory.mktemp("study")
    assert make_study(folder, small_set).train([EXPERIMENT], Workers())
    return folder
