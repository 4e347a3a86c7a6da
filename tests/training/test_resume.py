"""A run can be stopped anywhere and resumed to the same bits."""

import json
import os
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import torch
from runs import STEPS, assert_same_run, own_overrides, run_whole, stop

from exposure_lab.checkpoints.checkpoint import latest_checkpoint
from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.errors import FilesError, RunError
from exposure_lab.profiles.load import load_profile
from exposure_lab.provenance import data_fingerprint
from exposure_lab.training.history import read_history

STOPS = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]


@pytest.mark.slow
def test_same_settings_give_the_same_run(
    whole: Path, small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    torch.rand(3)  # what was drawn before does not matter
    run_whole(tiny, small_set, tmp_path)
    assert_same_run(tmp_path, whole)


@pytest.mark.slow
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


@pytest.mark.slow
def test_resume_forgets_what_came_after_the_checkpoint(
    whole: Path, small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    stop(tiny, small_set, tmp_path, 8)
    newest = checkpoint_folders(tmp_path)[-1] / "tensors.safetensors"
    newest.write_bytes(newest.read_bytes()[:100])  # a power cut
    with pytest.warns(UserWarning, match="The one before it is used"):
        run_whole(tiny, small_set, tmp_path, resume=True)
    assert_same_run(tmp_path, whole)


@pytest.mark.slow
def test_finished_run_resumes_to_itself(
    small_set: Path, tiny: RunConfig, tmp_path: Path, whole: Path
) -> None:
    run_whole(tiny, small_set, tmp_path)
    summary = run_whole(tiny, small_set, tmp_path, resume=True)
    assert summary["steps"] == STEPS
    assert_same_run(tmp_path, whole)


@pytest.mark.slow
def test_resume_of_a_missing_run_starts_over_and_says_so(
    whole: Path,
    small_set: Path,
    tiny: RunConfig,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_whole(tiny, small_set, tmp_path / "new", resume=True)
    stderr = capsys.readouterr().err
    assert f"No checkpoint in {tmp_path / 'new'} yet: starting from the beginning." in stderr
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
@pytest.mark.parametrize("number", STOPS)
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
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Error: Stopped at step" in stderr
    assert "Traceback" not in stderr
    done = command_line(*command, "--resume")
    assert done.returncode == 0, done.stderr
    assert_same_run(tmp_path / "run", longer)


@pytest.mark.slow
def test_a_terminal_that_is_closed_leaves_a_checkpoint(
    longer: Path, small_set: Path, tiny_overrides, command_line, tmp_path: Path
) -> None:
    """The system hangs up, and from then on refuses whatever is written to that terminal."""
    settings = ["--profile", "smoke", *tiny_overrides, LONGER]
    command = ["train", "--data", small_set, "--out", tmp_path / "run", *settings]
    pty = pytest.importorskip("pty", reason="no terminals to open here")
    terminal, end = pty.openpty()
    with subprocess.Popen(
        ["setsid", "--ctty", *command_line.program, *map(str, command)],
        stdin=end,
        stdout=end,
        stderr=end,
    ) as process:
        os.close(end)
        deadline = time.monotonic() + 60
        while not checkpoint_folders(tmp_path / "run") and time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.02)[0]:
                os.read(terminal, 4096)  # a terminal that nobody reads stops who writes
        os.close(terminal)
    assert process.returncode == 1
    reached = latest_checkpoint(tmp_path / "run").state["step"]
    assert read_history(tmp_path / "run")[-1]["step"] == reached
    assert not (tmp_path / "run" / "summary.json").exists()
    done = command_line(*command, "--resume")
    assert done.returncode == 0, done.stderr
    assert_same_run(tmp_path / "run", longer)


@pytest.mark.slow
def test_a_run_that_ignores_hang_ups_goes_on(
    small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    """As nohup has it."""
    handler = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        summary = run_whole(
            tiny, small_set, tmp_path, on_epoch=lambda row: signal.raise_signal(signal.SIGHUP)
        )
        assert summary["steps"] == STEPS
    finally:
        signal.signal(signal.SIGHUP, handler)


@pytest.mark.slow
def test_other_data_are_refused(
    whole: Path, small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    data, run = tmp_path / "data", tmp_path / "run"
    shutil.copytree(small_set, data)
    stop(tiny, data, run, 4)
    victim = next(data.glob("training/INPUT_IMAGES/*"))
    content = victim.read_bytes()
    victim.write_bytes(content + b"\0")
    left = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    with pytest.raises(
        RunError, match=r"data that .*run was trained on so far .* name the same set"
    ):
        run_whole(tiny, data, run, resume=True)
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == left
    victim.write_bytes(content)
    (data / "Thumbs.db").write_bytes(b"what a file manager leaves")
    run_whole(tiny, data, run, resume=True)
    assert_same_run(run, whole)


@pytest.mark.slow
def test_data_that_change_during_a_run_are_recorded_as_they_were(
    small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(small_set, data)
    original = data_fingerprint(data)

    def add_a_file(row: dict) -> None:
        (data / "training" / f"{row['epoch']}.txt").touch()

    summary = run_whole(tiny, data, tmp_path / "run", on_epoch=add_a_file)
    assert data_fingerprint(data) != original
    assert summary["provenance"]["data"] == original


@pytest.mark.parametrize(
    ("key", "value", "warning"),
    [
        ("threads", 2, "threads 2 then, 1 now"),
        ("precision", "bf16", "precision bf16 then, fp32 now"),
        ("device", "NVIDIA T4", "device NVIDIA T4 then, cpu now"),
        ("versions", {"torch": "2.6.0"}, r"torch 2\.6\.0 then, "),
        ("commit", "0123456789", "commit 0123456789 then, "),
    ],
)
def test_other_conditions_are_told(
    small_set: Path, tiny: RunConfig, tmp_path: Path, key: str, value: object, warning: str
) -> None:
    stop(tiny, small_set, tmp_path, 4)
    file = checkpoint_folders(tmp_path)[-1] / "state.json"
    state = json.loads(file.read_text())
    assert state["provenance"]["threads"] == 1
    state["provenance"][key] = value
    file.write_text(json.dumps(state))
    with pytest.warns(UserWarning, match=f"{warning}.* may end in other bits"):
        stop(tiny, small_set, tmp_path, 5, resume=True)


@pytest.mark.slow
def test_checkpoint_of_before_conditions_were_stored(
    whole: Path, small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    stop(tiny, small_set, tmp_path, 4)
    file = checkpoint_folders(tmp_path)[-1] / "state.json"
    state = json.loads(file.read_text())
    del state["provenance"]
    file.write_text(json.dumps(state))
    run_whole(tiny, small_set, tmp_path, resume=True)
    assert_same_run(tmp_path, whole)


def test_history_that_ends_before_the_checkpoint(
    small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    stop(tiny, small_set, tmp_path, 6)
    file = tmp_path / "history.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text(
        "".join(lines[:4]) + "[]\n" + "".join(lines[4:])
    )  # a damaged line hides the rest
    content = file.read_text()
    with pytest.raises(
        RunError, match=r"up to step 6, but it ends at step 3: bring history\.jsonl"
    ):
        run_whole(tiny, small_set, tmp_path, resume=True)
    assert file.read_text() == content


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [".DS_Store", ".nfs0000000a", "Thumbs.db", "00000099", "notes.txt"]
)
def test_a_stray_file_among_the_checkpoints_stays_and_stops_nothing(
    whole: Path, small_set: Path, tiny: RunConfig, tmp_path: Path, name: str
) -> None:
    stop(tiny, small_set, tmp_path, 4)
    stray = tmp_path / "checkpoints" / name
    stray.write_bytes(b"mine")
    run_whole(tiny, small_set, tmp_path, resume=True)
    assert stray.read_bytes() == b"mine"
    assert_same_run(tmp_path, whole)


def test_file_names_that_are_no_text(small_set: Path, tiny: RunConfig, tmp_path: Path) -> None:
    """A Latin-1 name, of a time before UTF-8, once ended runs after their last step."""
    data = tmp_path / "data"
    shutil.copytree(small_set, data)
    for split, folder, end in (
        ("training", "INPUT_IMAGES", b"_P1"),
        ("training", "GT_IMAGES", b""),
    ):
        source = next((data / split / folder).iterdir())
        target = os.fsencode(data / split / folder) + b"/caf\xe9" + end + b".jpg"
        shutil.copy(source, target)
    assert run_whole(tiny, data, tmp_path / "run")["steps"] == STEPS


def test_a_folder_of_somebody_else_is_left_alone(
    small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    for resume in (False, True):
        with pytest.raises(FilesError, match=r"holds other files, such as thesis\.tex"):
            run_whole(tiny, small_set, tmp_path, resume=resume)
    assert os.listdir(tmp_path) == ["thesis.tex"]


@pytest.mark.parametrize("content", ["[]", "null", "{", "3"])
def test_settings_that_are_damaged_are_not_replaced(
    small_set: Path, tiny: RunConfig, tmp_path: Path, content: str
) -> None:
    stop(tiny, small_set, tmp_path, 4)
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(FilesError, match=r"Expected .*JSON.* in .*config\.json"):
        run_whole(tiny, small_set, tmp_path, resume=True)
    assert (tmp_path / "config.json").read_text() == content


def test_a_checkpoint_just_written_outlives_damaged_later_ones(
    small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    stop(tiny, small_set, tmp_path, 4)
    (first,) = checkpoint_folders(tmp_path)
    for name in ("00000008", "00000009"):
        damaged = Path(shutil.copytree(first, first.with_name(name)))
        (damaged / "tensors.safetensors").write_bytes(b"damaged")
    with pytest.warns(UserWarning, match="The one before it is used"):
        stop(tiny, small_set, tmp_path, 6, resume=True)
    assert [int(path.name) for path in checkpoint_folders(tmp_path)] == [4, 6, 8, 9]
