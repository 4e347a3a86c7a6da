"""exposure-lab train: everything that can be wrong with data, settings, checkpoint and folder."""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.data.synthesis.exposure import write_pairs
from exposure_lab.images.resize import shrink
from exposure_lab.training.history import read_history
from exposure_lab.training.trainer import train

Train = Callable[..., str]


@pytest.fixture
def refused(
    call: Callable[..., int], capsys: pytest.CaptureFixture[str], tiny_overrides: Sequence[str]
) -> Train:
    """Run a training that must fail, and give its error message."""

    def run(data: Path, out: Path, *arguments: str, code: int = 1) -> str:
        command = ["train", "--data", data, "--out", out, *tiny_overrides, *arguments]
        assert call(*command) == code
        *earlier, message = capsys.readouterr().err.strip().splitlines()
        assert message.startswith("Error: Expected ") and message.endswith(".")
        assert not any("Traceback" in line for line in earlier)
        return message

    return run


def write_set(root: Path, inputs: Sequence[float] = (1,), held_out: Sequence[float] = (1,)) -> Path:
    """One photo to train on and one to validate, at these exposures."""
    write_pairs(shrink(sample_photo("coffee"), 24), "a", root, "training", evs=inputs)
    write_pairs(shrink(sample_photo("china"), 24), "b", root, "validation", evs=held_out)
    return root


def copy_of(run: Path, tmp_path: Path) -> Path:
    """A run that a test may damage."""
    return Path(shutil.copytree(run, tmp_path / "copy"))


def last_state(run: Path) -> Path:
    return checkpoint_folders(run)[-1] / "state.json"


