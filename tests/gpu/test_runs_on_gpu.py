"""Runs on the GPU: resumed from the same bits, and gone on with on another device."""

import shutil
import warnings
from pathlib import Path

import pytest
import torch
from rounding import loss_error

from exposure_lab.checkpoints.checkpoint import Checkpoint, latest_checkpoint
from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.runtime import Runtime
from exposure_lab.training.history import read_history
from exposure_lab.training.stop_signal import StopSignal
from exposure_lab.training.trainer import Trainer, train

pytestmark = pytest.mark.gpu

CPU = torch.device("cpu")


def assert_restored(trainer: Trainer, saved: Checkpoint) -> None:
    """Every weight, every running mean and every moment of Adam is what the file holds."""
    parts = {
        f"{name}/{key}": tensor
        for name, network in trainer.gan.networks.items()
        for key, tensor in network.state_dict().items()
    } | {
        f"{name}/{index}.{key}": tensor
        for name, optimizer in trainer.gan.optimizers.items()
        for index, moments in optimizer.state_dict()["state"].items()
        for key, tensor in moments.items()
    }
    assert parts.keys() == {key for key in saved.tensors if not key.startswith("rng/")}
    for key, tensor in parts.items():
        assert torch.equal(tensor.cpu(), saved.tensors[key]), key
    assert {t.device.type for k, t in parts.items() if not k.endswith(".step")} == {
        trainer.runtime.device.type
    }


def go_on(trainer: Trainer) -> None:
    with StopSignal() as stop:
        trainer.run(stop)


def test_a_resumed_run_goes_on_from_the_same_bits(
    drops_out: RunConfig,
    small_set: Path,
    runtime: Runtime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a processor to the same bits. On a GPU sums are added up in another order each time, so
    what a run promises there is the same state, the same batches and the same dropout."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    # Without TF32, in which two orders of a sum differ by a thousandth, as two dropouts may.
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    train(drops_out, small_set, whole, runtime=runtime, quiet=True)
    shutil.copytree(whole, cut)
    shutil.rmtree(checkpoint_folders(cut)[-1])
    saved = latest_checkpoint(cut)
    assert saved is not None and saved.state["step"] == 8
    trainer = Trainer(drops_out, small_set, cut, runtime, quiet=True)
    trainer.start(resume=True)
    assert_restored(trainer, saved)
    assert torch.equal(torch.get_rng_state(), saved.tensors["rng/cpu"])
    if runtime.device.type == "cuda":
        assert torch.equal(torch.cuda.get_rng_state(), saved.tensors["rng/cuda"])
    assert bool(saved.state["scaler"]) == (runtime.precision == "fp16")
    assert trainer.gan.scaler.state_dict() == saved.state["scaler"]
    go_on(trainer)
    expected, found = (read_history(run, "step") for run in (whole, cut))
    assert len(found) == len(expected) == 12
    if runtime.device.type == "cpu":
        assert found == expected
    for key in ("discriminator", "adversarial", "l1"):  # of the first step after the stop
        half = loss_error(trainer.gan, runtime.precision)
        tolerance = 1e-4 if runtime.precision == "fp32" else half
        assert found[8][key] == pytest.approx(expected[8][key], rel=tolerance), key


@pytest.mark.parametrize("away", [True, False], ids=["from the GPU", "to the GPU"])
def test_a_run_goes_on_on_another_device(
    drops_out: RunConfig, small_set: Path, device: torch.device, tmp_path: Path, away: bool
) -> None:
    there, here = (Runtime(one, "fp32") for one in ((device, CPU) if away else (CPU, device)))
    with pytest.raises(RunError, match="Stopped at step 6"):
        train(drops_out, small_set, tmp_path, runtime=there, stop_after=6, quiet=True)
    saved = latest_checkpoint(tmp_path)
    assert saved is not None
    trainer = Trainer(drops_out, small_set, tmp_path, here, quiet=True)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        trainer.start(resume=True)
    moved = any("may end in other bits" in str(one.message) for one in told)
    assert moved == (there.device.type != here.device.type)
    assert_restored(trainer, saved)
    go_on(trainer)
    assert trainer.folder.summarize(trainer.progress)["steps"] == 12
    last = latest_checkpoint(tmp_path)
    assert last is not None and all(t.isfinite().all() for t in last.tensors.values())
