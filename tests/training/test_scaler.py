"""A loss scale is put back where it was, or not at all where a state holds none."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from runs import STEPS, assert_same_run, run_whole, stop

from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.runtime import Runtime


@pytest.fixture
def scaling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a run on a processor scale its losses, as one in fp16 on a GPU does."""
    monkeypatch.setattr(
        Runtime, "scaler", lambda self: torch.amp.GradScaler("cpu", 2.0**10, growth_interval=3)
    )


@pytest.fixture
def scaled(scaling: None, small_set: Path, tiny: RunConfig, tmp_path: Path) -> Path:
    run_whole(tiny, small_set, tmp_path / "scaled")
    return tmp_path / "scaled"


@pytest.mark.slow
def test_a_scale_is_gone_on_from(
    scaled: Path, small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    stop(tiny, small_set, tmp_path / "run", 5)
    file = checkpoint_folders(tmp_path / "run")[-1] / "state.json"
    assert json.loads(file.read_text())["scaler"] == {
        "scale": 2.0**11,
        "growth_factor": 2.0,
        "backoff_factor": 0.5,
        "growth_interval": 3,
        "_growth_tracker": 2,
    }
    run_whole(tiny, small_set, tmp_path / "run", resume=True)
    assert_same_run(tmp_path / "run", scaled)


@pytest.mark.slow
@pytest.mark.parametrize("scaler", [{"scale": 1.0}, {"made": "up"}], ids=repr)
def test_a_made_up_scale_gives_way_to_the_checkpoint_before(
    scaled: Path, small_set: Path, tiny: RunConfig, tmp_path: Path, scaler: object
) -> None:
    run = Path(shutil.copytree(scaled, tmp_path / "run"))
    file = checkpoint_folders(run)[-1] / "state.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"scaler": scaler}))
    with pytest.warns(UserWarning, match=r"scaler in state\.json is .*The one before it is used"):
        assert run_whole(tiny, small_set, run, resume=True)["steps"] == STEPS
    assert_same_run(run, scaled)
