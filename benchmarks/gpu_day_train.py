"""Part of `gpu_day.py`: the report's step, where its time goes, and a grid at 24 megapixels.

They are the parts of `train.py` and of `grid_speed.py` that want a GPU. What always ends comes
first: the profiler, and a step that is compiled for a minute, may fail or outlast the part.
"""

from gpu_day_report import KeptReport, part_of_day
from gpu_day_study import TOY
from gpu_step import (
    measure_last,
    measure_step,
    measure_whole_run,
    skip_without_gpu,
    where_time_goes,
)
from grid_speed import measure_correction, picture
from torch import cuda
from torch.profiler import ProfilerActivity

from exposure_lab.data.sample.sample_set import write_sample
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.profiles.load import load_profile

STEPS = 30
"""Of a repetition. Three figures take 6 x 30 steps each, 15 s at 28 ms a step; with start, loader
and grid about 40 s. Of nine minutes this part has about 95 s, and compiling gets the rest."""

FEW_STEPS = 10
WHOLE_S = 60.0
"""Seconds below which only a few steps are timed."""


def main() -> None:
    part = part_of_day("Time the training step.")
    report = KeptReport("train", part.out)
    data = write_sample(part.work / "sample")
    config = load_profile("report")
    few = part.rehearse or part.left < WHOLE_S
    steps = FEW_STEPS if few else STEPS
    if not skip_without_gpu(report):
        ours = measure_step(report, config, data, steps)
        measure_whole_run(report, ours)
        with report.attempt("cuda_s"):
            measure_correction(report, PhotoFile(picture(24)), config.data, "cuda")
        report.figure("gpu_memory_mb", cuda.max_memory_allocated() / 1e6)
        measure_last(report, ours, data, steps)
    elif part.rehearse:
        # All but the compiler, whose own code for a processor takes minutes.
        ours = measure_step(report, load_profile("smoke", TOY), data, 2)
        measure_correction(report, PhotoFile(picture(0.1)), config.data, "cpu")
        where_time_goes(report, "cpu", ours.step, ours.random_batch(), ProfilerActivity.CPU)


if __name__ == "__main__":
    main()
