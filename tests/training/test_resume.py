"""A run can be stopped anywhere and resumed to the same bits."""

import signal
import time
from pathlib import Path

import pytest
import torch
from runs import STEPS, assert_same_run, own_overrides, run_whole, stop

from exposure_lab.checkpoint import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.profiles import load_profile


def test_same_settings_give_the_same_run(
    whole: Path, small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    torch.rand(3)  # what was drawn before does not matter
    run_whole(tiny, small_set, tmp_path)
    assert_same_run(tmp_path, whole)


@pytest.mark.parametrize("steps", [(4,), (6,), (1, 5, 11)], ids=str)
def test_resumed_run_is_bitwise_the_uninterrupted_one(
    whole: Path, small_set: Path, tiny: RunConfig, tmp_path: Path, steps: tuple[int, ...]
) -> None:
    for step in steps:
        stop(tiny, small_set, tmp_path, step, resume=step != steps[0])
        assert not (tmp_path / "summary.json").exists()
        torch.rand(5)
    run_whole(tiny, small_set, tmp_path, resume=True)
    assert_same_run(tmp_path, whole)


def test_resume_forgets_what_came_after_the_checkpoint(
    whole: Path, small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    stop(tiny, small_set, tmp_path, 8)
    newest = checkpoint_folders(tmp_path)[-1] / "tensors.safetensors"
    newest.write_bytes(newest.read_bytes()[:100])  # a power cut
    with pytest.warns(UserWarning, match="The one before it is used"):
        run_whole(tiny, small_set, tmp_path, resume=True)
    assert_same_run(tmp_path, whole)


def test_finished_run_resumes_to_itself(
    small_set: Path, tiny: RunConfig, tmp_path: Path, whole: Path
) -> None:
    run_whole(tiny, small_set, tmp_path)
    summary = run_whole(tiny, small_set, tmp_path, resume=True)
    assert summary["steps"] == STEPS
    assert_same_run(tmp_path, whole)


def test_resume_of_a_missing_run_starts_over_and_says_so(
    whole: Path,
    small_set: Path,
    tiny: RunConfig,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_whole(tiny, small_set, tmp_path / "new", resume=True)
    said = capsys.readouterr().err
    assert f"No checkpoint in {tmp_path / 'new'} yet: starting from the beginning." in said
    assert_same_run(tmp_path / "new", whole)


def test_resume_with_other_settings_is_refused(whole: Path, small_set: Path) -> None:
    for override in ("optimizer.lr=1e-3", "seed=8"):
        other = load_profile("smoke", [*own_overrides(whole), override])
        with pytest.raises(RunError, match=rf"but {override.split('=')[0]} differs: resume with"):
            run_whole(other, small_set, whole, resume=True)


LONGER = "training.epochs=30"  # so that the run is still going when the signal comes


@pytest.fixture(scope="module")
def longer(small_set: Path, tiny_overrides, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that a signal will stop, uninterrupted."""
    out = tmp_path_factory.mktemp("runs") / "longer"
    run_whole(load_profile("smoke", [*tiny_overrides, LONGER]), small_set, out)
    return out


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_real_signal_then_resume(
    longer: Path, small_set: Path, tiny_overrides, command_line, tmp_path: Path, number: int
) -> None:
    settings = ["--profile", "smoke", *tiny_overrides, LONGER]
    command = ["train", "--data", small_set, "--out", tmp_path / "run", *settings]
    process = command_line.start(*command)
    deadline = time.monotonic() + 60
    while not checkpoint_folders(tmp_path / "run") and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Error: Stopped at step" in said
    assert "Traceback" not in said
    done = command_line(*command, "--resume")
    assert done.returncode == 0, done.stderr
    assert_same_run(tmp_path / "run", longer)
