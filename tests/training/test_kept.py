"""What a run keeps: the last states, the best, every so many epochs, and an average."""

import signal
import time
from pathlib import Path

import pytest
import torch
from runs import STEPS, assert_same_run, run_whole, stop

from exposure_lab.checkpoints.checkpoint import latest_checkpoint
from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.inference.load import load_generator
from exposure_lab.training import validation
from exposure_lab.training.stop_signal import StopSignal


def steps_of(run: Path) -> list[int]:
    return [int(folder.name) for folder in checkpoint_folders(run)]


def with_training(config: RunConfig, **changes: object) -> RunConfig:
    return config.model_copy(update={"training": config.training.model_copy(update=changes)})


@pytest.mark.slow
def test_the_best_epoch_is_kept(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    psnrs = iter([5.0, 30.0, 20.0, 21.0, 22.0, 23.0])
    score = validation.Validator.score

    def scripted(self, generator, epoch):
        return score(self, generator, epoch) | {"val_psnr": next(psnrs)}

    monkeypatch.setattr(validation.Validator, "score", scripted)
    run_whole(with_training(tiny, epochs=5), small_set, tmp_path)
    assert steps_of(tmp_path) == [4, 16, 20]  # the first epoch's state, and the last two


@pytest.mark.slow
def test_every_second_epoch_is_kept(small_set: Path, tiny: RunConfig, tmp_path: Path) -> None:
    run_whole(with_training(tiny, epochs=6, keep_every=2), small_set, tmp_path)
    assert {8, 16, 20, 24} <= set(steps_of(tmp_path))


@pytest.mark.slow
def test_the_average_is_kept_scored_and_resumed(
    small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    config = with_training(tiny, ema_decay=0.9)
    run_whole(config, small_set, tmp_path / "whole")
    stop(config, small_set, tmp_path / "cut", 6)
    run_whole(config, small_set, tmp_path / "cut", resume=True)
    assert_same_run(tmp_path / "cut", tmp_path / "whole")
    checkpoint = latest_checkpoint(tmp_path / "whole")
    assert checkpoint is not None
    generator, _ = load_generator(tmp_path / "whole")
    name = "head.0.weight"
    weight = generator.state_dict()[name]
    assert torch.equal(weight, checkpoint.tensors[f"average/{name}"])
    assert not torch.equal(weight, checkpoint.tensors[f"generator/{name}"])


def test_an_average_by_hand(small_set: Path, tiny: RunConfig, tmp_path: Path) -> None:
    # The first update copies; each later one keeps 0.75 of the average and takes 0.25 of the new.
    config = with_training(tiny, ema_decay=0.75, epochs=1, steps_per_epoch=1)
    run_whole(config, small_set, tmp_path / "1")
    checkpoint = latest_checkpoint(tmp_path / "1")
    assert checkpoint is not None
    name = "stem.0.weight"
    assert torch.equal(
        checkpoint.tensors[f"average/{name}"], checkpoint.tensors[f"generator/{name}"]
    )
    stop_config = with_training(tiny, ema_decay=0.75)
    for step in (1, 2):
        stop(stop_config, small_set, tmp_path / str(step) / "run", step)
    first, second = (latest_checkpoint(tmp_path / str(step) / "run") for step in (1, 2))
    assert first is not None and second is not None
    expected = 0.75 * first.tensors[f"average/{name}"] + 0.25 * second.tensors[f"generator/{name}"]
    assert torch.allclose(second.tensors[f"average/{name}"], expected, atol=1e-7)


@pytest.mark.slow
def test_a_time_budget_ends_with_a_checkpoint(
    whole: Path, small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=rf"Stopped at step 1 of {STEPS}: .* go on with --resume"):
        run_whole(tiny, small_set, tmp_path, max_minutes=0)
    assert steps_of(tmp_path) == [1]
    run_whole(tiny, small_set, tmp_path, resume=True)
    assert_same_run(tmp_path, whole)


def test_a_signal_that_is_passed_on_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """torchrun sends to its processes what the terminal has sent them already."""
    handler = signal.getsignal(signal.SIGINT)  # a job in the background ignores it
    with StopSignal() as stop_signal:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            signal.raise_signal(number)
        assert stop_signal.requested(1)
        later = time.monotonic() + 2
        monkeypatch.setattr(time, "monotonic", lambda: later)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is handler


def test_time_that_is_left_stops_nothing() -> None:
    with StopSignal(max_minutes=10) as stop_signal:
        assert not stop_signal.requested(1)
