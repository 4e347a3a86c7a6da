"""A run goes on from the newest checkpoint that its history reaches."""

import json
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from runs import STEPS, assert_same_run, run_whole

from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.errors import CheckpointError, RunError
from exposure_lab.runtime import Runtime
from exposure_lab.training.gan import GAN
from exposure_lab.training.history import read_history
from exposure_lab.training.run_folder import RunFolder


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    """A finished run, whose checkpoints are of steps 8 and 12."""
    return Path(shutil.copytree(whole, tmp_path / "run"))


def keep_rows(run: Path, until: int) -> None:
    """Hide the rows after a step behind a line that is none."""
    file = run / "history.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    kept = sum(row["step"] <= until for row in read_history(run))
    file.write_text("".join([*lines[:kept], "[]\n", *lines[kept:]]))


def damage(folder: Path) -> None:
    (folder / "tensors.safetensors").write_bytes(b"damaged")


def content_of(run: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}


@pytest.mark.parametrize("reached", [8, 9, 11])
def test_the_newest_checkpoint_that_the_history_reaches_is_used(
    run: Path, whole: Path, small_set: Path, tiny: RunConfig, reached: int
) -> None:
    keep_rows(run, reached)
    with pytest.warns(UserWarning) as warned:
        run_whole(tiny, small_set, run, resume=True)
    (message,) = [str(warning.message) for warning in warned]
    assert message == (
        f"Expected a history that reaches {run / 'checkpoints' / '00000012'}, but it ends at step "
        f"{reached}: bring history.jsonl back, or go on from the one before it. The one before it "
        "is used."
    )
    assert_same_run(run, whole)


def test_a_history_without_the_scores_of_an_epoch_does_not_reach_its_end(
    run: Path, whole: Path, small_set: Path, tiny: RunConfig
) -> None:
    file = run / "history.jsonl"
    file.write_text(file.read_text()[:-2])  # the last line is cut short
    with pytest.warns(UserWarning, match="reaches .*00000012, but the scores after step 12 are"):
        run_whole(tiny, small_set, run, resume=True)
    assert_same_run(run, whole)


def test_a_history_that_reaches_no_checkpoint_is_refused(
    run: Path, small_set: Path, tiny: RunConfig
) -> None:
    keep_rows(run, 7)
    original = content_of(run)
    with pytest.raises(RunError) as caught:
        run_whole(tiny, small_set, run, resume=True)
    assert str(caught.value) == (
        f"Expected the history of {run} up to step 12, but it ends at step 7: bring history.jsonl "
        "back or train in another folder."
    )
    assert content_of(run) == original


def test_a_history_without_its_beginning_is_refused(
    run: Path, small_set: Path, tiny: RunConfig
) -> None:
    file = run / "history.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(RunError, match="up to step 12, but its first row is of no epoch: bring"):
        run_whole(tiny, small_set, run, resume=True)


def test_behind_a_damaged_checkpoint_the_history_is_missed(
    run: Path, small_set: Path, tiny: RunConfig
) -> None:
    keep_rows(run, 7)
    damage(checkpoint_folders(run)[-1])
    with pytest.raises(RunError, match="up to step 8, but it ends at step 7"):
        run_whole(tiny, small_set, run, resume=True)


def test_where_all_checkpoints_are_damaged_that_is_said(
    run: Path, small_set: Path, tiny: RunConfig
) -> None:
    for folder in checkpoint_folders(run):
        damage(folder)
    with pytest.raises(CheckpointError, match=r"whole checkpoint in .*00000012"):
        run_whole(tiny, small_set, run, resume=True)


def test_a_checkpoint_of_a_newer_version_is_not_replaced(
    run: Path, small_set: Path, tiny: RunConfig
) -> None:
    keep_rows(run, 9)
    file = checkpoint_folders(run)[0] / "state.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 99}))
    with pytest.raises(CheckpointError, match="but got 99: update exposure-lab"):
        run_whole(tiny, small_set, run, resume=True)


@pytest.mark.parametrize("ranks", [(0, 1), (1, 0)])
def test_every_process_goes_on_from_the_same_checkpoint(
    run: Path,
    tiny: RunConfig,
    monkeypatch: pytest.MonkeyPatch,
    ranks: tuple[int, int],
) -> None:
    """Whichever comes first: the first process cuts the history, and the others read it."""
    keep_rows(run, 9)
    monkeypatch.setattr(Runtime, "barrier", lambda self: None)
    alone = Runtime(torch.device("cpu"), "fp32")
    data = json.loads((run / "summary.json").read_text())["provenance"]["data"]
    reached = []
    for rank in ranks:
        gan = GAN.build(tiny, alone, STEPS)
        folder = RunFolder(run, tiny, gan, replace(alone, rank=rank, world_size=2), data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reached.append(folder.restore(True, STEPS).step)
    assert reached == [8, 8]
    assert read_history(run)[-1]["step"] == 8
