"""Several processes train as one would, and write as one."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from exposure_lab.checkpoints.checkpoint import latest_checkpoint
from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.errors import ConfigError
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import Runtime
from exposure_lab.training.history import read_history
from exposure_lab.training.trainer import train

SAME = ("generator.norm=instance", "generator.dropout=0", "discriminator.norm=instance")
"""With these no layer looks at more than one picture, so shares add up to the whole."""

ONE_STEP = """
import json, sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from exposure_lab.data.loading.loader import Batch, BatchPlan
from exposure_lab.data.pairs import find_pairs
from exposure_lab.data.loading.dataset import PairedImages
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import start_runtime, unwrap
from exposure_lab.training.gan import GAN

out, data, sizes, *overrides = sys.argv[1:]
torch.set_num_threads(1)
config = load_profile("smoke", overrides)
runtime = start_runtime("fp32", "cpu")
photos = PairedImages(find_pairs(data, "training"), config.data, 0)
for size in json.loads(sizes):
    torch.manual_seed(0)
    gan = GAN.build(config, runtime)
    items = BatchPlan(len(photos), size, 0, 1).batch(0)
    share = runtime.local_share(items)
    batch = Batch(*(torch.stack(side) for side in zip(*(photos[i] for i in share))))
    gan.step(batch, runtime.loss_weight(len(items)))
    grads = {
        f"{name}/{key}": parameter.grad.contiguous()
        for name in ("generator", "discriminator")
        for key, parameter in unwrap(getattr(gan, name)).named_parameters()
    }
    save_file(grads, Path(out) / f"rank{runtime.rank}_batch{size}.safetensors")
