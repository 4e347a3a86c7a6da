"""What tests of runs share."""

import json
from pathlib import Path

import pytest
import torch

from exposure_lab.checkpoints.checkpoint import latest_checkpoint
from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.training.history import read_history
from exposure_lab.training.trainer import train

STEPS = 12  # of `tiny`: three epochs of four


def run_whole(config: RunConfig, data: Path, out: Path, **options: object) -> dict:
    """Train without a progress bar."""
    return train(config, data, out, quiet=True, **options)


def stop(config: RunConfig, data: Path, out: Path, step: int, **options: object) -> None:
    """Train up to a step, as if somebody had pressed Ctrl-C there."""
    with pytest.raises(RunError, match=rf"Stopped at step {step} of {STEPS}: .* with resume=True"):
        run_whole(config, data, out, stop_after=step, **options)


def assert_same_run(run: Path, other: Path) -> None:
    """Every tensor of the last checkpoint, the random state and all of the history."""
    a, b = latest_checkpoint(run), latest_checkpoint(other)
    assert a is not None
    assert b is not None
    assert a.state["step"] == b.state["step"]
    assert a.tensors.keys() == b.tensors.keys()
    for key, tensor in a.tensors.items():
        assert torch.equal(tensor, b.tensors[key]), key
    assert read_history(run) == read_history(other)


def own_overrides(run: Path) -> list[str]:
    """Overrides that give a run's own settings."""
    settings = json.loads((run / "config.json").read_text())
    return [
        f"{part}.{key}={json.dumps(value)}"
        for part, values in settings.items()
        if isinstance(values, dict)
        for key, value in values.items()
    ]
