"""Fixtures that the command line's tests share: a command in this process, and a trained run."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from exposure_lab.cli import main as cli
from exposure_lab.config import RunConfig
from exposure_lab.training.trainer import train


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs a command in this process and gives its exit code."""

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["exposure-lab", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        return int(caught.value.code or 0)

    return run


@pytest.fixture(scope="session")
def run(small_set: Path, tiny: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained run."""
    out = tmp_path_factory.mktemp("runs") / "run"
    train(tiny, small_set, out, quiet=True)
    return out
