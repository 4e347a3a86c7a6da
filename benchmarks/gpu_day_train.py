"""Part of `gpu_day.py`: the report's step, where its time goes, and a grid at 24 megapixels.

They are the parts of `train.py` and of `grid_speed.py` that want a GPU.
"""

import torch
from gpu_day_report import KeptReport, part_of_day
from gpu_day_study import TOY
from gpu_step import Ours, measure_fed, measure_gpu, where_time_goes
from grid_speed import measure_correction, picture
from torch.profiler import ProfilerActivity

from exposure_lab.data.sample.sample_set import write_sample
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import start_runtime

WHOLE_S = 180
"""Seconds below which fewer steps are timed: compiling alone may take one and a half minutes."""


def main() -> None:
    part = part_of_day("Time the training step.")
    report = KeptReport("gpu_day_train", part.out)
    data = write_sample(part.work / "sample")
    measure_gpu(report, load_profile("report"), data, part.rehearse or part.left < WHOLE_S)
    seen = load_profile("report").data
    if torch.cuda.is_available():
        measure_correction(report, PhotoFile(picture(24)), seen, "cuda")
        report.figure("gpu_memory_mb", torch.cuda.max_memory_allocated() / 1e6)
    elif part.rehearse:
        # What the machine with a GPU does beyond our own tests: a photo, fed from a pack, profiled.
        measure_correction(report, PhotoFile(picture(0.1)), seen, "cpu")
        config, runtime = load_profile("smoke", TOY), start_runtime()
        ours = Ours(config, runtime)
        measure_fed(report, ours, data, 2, runtime)
        size = config.training.batch_size, 3, config.data.image_size, config.data.image_size
        batch = [torch.rand(size) for _ in range(2)]
        where_time_goes(report, "cpu", ours.step, batch, ProfilerActivity.CPU)


if __name__ == "__main__":
    main()
