"""A GPU day: times shared out, parts that fail or hang, and all of it rehearsed on a processor."""

import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from benchmark_modules import BENCHMARKS, import_benchmark

from exposure_lab.study.experiments import find_experiment

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def day() -> Iterator[ModuleType]:
    yield from import_benchmark("gpu_day")


@pytest.fixture(scope="module")
def study() -> Iterator[ModuleType]:
    yield from import_benchmark("gpu_day_study")


def test_shares_flow_on_to_later_parts(day: ModuleType) -> None:
    shares, names = {"a": 1, "b": 1, "c": 2}, ["a", "b", "c"]
    assert day.share_of("a", 100, names, shares) == 25
    assert day.share_of("b", 90, names, shares) == 30  # a left over 15
    assert day.share_of("c", 80, names, shares) == 80
    whole = day.share_of("study", 540, list(day.SHARES)[3:], day.SHARES)
    assert whole > 240  # of nine minutes, where the parts before it have left theirs


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_part_that_fails_leaves_its_last_line(day: ModuleType, tmp_path: Path) -> None:
    ended = day.run_part(python("raise ValueError('no such photo')"), 30, tmp_path / "log")
    assert ended.why == "ended with 1: ValueError: no such photo"
    assert day.run_part(python(""), 30, tmp_path / "log").why is None


HANGS = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.slow
def test_a_part_that_hangs_is_ended_with_its_children(
    day: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day, "GRACE", 0.5)
    ended = day.run_part(python(HANGS), 2, tmp_path / "log")
    assert ended.why == "was stopped after 2 s"
    assert 2 <= ended.seconds < 10
    child = int((tmp_path / "log").read_text())
    deadline = time.monotonic() + 10  # a busy machine takes its time to bury a killed process
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)


def test_runs_are_the_reports_but_for_what_is_listed(study: ModuleType) -> None:
    asked = study.settings(False, study.STEPS, 2)
    experiment = find_experiment("flips")
    config = experiment.config("paired", 1, asked.profile, asked.overrides)
    assert (config.data.image_size, config.data.short_side) == (256, 0)
    assert config.generator.width == config.discriminator.width == config.training.batch_size == 64
    assert config.training.epochs * config.training.steps_per_epoch == study.STEPS
    for name in study.EXPERIMENTS:
        find_experiment(name).check_factor(asked.profile, asked.overrides)


def run_day(out: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, str(BENCHMARKS / "gpu_day.py"), "--rehearse", "--out", str(out)]
    return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)


def report(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    assert set(content) == {"name", "figures", "bars", "skipped", "provenance"}
    assert content["name"] == path.stem
    return dict(content)


@pytest.mark.slow
def test_all_of_it_is_rehearsed(tmp_path: Path) -> None:
    process = run_day(tmp_path, "--minutes", "20")  # a busy machine is given its time
    process.communicate(timeout=1200)
    log = (tmp_path / "gpu_day.log").read_text(encoding="utf-8")
    assert process.returncode == 0, log
    files = {path.name for path in tmp_path.iterdir()}
    parts = ("data", "tests", "train", "study", "chapters")
    assert files == {"gpu_day.json", "gpu_day.log", "gpu_day_study.zip"} | {
        f"gpu_day_{part}.json" for part in parts
    }
    assert len(files) <= 8
    whole = report(tmp_path / "gpu_day.json")
    assert whole["skipped"] == [], log
    assert set(whole["figures"]) == {f"{part}_s" for part in parts}
    reports = {part: report(tmp_path / f"gpu_day_{part}.json") for part in parts}
    assert reports["tests"]["figures"]["passed"] > 10
    assert reports["tests"]["figures"]["failed"] == 0, reports["tests"]["skipped"]
    assert reports["study"]["figures"]["flips_seeds"] == 2
    assert reports["train"]["figures"]["gpu_pack_images_per_s"] > 0
    assert reports["chapters"]["figures"]["01_exposure_smoke_minutes"] > 0
    with zipfile.ZipFile(tmp_path / "gpu_day_study.zip") as archive:
        assert archive.namelist() == ["flips.json"]


@pytest.mark.slow
def test_a_kill_loses_the_running_part_alone(tmp_path: Path) -> None:
    process = run_day(tmp_path, "--parts", "data,tests")
    deadline = time.monotonic() + 120
    written = tmp_path / "gpu_day_tests.json"
    while not written.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert report(tmp_path / "gpu_day.json")["figures"]["data_s"] > 0
    assert report(written)["figures"]["passed"] >= 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
