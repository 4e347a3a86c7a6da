"""Parts of a GPU day: reports side by side, what fails or is long, runs that fit into the time."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
from benchmark_modules import BENCHMARKS, import_benchmark, report_of_day
from tiny_run import TINY
from torch.profiler import ProfilerActivity

from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import Runtime
from exposure_lab.study.train_arm import settings_hash


@pytest.fixture(scope="module")
def study() -> Iterator[ModuleType]:
    yield from import_benchmark("gpu_day_study")


@pytest.fixture(scope="module")
def kept() -> Iterator[ModuleType]:
    yield from import_benchmark("gpu_day_report")


@pytest.fixture(scope="module")
def chapters() -> Iterator[ModuleType]:
    yield from import_benchmark("gpu_day_chapters")


@pytest.fixture(scope="module")
def step() -> Iterator[ModuleType]:
    yield from import_benchmark("gpu_step")


def test_each_part_writes_beside_the_others(kept: ModuleType, tmp_path: Path) -> None:
    kept.KeptReport("data", tmp_path).figure("render_s", 2.0)
    kept.KeptReport("tests", tmp_path).figure("passed", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["gpu_day.json"]
    assert report_of_day(tmp_path, "data")["figures"] == {"render_s": 2.0}
    assert report_of_day(tmp_path, "tests")["figures"] == {"passed": 1}
    assert kept.known_figure(tmp_path, "data", "render_s") == 2.0
    assert kept.known_figure(tmp_path, "train", "render_s") is None
    kept.forget_reports(tmp_path, ["data"])  # another day begins
    assert kept.known_figure(tmp_path, "data", "render_s") is None
    assert kept.known_figure(tmp_path, "tests", "passed") == 1


def test_what_fails_or_is_cut_off_leaves_the_reason(kept: ModuleType, tmp_path: Path) -> None:
    measured = kept.KeptReport("train", tmp_path)
    measured.figure("eager", 1.0)
    with measured.attempt("compiled"):
        (cut,) = report_of_day(tmp_path, "train")["skipped"]  # as a kill here would leave it
        assert cut["why"] == "was begun, and had not ended when the time was over"
        raise RuntimeError("no compiler\nand a page of more")
    with measured.attempt("time"):
        measured.figure("time_adam", 0.5)
    whole = report_of_day(tmp_path, "train")
    assert whole["figures"] == {"eager": 1.0, "time_adam": 0.5}
    assert whole["skipped"] == [{"figure": "compiled", "why": "failed: RuntimeError: no compiler"}]


def test_a_figure_that_was_measured_anew_is_judged_anew(kept: ModuleType, tmp_path: Path) -> None:
    measured = kept.KeptReport("train", tmp_path)
    for minutes in (40.0, 20.0):
        measured.figure("minutes", minutes)
        measured.bar("minutes", "<=", 25)
    assert [bar["held"] for bar in report_of_day(tmp_path, "train")["bars"]] == [True]


def test_a_whole_run_goes_by_the_quickest_fed_step(
    step: ModuleType, kept: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "device_name", lambda device: "NVIDIA H200")
    ours = step.Ours(load_profile("smoke", TINY), Runtime(torch.device("cpu"), "fp32"))
    measured = kept.KeptReport("train", tmp_path)
    step.measure_whole_run(measured, ours)
    assert measured.skipped == {"report_run_minutes": "no step was fed from a pack"}
    for name, rate, minutes in (("pack", 1000.0, 44.19), ("compiled_pack", 2000.0, 22.09)):
        measured.figure(f"gpu_{name}_images_per_s", rate)
        step.measure_whole_run(measured, ours)
        found = report_of_day(tmp_path, "train")
        assert found["figures"]["report_run_minutes"] == pytest.approx(minutes, abs=0.01)
        assert [bar["held"] for bar in found["bars"]] == [minutes < 25]
    # 2,000 pictures of 86.9 GFLOP a second, of 989 TFLOP/s.
    assert found["figures"]["gpu_share_of_peak"] == pytest.approx(0.1757, abs=1e-4)
    assert not found["skipped"]


def test_a_profiler_that_saw_nothing_is_skipped(
    step: ModuleType, kept: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blind:
        def __init__(self, **options: object) -> None: ...

        def __enter__(self) -> "Blind":
            return self

        def __exit__(self, *error: object) -> None: ...

        def key_averages(self) -> list[object]:
            return []

    monkeypatch.setattr(step, "profile", Blind)
    measured = kept.KeptReport("train", tmp_path)
    step.where_time_goes(measured, "gpu", lambda *batch: None, [], ProfilerActivity.CPU)
    (skipped,) = report_of_day(tmp_path, "train")["skipped"]
    assert skipped["figure"] == "gpu_time" and "saw no operation" in skipped["why"]
    assert step.shares({"triton_x": 1.0, "aten::cat": 3.0})["copies"] == 0.75


RECORDED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from gpu_day_report import KeptReport
from gpu_day_tests import run_tests
sys.exit(run_tests([*map(Path, sys.argv[3:])], KeptReport("tests", Path(sys.argv[2]))))
"""


