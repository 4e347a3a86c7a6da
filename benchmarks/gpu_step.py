"""What `train.py` measures where there is a GPU: the report's step, and where its time goes."""

import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from statistics import median

import torch
from common import Report
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.dataset import PairedImages
from exposure_lab.data.loading.gpu_resident import ResidentPhotos
from exposure_lab.data.loading.loader import Batch, BatchPlan, load_batches
from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.data.packing import pack
from exposure_lab.runtime import Runtime, start_runtime
from exposure_lab.training.gan import GAN

Step = Callable[[Tensor, Tensor], object]

GFLOP_PER_IMAGE = 86.9
"""Of one step on 256 px at width 64, D frozen in G's turn: counted by torch's FlopCounterMode."""

PEAK_BF16_TFLOPS = {"H100": 989.0, "H200": 989.0, "A100": 312.0, "L4": 121.0}
"""Dense, from the makers' data sheets; by a part of the GPU's name."""

REPORT_PASSES = 17_675 * 150

FIGURES = (
    "gpu_eager_images_per_s",
    "gpu_compiled_images_per_s",
    "gpu_pack_images_per_s",
    "gpu_loader_images_per_s",
    "gpu_share_of_peak",
    "report_run_minutes",
)

KINDS = {  # in this order: a kernel is of the first kind whose word is in its name
    "fused": ("triton",),
    "adam": ("adam", "multi_tensor"),
    "normalisation": ("batch_norm", "bn_fw", "bn_bw", "native_batch"),
    "copies": ("memcpy", "memset", "copy", "cat"),
    "convolution": ("conv", "xmma", "cutlass", "gemm", "cudnn", "wgrad", "dgrad", "fprop"),
}
"""What a kernel or an operation does, by words in its name; the rest is pointwise for the most."""


class Ours:
    """Our step as a run takes it."""

    def __init__(self, config: RunConfig, runtime: Runtime) -> None:
        self.config, self.runtime = config, runtime
        self.gan = GAN.build(config, runtime)

    def step(self, real_input: Tensor, real_target: Tensor) -> None:
        real_input, real_target = self.runtime.to_device([real_input, real_target])
        self.gan.step(Batch(real_input, real_target))


def measure_gpu(report: Report, config: RunConfig, data: Path, quick: bool) -> None:
    """The report's step on a GPU: from batches that lie there, and fed as in a run.

    Args:
        report: takes the figures, and what was skipped.
        config: the report's settings.
        data: a set in MSEC layout; its photos are seen over and over again.
        quick: fewer steps.
    """
    if not torch.cuda.is_available():
        for figure in FIGURES:
            report.skip(figure, "this machine has no GPU")
        return
    runtime = start_runtime()
    steps = 10 if quick else 60
    size = config.training.batch_size
    still = [torch.rand(size, 3, 256, 256, device=runtime.device) * 2 - 1 for _ in range(2)]
    for name, switch in (("eager", "off"), ("compiled", "on")):
        training = config.training.model_copy(update={"compile": switch})
        ours = Ours(config.model_copy(update={"training": training}), runtime)
        rates = [timed(ours.step, repeat(still, steps), steps, size) for _ in range(6)]
        report.figure(f"gpu_{name}_images_per_s", rates[1:])  # the first compiles and warms up
    measure_fed(report, ours, data, steps, runtime)
    where_time_goes(report, "gpu", ours.step, still, ProfilerActivity.CUDA)
    best = median(report.samples["gpu_pack_images_per_s"])
    report.figure("report_run_minutes", REPORT_PASSES / best / 60)
    report.bar("report_run_minutes", "<=", 25)
    device = torch.cuda.get_device_name()
    peak = next((value for part, value in PEAK_BF16_TFLOPS.items() if part in device), None)
    if peak is None:
        report.skip("gpu_share_of_peak", f"no data sheet at hand for {device}")
    else:
        report.figure("gpu_share_of_peak", best * GFLOP_PER_IMAGE / 1000 / peak)


def measure_fed(report: Report, ours: Ours, data: Path, steps: int, runtime: Runtime) -> None:
    """Images a second of steps that are fed as in a run, with the pack in two places."""
    config = ours.config
    with tempfile.TemporaryDirectory(prefix="exposure-lab-pack-") as folder:
        path = pack(data, Path(folder) / "set.pack", config.data)
        photos = PackedPairs(path, "training", config.data)
        images = PairedImages(photos, config.data, config.seed)
        size = config.training.batch_size
        plan = BatchPlan(len(photos), size, config.seed, steps_per_epoch=steps)
        for name, resident in (
            ("pack", ResidentPhotos(photos, runtime.device)),
            ("loader", None),
        ):
            batches = load_batches(
                images, plan, 0, 6 * steps, runtime, config.data.workers, resident
            )
            rates = [timed(ours.step, batches, steps, size) for _ in range(6)]
            report.figure(f"gpu_{name}_images_per_s", rates[1:])  # the first starts the loader


def where_time_goes(
    report: Report, name: str, step: Step, batch: list[Tensor], activity: ProfilerActivity
) -> None:
    """Shares of a step's time by kind of operation, and a table of the longest ones."""
    with profile(activities=[activity]) as profiler:
        timed(step, repeat(batch, 3), 3, 1)
    column = f"self_{'cpu' if activity == ProfilerActivity.CPU else 'device'}_time_total"
    spent = {event.key: float(getattr(event, column)) for event in profiler.key_averages()}
    for kind, share in shares(spent).items():
        report.figure(f"{name}_time_{kind}", share)
    print(profiler.key_averages().table(sort_by=column, row_limit=15, max_name_column_width=60))


def shares(spent: dict[str, float]) -> dict[str, float]:
    """Time by name to shares by kind, which add up to 1."""
    kinds = dict.fromkeys([*KINDS, "rest"], 0.0)
    for name, value in spent.items():
        words = name.lower()
        kind = next(
            (k for k, parts in KINDS.items() if any(part in words for part in parts)), "rest"
        )
        kinds[kind] += value
    total = sum(kinds.values())
    return {kind: value / total for kind, value in kinds.items()}


def repeat(batch: list[Tensor], times: int) -> Iterable[list[Tensor]]:
    """The same batch again and again."""
    return (batch for _ in range(times))


def timed(step: Step, batches: Iterable[Iterable[Tensor]], steps: int, size: int) -> float:
    """Images a second over the next `steps` of the batches; a GPU is waited for at the end."""
    start = time.perf_counter()
    for batch in islice(batches, steps):
        step(*batch)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return steps * size / (time.perf_counter() - start)
