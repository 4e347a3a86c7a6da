"""Part of `gpu_day.py`: the study's headline experiments at the report's size, in pairs of seeds.

How long a step takes. At 256 px, width 64 and batch 64 it costs 64 x 86.9 GFLOP = 5.6 TFLOP, with D
frozen in G's turn (`gpu_step.GFLOP_PER_IMAGE`). At 20 to 40 % of the maker's dense rate that is

    H100, H200 (989 TFLOP/s in bf16)     14 to 28 ms
    T4 (65 TFLOP/s in fp16)              210 to 430 ms

Nobody has published the share that pix2pix reaches on such cards; a U-Net of another kind reached
34 % on an A100. `flips` has three arms, so two seeds are six runs. At 28 ms, 800 steps of each take
135 s of the card. Beside it the processor validates each epoch and scores each run, for about as
long as the run itself; so several processes take turns at one card, and only the first start (20 s)
and the last score (40 s) stand apart. That makes 195 s on a fast card, below four minutes. A T4
comes to one run in that time: there one asks for `--minutes 60`, or less of it by `--steps 100`.
"""

import argparse
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import torch
from gpu_day_report import LARGEST, KeptReport, Part, cores, part_of_day

from exposure_lab.files.atomic import atomic_path
from exposure_lab.files.json_files import read_json_object
from exposure_lab.runtime import start_runtime
from exposure_lab.study.experiments import find_experiment
from exposure_lab.study.plan import Settings
from exposure_lab.study.run import Study, Workers

EXPERIMENTS = ("flips", "l1", "critic", "skips", "augmentation")
"""In order of worth. Their first arms are one run, which is trained once."""

PROFILE = "report"
STEPS = 800
EPOCHS = 4
"""Validations of a run; each takes as long as 100 to 200 steps."""

SHORT_RUN = (
    # A run this short with the report's own settings has hardly begun; these are profile colab's.
    "optimizer.lr=2e-4",
    "optimizer.decay_from=0.5",
    # With the report's unpaired flips every other effect would drown in their cost.
    "data.flip=paired",
    "data.workers=2",  # the photos lie on the GPU, and workers only draw crops
)

TOY = (
    "data.image_size=16",
    "data.short_side=24",
    "generator.width=4",
    "discriminator.width=4",
    "discriminator.layers=1",
    "training.batch_size=4",
    "training.epochs=3",
    "training.steps_per_epoch=4",
)
"""Settings of the rehearsal, on top of profile smoke."""

MOST_SEEDS = 8
PROCESSES = 4
"""On one GPU, at most: one trains while others score."""

LAST_SCORE = 40.0
"""Seconds that are kept for scoring the runs that end last."""


def settings(rehearse: bool, steps: int, seeds: int) -> Settings:
    """Profile and overrides of all runs."""
    if rehearse:
        return Settings("smoke", TOY, seeds)
    length = (f"training.epochs={EPOCHS}", f"training.steps_per_epoch={-(-steps // EPOCHS)}")
    return Settings(PROFILE, (*SHORT_RUN, *length), seeds)


def workers(part: Part) -> Workers:
    """Processes on the one GPU, or this process alone where there are few processors."""
    processes = min(PROCESSES, cores() // 4) if torch.cuda.is_available() else 1
    processes = 2 if part.rehearse else processes
    reserve = min(LAST_SCORE, part.seconds / 4)
    minutes = max(0.0, part.left - reserve) / 60
    if processes < 2:
        return Workers(max_minutes=minutes)
    gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]
    threads = cores() // processes
    return Workers(gpus=(gpu,) * processes, max_minutes=minutes, threads=threads)


def keep_results(results: Path, target: Path) -> None:
    """Write the results of all experiments into one archive, whole or not at all."""
    with atomic_path(target) as temporary:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(results.glob("*.json")):
                archive.write(path, path.name)
        if temporary.stat().st_size > LARGEST:
            raise SystemExit(f"Expected results of at most {LARGEST:,} bytes: ask for fewer seeds.")


def summarize(results: Path, names: Sequence[str], report: KeptReport) -> None:
    """Put into the report how many runs there are, what they took, and how far arms lie apart."""
    seconds: dict[str, float] = {}
    for name in names:
        path = results / f"{name}.json"
        if not path.exists():
            continue
        content = read_json_object(path)
        for row in content["rows"]:
            seconds[row["settings"]] = row["seconds"]
        for figure in ("psnr", "rise"):
            if entry := content["figures"].get(figure):
                report.figure(f"{name}_{figure}", entry["value"])
                report.figure(f"{name}_seeds", entry["n"] or 1)
    report.figure("study_runs", len(seconds))
    report.figure("study_run_s", list(seconds.values()))


def main() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--steps", type=int, default=STEPS)
    own, rest = parser.parse_known_args()
    part = part_of_day("Run the headline experiments.", rest)
    report = KeptReport("gpu_day_study", part.out)
    results = part.work / "results"
    names = EXPERIMENTS[:1] if part.rehearse else EXPERIMENTS
    chosen = [find_experiment(name) for name in names]
    steps = "toy" if part.rehearse else f"{own.steps} steps of the"
    data_name = f"{steps} networks on photos at the size of the profile, not the report's set"
    print(f"precision {start_runtime().precision}, {workers(part)}")

    def keep(done: int, total: int) -> None:
        print(f"{done} of {total} runs, {part.left:.0f} s left", flush=True)
        keep_results(results, part.out / "gpu_day_study.zip")
        summarize(results, names, report)

    for seeds in range(2, 3 if part.rehearse else MOST_SEEDS + 1):
        asked = settings(part.rehearse, own.steps, seeds)
        study = Study(part.packed, results, part.work / "runs", asked, data_name)
        if not study.train(chosen, workers(part), keep):
            break
    if "study_runs" not in report.samples:
        report.skip("study_runs", "no run ended in time: ask for fewer --steps")
    for name, why in {"overrides": " ".join(asked.overrides), "profile": asked.profile}.items():
        print(f"{name}: {why}")


if __name__ == "__main__":
    main()
