"""Part of `gpu_day.py`: the study's headline experiments at the report's size, in pairs of seeds.

How long a step takes. At 256 px, width 64 and batch 64 it costs 64 x 86.9 GFLOP = 5.6 TFLOP, with D
frozen in G's turn (`gpu_step.GFLOP_PER_IMAGE`). At 20 to 40 % of the maker's dense rate that is

    H100, H200 (989 TFLOP/s in bf16)     14 to 28 ms
    T4 (65 TFLOP/s in fp16)              210 to 430 ms

Nobody has published the share that pix2pix reaches on such cards; a U-Net of another kind reached
34 % on an A100. What the part before this one measured is taken, and 28 ms where it did not.

What fits. Two seeds of `flips` are six runs, since it has three arms. `critic` shares one of them,
so that two seeds of both are eight runs. They are trained all at once, so that one's steps fill the
card while another one's processor validates, and that all are scored at the same time:

    start of the processes, cuDNN's choice of kernels                     20 s
    8 runs x 438 steps x 28 ms, and 30 % more since they take turns      128 s
    two validations and checkpoints                                       12 s
    scoring 300 pictures at about a tenth of a second, in each process    40 s
                                                                         ----- 200 s

So the number of steps follows from the time that there is: 800 at most, which 14 ms allow, and
then there is time left. It goes to one more experiment after the other, and last to more seeds, as
long as the next ones would still end. A T4 has room for one process, and comes to no pair in that
time: there one asks for `--minutes 60`.
"""

import argparse
import os
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from gpu_day_report import LARGEST, KeptReport, Part, cores, known_figure, part_of_day

from exposure_lab.errors import ExposureLabError
from exposure_lab.files.atomic import atomic_path
from exposure_lab.files.json_files import read_json_object
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import start_runtime
from exposure_lab.study.experiments import Experiment, find_experiment
from exposure_lab.study.plan import Settings, plan_runs
from exposure_lab.study.run import Study, Workers

EXPERIMENTS = ("flips", "critic", "l1", "skips", "augmentation")
"""In order of worth. Their first arms are one run, which is trained once."""

FIRST = EXPERIMENTS[:2]
"""Those that the number of steps is chosen for."""

PROFILE = "report"
STEPS = 800
FEWEST_STEPS = 100
EPOCHS = 2
"""Validations of a run. After each the library writes a checkpoint of 686 MB, and no setting turns
that off."""

