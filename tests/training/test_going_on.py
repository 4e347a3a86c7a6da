"""A finished run goes on for more epochs where that is the same, and starts another where not."""

import json
from pathlib import Path

import pytest
import torch
from runs import STEPS, assert_same_run, own_overrides, run_whole, stop

from exposure_lab.checkpoints.checkpoint import latest_checkpoint
from exposure_lab.config import RunConfig
from exposure_lab.errors import CheckpointError, RunError
from exposure_lab.profiles.load import load_profile
from exposure_lab.training.warm_start import ORIGIN

CONSTANT = "optimizer.decay_from=1"


@pytest.fixture
def settings(whole: Path) -> list[str]:
    """Overrides of `tiny`."""
    return [one for one in own_overrides(whole) if not one.startswith("training.epochs")]


def config_of(settings: list[str], *more: str) -> RunConfig:
    return load_profile("smoke", [*settings, *more])


@pytest.mark.slow
def test_more_epochs_at_a_constant_rate(
    settings: list[str], small_set: Path, tmp_path: Path
) -> None:
    short, long = (config_of(settings, CONSTANT, f"training.epochs={n}") for n in (2, 4))
    run_whole(short, small_set, tmp_path / "run")
    summary = run_whole(long, small_set, tmp_path / "run", resume=True)
    assert summary["steps"] == 16
    assert json.loads((tmp_path / "run" / "config.json").read_text())["training"]["epochs"] == 4
    run_whole(long, small_set, tmp_path / "at once")
    assert_same_run(tmp_path / "run", tmp_path / "at once")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (["training.epochs=5"], r"fall after epoch 1\.5 and would then fall after epoch 2\.5 only"),
        (["training.epochs=2"], r"training\.epochs differs: resume with"),
        (["training.epochs=5", "seed=8"], r"(seed|training\.epochs) differs: resume with"),
    ],
)
def test_other_lengths_say_what_would_differ_and_how_to_start_from_the_weights(
    settings: list[str], whole: Path, small_set: Path, change: list[str], told: str
) -> None:
    kept = (whole / "config.json").read_bytes()
    with pytest.raises(RunError, match=told) as caught:
        run_whole(config_of(settings, *change), small_set, whole, resume=True)
    assert f"--from {whole}" in str(caught.value)
    assert (whole / "config.json").read_bytes() == kept


@pytest.mark.slow
@pytest.mark.parametrize("average", ["0", "0.5"])
def test_a_run_from_the_weights_of_another(
    settings: list[str], whole: Path, small_set: Path, tmp_path: Path, average: str
) -> None:
    config = config_of(settings, "training.epochs=1", f"training.ema_decay={average}")
    summary = run_whole(config, small_set, tmp_path, from_run=whole)
    first, last = (
        json.loads((run / "history.jsonl").read_text().splitlines()[at])
        for run, at in ((tmp_path, 0), (whole, -1))
    )
    assert (first["kind"], first["epoch"], first["step"]) == ("epoch", 0, 0)
    assert first["val_psnr"] == last["val_psnr"]  # before any step: the other run's last score
    origin = summary["provenance"]["started_from"]
    assert (origin["run"], origin["step"], len(origin["weights"])) == ("whole", STEPS, 16)
    assert origin == json.loads((tmp_path / ORIGIN).read_text())
    checkpoint = latest_checkpoint(tmp_path)
    assert checkpoint.state["provenance"]["started_from"] == origin
    assert not torch.equal(
        checkpoint.tensors["generator/stem.0.weight"],
        latest_checkpoint(whole).tensors["generator/stem.0.weight"],
    )


@pytest.mark.slow
def test_a_run_from_another_resumes_to_the_same_bits(
    tiny: RunConfig, whole: Path, small_set: Path, tmp_path: Path
) -> None:
    run_whole(tiny, small_set, tmp_path / "a", from_run=whole)
    stop(tiny, small_set, tmp_path / "b", 6, from_run=whole)
    stop(tiny, small_set, tmp_path / "b", 9, from_run=whole, resume=True)
    summary = run_whole(tiny, small_set, tmp_path / "b", resume=True)
    assert_same_run(tmp_path / "a", tmp_path / "b")
    assert summary["provenance"]["started_from"]["run"] == "whole"


def test_a_run_goes_on_as_it_was_started(
    tiny: RunConfig, whole: Path, small_set: Path, tmp_path: Path
) -> None:
    stop(tiny, small_set, tmp_path / "own", 4)
    with pytest.raises(RunError, match=r"but that was from no other run: leave --from out"):
        run_whole(tiny, small_set, tmp_path / "own", resume=True, from_run=whole)
    stop(tiny, small_set, tmp_path / "other", 4, from_run=whole)
    with pytest.raises(RunError, match=r"but that was from whole: leave --from out"):
        run_whole(tiny, small_set, tmp_path / "other", resume=True, from_run=tmp_path / "own")
    (tmp_path / "other" / "checkpoints" / "00000004").rename(tmp_path / "gone")
    with pytest.raises(RunError, match=r"no checkpoint of its own yet: name whole again"):
        run_whole(tiny, small_set, tmp_path / "other", resume=True)
    stop(tiny, small_set, tmp_path / "other", 4, resume=True, from_run=whole)


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ("generator.width=8", CheckpointError, r"generator.*stem"),
        ("data.normalise=false", RunError, r"has data\.normalise=True: start with the same"),
    ],
)
def test_networks_that_do_not_fit_leave_no_trace(
    settings: list[str], whole: Path, small_set: Path, tmp_path: Path, change, error, told
) -> None:
    config = config_of(settings, "training.epochs=3", change)
    with pytest.raises(error, match=told):
        run_whole(config, small_set, tmp_path / "run", from_run=whole)
    assert not (tmp_path / "run").exists()


def test_no_run_to_start_from(tiny: RunConfig, small_set: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"Expected a run with a checkpoint in .*nowhere"):
        run_whole(tiny, small_set, tmp_path / "run", from_run=tmp_path / "nowhere")
    assert not (tmp_path / "run").exists()
