"""A GPU day: times shared out, parts that fail or hang, and all of it rehearsed on a processor."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from benchmark_modules import BENCHMARKS, import_benchmark, report_of_day


@pytest.fixture(scope="module")
def day() -> Iterator[ModuleType]:
    yield from import_benchmark("gpu_day")


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


@pytest.mark.slow
def test_without_a_gpu_it_stops_at_once(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "gpu_day.py"), "--out", str(tmp_path / "out")]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 1
    assert "Expected a GPU" in done.stdout and "--rehearse" in done.stdout
    assert len(done.stdout.splitlines()) == 1 and not done.stderr
    assert not (tmp_path / "out").exists()


def run_day(out: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, str(BENCHMARKS / "gpu_day.py"), "--rehearse", "--out", str(out)]
    return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_all_of_it_is_rehearsed(tmp_path: Path) -> None:
    process = run_day(tmp_path, "--minutes", "20")  # a busy machine is given its time
    process.communicate(timeout=1200)
    log = (tmp_path / "gpu_day.log").read_text(encoding="utf-8")
    assert process.returncode == 0, log
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {"gpu_day.json", "gpu_day.log", "gpu_day_study.zip"}
    parts = ("data", "tests", "train", "study", "chapters")
    whole = report_of_day(tmp_path, "day")
    assert whole["skipped"] == [], log
    assert set(whole["figures"]) == {f"{part}_s" for part in parts}
    figures = {part: report_of_day(tmp_path, part)["figures"] for part in parts}
    assert figures["tests"]["failed"] == 0, report_of_day(tmp_path, "tests")["skipped"]
    assert all(bar["held"] for bar in report_of_day(tmp_path, "tests")["bars"])
    assert figures["study"]["flips_seeds"] == 2
    assert figures["train"]["gpu_pack_images_per_s"] > 0
    assert figures["train"]["cpu_time_convolution"] > 0
    assert figures["chapters"]["01_exposure_smoke_minutes"] > 0
    with zipfile.ZipFile(tmp_path / "gpu_day_study.zip") as archive:
        assert archive.namelist() == ["flips.json"]
        results = json.loads(archive.read("flips.json"))
    assert any(setting.startswith("precision=") for setting in results["overrides"])


@pytest.mark.slow
def test_a_kill_loses_the_running_part_alone(tmp_path: Path) -> None:
    process = run_day(tmp_path, "--parts", "data,tests")
    deadline = time.monotonic() + 120
    while passed_so_far(tmp_path) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert report_of_day(tmp_path, "day")["figures"]["data_s"] > 0
    figures = report_of_day(tmp_path, "tests")["figures"]
    times = [name for name in figures if name.endswith("_s")]
    assert len(times) == figures["passed"] >= 2  # those that had passed, each with its time
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def passed_so_far(out: Path) -> float:
    if not (out / "gpu_day.json").exists():
        return 0.0
    parts = json.loads((out / "gpu_day.json").read_text(encoding="utf-8"))
    return float(parts.get("tests", {"figures": {}})["figures"].get("passed", 0))