@pytest.mark.slow
def test_a_test_file_that_cannot_be_read_costs_no_other(tmp_path: Path) -> None:
    broken, good = tmp_path / "test_broken.py", tmp_path / "test_good.py"
    broken.write_text("import no_such_module_anywhere\n")
    marked = "import pytest\npytestmark = pytest.mark.gpu\n"
    good.write_text(f"{marked}def test_good(): ...\ndef test_skipped(): pytest.skip('no bf16')\n")
    command = [sys.executable, "-c", RECORDED, BENCHMARKS, tmp_path, broken, good]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    tests = report_of_day(tmp_path, "tests")
    assert (tests["figures"]["passed"], tests["figures"]["failed"]) == (1, 1)
    broken_why, skipped_why = (one["why"] for one in tests["skipped"])
    assert broken_why.startswith("could not be collected: ModuleNotFoundError: No module named")
    assert "no bf16" in skipped_why
    assert not any(bar["held"] for bar in tests["bars"])  # one failed, and too few passed


@pytest.mark.slow
def test_a_long_chapter_leaves_time_to_the_next(
    chapters: ModuleType, kept: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = tmp_path / "cells.py"
    stub.write_text(
        "import json, os, sys, time\n"
        "assert os.environ['TORCHINDUCTOR_CACHE_DIR'].startswith(os.path.dirname(sys.argv[3]))\n"
        "time.sleep(60 * (sys.argv[1].endswith('long.ipynb')))\n"
        "open(sys.argv[3], 'w').write(json.dumps({'seconds': 6, 'memory_mb': 7}))\n"
    )
    monkeypatch.setattr(chapters, "CELLS", stub)
    measured = kept.KeptReport("chapters", tmp_path)
    measured.keep()  # which asks git for the commit
    part = kept.Part(tmp_path, tmp_path, 8, None, True)
    for name in ("01_long.ipynb", "02_short.ipynb"):
        chapters.run_chapter(tmp_path / name, "smoke", part, measured)
    assert 0 < part.left <= 4
    (skipped,) = report_of_day(tmp_path, "chapters")["skipped"]
    assert skipped["figure"] == "01_long_smoke_minutes"
    assert skipped["why"] == "did not end in 4 s, 50% of what was left"
    assert report_of_day(tmp_path, "chapters")["figures"]["02_short_smoke_minutes"] == 0.1


def test_runs_are_the_reports_but_for_what_is_listed(study: ModuleType) -> None:
    asked = study.settings(False, study.STEPS, 2)
    firsts = set()
    for name in study.EXPERIMENTS:
        experiment = study.experiment_of_day(name)
        experiment.check_factor(asked.profile, asked.overrides)
        for arm in experiment.arms:
            config = experiment.config(arm, 1, asked.profile, asked.overrides)
            assert (config.data.image_size, config.data.short_side) == (256, 0)
            width = config.generator.width
            assert width == config.discriminator.width == config.training.batch_size == 64
            assert config.training.epochs * config.training.steps_per_epoch == study.STEPS
            assert config.training.compile == "off"
            assert config.precision in ("fp32", "bf16", "fp16")  # and so told by the results
        first = next(iter(experiment.arms))
        firsts.add(settings_hash(experiment.config(first, 1, asked.profile, asked.overrides)))
    assert len(firsts) == 1  # trained once


def test_two_seeds_of_the_first_experiments_fit(study: ModuleType) -> None:
    """At a fifth of the card's rate, in what the part gets of nine minutes."""
    steps = study.steps_that_fit(200, 0.028, 8)
    assert 400 <= steps < 500
    # Eight runs that take turns, the start, two validations, and the scores at the end.
    assert 20 + 8 * steps * 0.028 * 1.3 + 2 * 6 + 40 <= 200
    assert study.steps_that_fit(200, 0.014, 8) == study.STEPS
    assert study.steps_that_fit(100, 0.3, 1) == study.FEWEST_STEPS


def test_steps_follow_from_the_speed_that_was_measured(
    study: ModuleType, kept: ModuleType, tmp_path: Path
) -> None:
    assert study.measured_step_s(tmp_path) == study.STEP_S
    measured = kept.KeptReport("train", tmp_path)
    measured.figure("gpu_eager_images_per_s", 6400)
    assert study.measured_step_s(tmp_path) == pytest.approx(0.01)  # 64 pictures a step
    measured.figure("gpu_pack_images_per_s", 3200)  # fed as in a run
    assert study.measured_step_s(tmp_path) == pytest.approx(0.02)
