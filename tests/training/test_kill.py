"""kill -9 at any moment loses no more than the steps since the last checkpoint."""

import subprocess
import sys
from pathlib import Path

import pytest
from runs import assert_same_run, run_whole

from exposure_lab.profiles.load import load_profile

KILLS = 20

CHILDREN = """
import os, random, signal, sys, time, warnings
from pathlib import Path
import torch
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import start_runtime
from exposure_lab.training.trainer import train

data, run, seed, kills, *overrides = sys.argv[1:]
torch.set_num_threads(1)
warnings.simplefilter("ignore")
config, runtime = load_profile("smoke", overrides), start_runtime("fp32", "cpu")
draw, killed, writing = random.Random(int(seed)), 0, 0
# Torch is loaded once, here; each child starts training at once.
while True:
    child = os.fork()
    if child == 0:
        train(config, data, run, resume=True, quiet=True, runtime=runtime)
        os._exit(0)
    if killed < int(kills):
        started = time.monotonic()
        moment = started + draw.uniform(0.05, 0.6)
        in_writing = killed % 2 == 1  # every second one in the middle of writing a checkpoint
        while time.monotonic() < (started + 5 if in_writing else moment):
            if in_writing and list(Path(run).glob("checkpoints/.exposure-lab-*/*")):
                writing += 1
                break
            if os.waitpid(child, os.WNOHANG)[0]:
                child = 0
                break
            time.sleep(0.0005)
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            killed += 1
            continue
        break
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    break
print(killed, writing)
"""


@pytest.mark.slow
def test_killed_twenty_times_the_run_ends_in_the_same_bits(
    small_set: Path, tiny_overrides: tuple[str, ...], tmp_path: Path
) -> None:
    overrides = [*tiny_overrides, "training.epochs=60", "training.steps_per_epoch=2"]
    run_whole(load_profile("smoke", overrides), small_set, tmp_path / "whole")
    script = tmp_path / "children.py"
    script.write_text(CHILDREN)
    command = [sys.executable, script, small_set, tmp_path / "run", 1, KILLS, *overrides]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-3000:]
    killed, writing = map(int, done.stdout.split())
    assert killed >= 10 and writing >= 3, done.stdout
    assert_same_run(tmp_path / "run", tmp_path / "whole")
    assert not list((tmp_path / "run" / "checkpoints").glob(".*"))