SHORT_RUN = (
    # A run this short with the report's own settings has hardly begun; these are profile colab's.
    "optimizer.lr=2e-4",
    "optimizer.decay_from=0.5",
    # With the report's unpaired flips every other effect would drown in their cost.
    "data.flip=paired",
    # The photos lie on the GPU, and drawing crops takes a run's processor less than its steps.
    "data.workers=0",
    # Each process would compile for a minute, and all of them at once for longer.
    "training.compile=off",
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
PROCESSES = 8
"""On one GPU, at most."""
PROCESS_BYTES = 14e9
"""Of the GPU's memory, for one run: 5 GB for what a step keeps, 1 GB for weights and moments, and
what cuDNN works in."""

STEP_S = 0.028
TURNS = 1.3
"""What processes lose that take turns at one GPU, with something to spare: if the time were over
before the first runs are, none of them would count."""
START = 20.0
VALIDATION = 6.0
LAST_SCORE = 40.0
"""Seconds that are kept for scoring the runs that end last."""


def experiment_of_day(name: str) -> Experiment:
    """An experiment with runs as long as all others of the day: `l1` asks for three times that."""
    experiment = find_experiment(name)
    common = {key: value for key, value in experiment.common.items() if key != "training.epochs"}
    return experiment.model_copy(update={"common": common})


def settings(rehearse: bool, steps: int, seeds: int) -> Settings:
    """Profile and overrides of all runs, the precision among them, so that results tell it."""
    precision = f"precision={start_runtime().precision}"
    if rehearse:
        return Settings("smoke", (*TOY, precision), seeds)
    length = (f"training.epochs={EPOCHS}", f"training.steps_per_epoch={-(-steps // EPOCHS)}")
    return Settings(PROFILE, (*SHORT_RUN, *length, precision), seeds)


def steps_that_fit(seconds: float, step_s: float, processes: int) -> int:
    """Steps of a run with which two seeds of the first experiments end within so many seconds.

    Args:
        seconds: that the part has.
        step_s: seconds of one step, alone on the GPU.
        processes: runs at a time.
    """
    asked = settings(False, STEPS, 2)
    runs = len({run.settings for run in plan_runs(list(map(experiment_of_day, FIRST)), asked)})
    waves = -(-runs // processes)
    training = seconds - START - waves * (EPOCHS * VALIDATION + LAST_SCORE)
    steps = int(training / (runs * step_s * (TURNS if processes > 1 else 1)))
    return max(FEWEST_STEPS, min(STEPS, steps)) // EPOCHS * EPOCHS


def measured_step_s(out: Path) -> float:
    """Seconds of one step: as the part before this one measured it, else `STEP_S`."""
    rates = [known_figure(out, "train", f"gpu_{how}_images_per_s") for how in ("pack", "eager")]
    rate = next(filter(None, rates), None)
    return load_profile(PROFILE).training.batch_size / rate if rate else STEP_S


def stages(rehearse: bool) -> Iterator[tuple[int, Sequence[str]]]:
    """Seeds and experiments, in order of worth; what one stage has done is not done again."""
    if rehearse:
        yield 2, EXPERIMENTS[:1]
        return
    yield 2, FIRST
    for seeds in range(2, MOST_SEEDS + 1):
        yield seeds, EXPERIMENTS


def processes_at_once(rehearse: bool) -> int:
    """Processes on the one GPU, as its memory and the processors allow; else this one alone."""
    if rehearse:
        return 2
    if not torch.cuda.is_available():
        return 1
    memory = torch.cuda.get_device_properties(0).total_memory
    return max(1, min(PROCESSES, cores() // 2, int(memory / PROCESS_BYTES)))


def workers(part: Part, processes: int) -> Workers:
    """Processes of the study, and the time that they may train for."""
    reserve = min(LAST_SCORE, part.seconds / 4)
    minutes = max(0.0, part.left - reserve) / 60
    if processes < 2:
        return Workers(max_minutes=minutes)
    gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]
    threads = max(1, cores() // processes)
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
    parser.add_argument("--steps", type=int)
    own, rest = parser.parse_known_args()
    part = part_of_day("Run the headline experiments.", rest)
    report = KeptReport("study", part.out)
    results = part.work / "results"
    processes, step_s = processes_at_once(part.rehearse), measured_step_s(part.out)
    steps = own.steps or steps_that_fit(part.left, step_s, processes)
    length = "toy" if part.rehearse else f"{steps} steps of the"
    data_name = f"{length} networks on photos at the size of the profile, not the report's set"
    if not part.rehearse:
        report.figure("study_steps", steps)
    print(f"{processes} at a time, {steps} steps of {1000 * step_s:.0f} ms")

    def keep(done: int, total: int) -> None:
        print(f"{done} of {total} runs, {part.left:.0f} s left", flush=True)
        keep_results(results, part.out / "gpu_day_study.zip")
        summarize(results, EXPERIMENTS, report)

    took = 0.0
    for seeds, names in stages(part.rehearse):
        if part.left < took:
            break  # it would be cut, and the chapters have use for the time
        asked, begun = settings(part.rehearse, steps, seeds), part.left
        chosen = [experiment_of_day(name) for name in names]
        study = Study(part.packed, results, part.work / "runs", asked, data_name)
        try:
            if not study.train(chosen, workers(part, processes), keep):
                break
        except ExposureLabError as error:
            report.skip(f"some runs of {seeds} seeds", str(error))
        took = begun - part.left
    if "study_runs" not in report.samples:
        report.skip("study_runs", "no run ended in time: ask for fewer --steps")
    print(f"profile: {asked.profile}\noverrides: {' '.join(asked.overrides)}")


if __name__ == "__main__":
    main()