def test_pixels_that_are_no_numbers(refused: Train, tmp_path: Path) -> None:
    root = write_set(tmp_path / "set")
    victim = root / "training" / "INPUT_IMAGES" / "a_N1.tif"
    with Image.open(root / "training" / "GT_IMAGES" / "a.jpg") as target:
        values = np.full((target.height, target.width), 0.5, np.float32)
    values[3, 5] = np.nan
    Image.fromarray(values).save(victim)
    message = refused(root, tmp_path / "run")
    assert f"numbers in {victim}, but it holds pixels that are no number (NaN)" in message
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("workers", [0, 2])
def test_a_photo_that_breaks_while_a_run_is_under_way(
    refused: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """In a process of the loader as well the error is one sentence. None of the 120 is scored."""
    root = write_set(tmp_path / "set")
    monkeypatch.setattr("exposure_lab.training.validation.SCORED_PAIRS", 1)
    folder = root / "training" / "INPUT_IMAGES"
    for i in range(120):
        (folder / f"a_P2.{i:04}.jpg").write_bytes(b"broken since it was verified")
    message = refused(root, tmp_path / "run", f"data.workers={workers}", "training.batch_size=1")
    assert (
        "Expected a picture in " in message
        and "not an image file that this program can read: replace it." in message
    )
    assert (tmp_path / "run" / "history.jsonl").exists()


def test_empty_set(refused: Train, tmp_path: Path) -> None:
    root = write_set(tmp_path / "set")
    for path in (root / "training" / "INPUT_IMAGES").iterdir():
        path.unlink()
    assert "INPUT_IMAGES, but it is empty" in refused(root, tmp_path / "run")
    shutil.rmtree(root / "training")
    assert "Expected training pairs in " in refused(root, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_nothing_that_can_be_scored(refused: Train, tmp_path: Path) -> None:
    root = write_set(tmp_path / "set", held_out=(0,))
    assert "a validation pair in" in (message := refused(root, tmp_path / "run"))
    assert "at another exposure than 0, but there is none" in message
    shutil.rmtree(root / "validation")
    assert "Expected validation pairs in " in refused(root, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.parametrize("settings", [[], ["training.steps_per_epoch=0"]])
def test_one_image_and_a_batch_larger_than_the_set(
    call: Callable[..., int], tiny_overrides: Sequence[str], tmp_path: Path, settings: list[str]
) -> None:
    """Both train: passes follow each other within a batch, or the batch is what there is."""
    root, out = write_set(tmp_path / "set"), tmp_path / "run"
    settings = [*tiny_overrides, "training.batch_size=64", "training.epochs=2", *settings]
    assert call("train", "--data", root, "--out", out, *settings) == 0
    steps = len(read_history(out, "step"))
    assert steps == json.loads((out / "summary.json").read_text())["steps"]
    assert steps == (2 if "training.steps_per_epoch=0" in settings else 8)


@pytest.mark.parametrize("size", [4, 48, 100, 257])
def test_size_that_cannot_be_halved_to_one(refused: Train, tmp_path: Path, size: int) -> None:
    message = refused(tmp_path, tmp_path / "run", f"data.image_size={size}", code=2)
    assert f"a power of two from 8 up, such as 64, 128 or 256, not {size}" in message


@pytest.mark.slow
def test_checkpoint_of_another_architecture(
    refused: Train, run: Path, small_set: Path, tmp_path: Path
) -> None:
    out = copy_of(run, tmp_path)
    settings = json.loads((out / "config.json").read_text())
    settings["generator"]["width"] = 8
    (out / "config.json").write_text(json.dumps(settings))
    message = refused(small_set, out, "--resume", "generator.width=8")
    assert "Expected a generator with the layers of this run in" in message
    assert "size mismatch" in message


def test_checkpoint_of_a_newer_version(
    refused: Train, run: Path, small_set: Path, tmp_path: Path
) -> None:
    """It is whole: going on from the one before would put an older one in its place."""
    out = copy_of(run, tmp_path)
    assert len(checkpoint_folders(out)) > 1
    state = json.loads(last_state(out).read_text())
    last_state(out).write_text(json.dumps(state | {"format": 99}))
    message = refused(small_set, out, "--resume")
    assert "format 1 or older" in message and "but got 99: update exposure-lab" in message
    assert json.loads(last_state(out).read_text())["format"] == 99


@pytest.mark.parametrize(
    ("key", "value"),
    [("scaler", None), ("scaler", []), ("seconds", "long"), ("averaged", 10**30), ("step", 7)],
)
def test_checkpoint_that_lacks_something(
    run: Path, small_set: Path, tiny: RunConfig, tmp_path: Path, key: str, value: object
) -> None:
    """The one before it is gone on from, to the same end."""
    out = copy_of(run, tmp_path)
    state = json.loads(last_state(out).read_text())
    last_state(out).write_text(json.dumps({**state, key: value}))
    with pytest.warns(UserWarning, match="whole checkpoint in .*The one before it is used"):
        train(tiny, small_set, out, resume=True, quiet=True)
    assert read_history(out) == read_history(run)
    assert json.loads(last_state(out).read_text())["step"] == 12


@pytest.mark.slow
def test_checkpoint_that_a_power_cut_broke(
    command_line: Callable[..., "subprocess.CompletedProcess[str]"],
    run: Path,
    small_set: Path,
    tiny_overrides: Sequence[str],
    tmp_path: Path,
) -> None:
    """The checkpoint before it is used, and a warning says so."""
    out = copy_of(run, tmp_path)
    tensors = last_state(out).with_name("tensors.safetensors")
    tensors.write_bytes(tensors.read_bytes()[:-100])
    done = command_line("train", "--data", small_set, "--out", out, *tiny_overrides, "--resume")
    assert done.returncode == 0
    (warning,) = done.stderr.splitlines()
    assert warning.startswith(f"Warning: Expected a whole checkpoint in {tensors.parent}, but it ")
    assert warning.endswith("The one before it is used.")
    assert read_history(out) == read_history(run)


def test_folder_that_holds_a_run(
    refused: Train, run: Path, small_set: Path, tmp_path: Path
) -> None:
    assert "holds a run: go on with --resume or choose another" in refused(small_set, run)
    message = refused(small_set, run, "--resume", "generator.width=8")
    assert "but generator.width differs: resume with the same settings" in message
    out = copy_of(run, tmp_path)
    (out / "config.json").unlink()  # its checkpoints are a run's all the same
    assert "holds a run: go on with --resume" in refused(small_set, out)


@pytest.mark.parametrize("content", [None, "", '{"kind": "step", "step'])
def test_history_that_is_gone(
    refused: Train, run: Path, small_set: Path, tmp_path: Path, content: str | None
) -> None:
    out = copy_of(run, tmp_path)
    (out / "history.jsonl").unlink()
    if content is not None:
        (out / "history.jsonl").write_text(content)
    message = refused(small_set, out, "--resume")
    assert "up to step 12, but it is gone: bring history.jsonl back or train in another" in message


def test_steps_too_large(refused: Train, small_set: Path, tmp_path: Path) -> None:
    message = refused(small_set, tmp_path / "run", "optimizer.lr=1e30")
    assert "Expected finite losses and weights, but " in message
    assert (
        "lower optimizer.lr or check the data" in message
        and "no checkpoint was written yet" in message
    )