"""


CLI = "import sys; from exposure_lab.cli.main import main; sys.argv[0] = 'exposure-lab'; main()"


def start(*arguments: object) -> "subprocess.Popen[str]":
    """Start torchrun as a terminal does: in a group of processes that gets its signals."""
    command = [sys.executable, "-m", "torch.distributed.run", *map(str, arguments)]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )


def torchrun(processes: int, *arguments: object) -> None:
    """Run a command in several processes on this machine."""
    process = start("--standalone", f"--nproc-per-node={processes}", *arguments)
    stderr = process.communicate(timeout=300)[1]
    assert process.returncode == 0, stderr[-3000:]
    assert "Warning: " not in stderr, stderr[-3000:]


@pytest.mark.slow
def test_gradients_are_those_of_one_process(
    small_set: Path, tiny_overrides: tuple[str, ...], tmp_path: Path
) -> None:
    sizes = [4, 5, 1]  # equal shares, unequal ones, and none for the second process
    script = tmp_path / "one_step.py"
    script.write_text(ONE_STEP)
    for processes in (1, 2):
        (tmp_path / str(processes)).mkdir()
        out = tmp_path / str(processes)
        torchrun(processes, script, out, small_set, json.dumps(sizes), *tiny_overrides, *SAME)
    for size in sizes:
        alone = load_file(tmp_path / "1" / f"rank0_batch{size}.safetensors")
        first, second = (
            load_file(tmp_path / "2" / f"rank{rank}_batch{size}.safetensors") for rank in (0, 1)
        )
        for key, expected in alone.items():
            assert torch.equal(first[key], second[key]), key
            scale = float(expected.abs().max())
            assert torch.allclose(first[key], expected, rtol=1e-3, atol=1e-4 * scale), key


@pytest.mark.slow
def test_a_run_of_two_is_resumed_by_one(
    small_set: Path, tiny_overrides: tuple[str, ...], tmp_path: Path
) -> None:
    run, settings = tmp_path / "run", [*tiny_overrides, *SAME]
    script = tmp_path / "cli.py"
    script.write_text(CLI)
    command = ["train", "--data", small_set, "--out", run, "--profile", "smoke", *settings]
    torchrun(2, script, *command)
    assert sorted(path.name for path in run.iterdir() if not path.name.startswith(".")) == [
        "checkpoints",
        "config.json",
        "curves.png",
        "history.jsonl",
        "summary.json",
        "validation",
    ]
    assert [row["step"] for row in read_history(run, "step")] == list(range(1, 13))
    assert [row["epoch"] for row in read_history(run, "epoch")] == [0, 1, 2, 3]
    checkpoint = latest_checkpoint(run)
    assert checkpoint is not None
    assert not any("module." in key for key in checkpoint.tensors)

    # Back to the end of the second epoch, and on from there in one process.
    last = checkpoint_folders(run)[-1]
    for path in last.iterdir():
        path.unlink()
    last.rmdir()
    (run / "summary.json").unlink()
    config = load_profile("smoke", settings)
    with pytest.warns(UserWarning, match="processes 2 then, 1 now"):
        summary = train(config, small_set, run, resume=True, quiet=True)
    assert summary["steps"] == 12
    assert json.loads((run / "summary.json").read_text())["steps"] == 12
    again = latest_checkpoint(run)
    assert again is not None
    for key, tensor in checkpoint.tensors.items():
        if key.startswith("generator/"):  # not bitwise: sums are taken in another order
            assert torch.allclose(tensor, again.tensors[key], atol=2e-2), key


@pytest.mark.slow
def test_two_processes_fall_back_to_one_checkpoint(
    small_set: Path, tiny_overrides: tuple[str, ...], tmp_path: Path
) -> None:
    """The history ends between two checkpoints, and the first process cuts it shorter still."""
    run, script = tmp_path / "run", tmp_path / "cli.py"
    script.write_text(CLI)
    command = [script, "train", "--data", small_set, "--out", run, "--profile", "smoke", "--resume"]
    command += [*tiny_overrides, *SAME]
    torchrun(2, *command)
    history = run / "history.jsonl"
    kept = [line for line in history.read_text().splitlines() if json.loads(line)["step"] <= 9]
    history.write_text("\n".join(kept) + "\n")
    process = start("--standalone", "--nproc-per-node=2", *command)
    stderr = process.communicate(timeout=300)[1]
    assert process.returncode == 0, stderr[-3000:]
    passed_over = f"reaches {run / 'checkpoints' / '00000012'}, but it ends at step 9: "
    assert stderr.count(passed_over) == 2, stderr[-3000:]
    assert [row["step"] for row in read_history(run, "step")] == list(range(1, 13))
    assert [row["epoch"] for row in read_history(run, "epoch")] == [0, 1, 2, 3]


@pytest.mark.posix("groups of processes")
@pytest.mark.slow
def test_ctrl_c_stops_two_processes_at_one_step(
    small_set: Path, tiny_overrides: tuple[str, ...], tmp_path: Path
) -> None:
    """The terminal sends it to all of them, and torchrun sends it to them once more."""
    run, script = tmp_path / "run", tmp_path / "cli.py"
    script.write_text(CLI)
    settings = [*tiny_overrides, *SAME, "training.epochs=5000"]
    command = ["train", "--data", small_set, "--out", run, "--profile", "smoke", *settings]
    process = start("--standalone", "--nproc-per-node=2", script, *command)
    deadline = time.monotonic() + 120
    while not checkpoint_folders(run) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    stderr = process.communicate(timeout=120)[1]
    stopped = re.findall(r"Error: Stopped at step (\d+) of 20000: its checkpoint is in", stderr)
    assert len(stopped) == 2 and len(set(stopped)) == 1, stderr[-3000:]
    checkpoint = latest_checkpoint(run)
    assert checkpoint is not None and checkpoint.state["step"] == int(stopped[0])
    assert read_history(run, "step")[-1]["step"] == int(stopped[0])


@pytest.mark.slow
def test_two_machines(small_set: Path, tiny_overrides: tuple[str, ...], tmp_path: Path) -> None:
    """The command of the page on large runs, given twice on this one."""
    run, script = tmp_path / "run", tmp_path / "cli.py"
    script.write_text(CLI)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = "--nnodes 2 --nproc-per-node 1 --rdzv-backend c10d --rdzv-id two".split()
    command += ["--local-addr", "localhost"]
    command += ["--rdzv-endpoint", f"localhost:{port}", str(script), "train"]
    command += ["--data", str(small_set)]
    command += ["--out", str(run), "--profile", "smoke", "--resume", *tiny_overrides, *SAME]
    both = [start(*command) for _ in range(2)]
    stderrs = [process.communicate(timeout=300)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], stderrs
    assert json.loads((run / "summary.json").read_text())["steps"] == 12
    assert [row["step"] for row in read_history(run, "step")] == list(range(1, 13))


def test_shares_cover_a_batch_and_weigh_alike() -> None:
    batch = [(0, i) for i in range(11)]
    processes = [Runtime(torch.device("cpu"), "fp32", rank, 4) for rank in range(4)]
    assert sorted(item for process in processes for item in process.local_share(batch)) == batch
    assert sum(process.loss_weight(11) for process in processes) == pytest.approx(4)
    assert [process.loss_weight(11) for process in processes] == pytest.approx(
        [12 / 11] * 3 + [8 / 11]
    )
    lonely = Runtime(torch.device("cpu"), "fp32", 3, 4)
    assert lonely.local_share(batch[:2]) == batch[:1] and lonely.loss_weight(2) == 0


def test_sync_batchnorm_wants_gpus() -> None:
    runtime = Runtime(torch.device("cpu"), "fp32", 0, 2)
    with pytest.raises(ConfigError, match=r"GPUs for training\.sync_batchnorm, but .* cpu"):
        runtime.wrap(torch.nn.Linear(1, 1), sync_batchnorm=True)


def test_each_process_drops_out_other_units(tiny: RunConfig) -> None:
    drawn = []
    for rank in range(3):
        torch.manual_seed(tiny.seed)
        Runtime(torch.device("cpu"), "fp32", rank, 3).seed(tiny.seed, step=4)
        drawn.append(torch.rand(4).tolist())
    assert len({tuple(numbers) for numbers in drawn}) == 3
