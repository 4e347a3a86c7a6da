"""What `train.py` measures where there is a GPU: the report's step, and where its time goes."""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
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
from exposure_lab.runtime import Runtime, device_name, start_runtime
from exposure_lab.training.gan import GAN

Step = Callable[[Tensor, Tensor], object]

GFLOP_PER_IMAGE = 86.9
"""Of one step on 256 px at width 64, D frozen in G's turn: counted by torch's FlopCounterMode."""

PEAK_BF16_TFLOPS = {"H100": 989.0, "H200": 989.0, "A100": 312.0, "L4": 121.0}
"""Dense, from the makers' data sheets; by a part of the GPU's name."""

REPORT_PASSES = 17_675 * 150

FIGURES = (
    "gpu_eager_images_per_s",
    "gpu_pack_images_per_s",
    "gpu_loader_images_per_s",
    "gpu_compiled_images_per_s",
    "gpu_compiled_pack_images_per_s",
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

    def __init__(self, config: RunConfig, runtime: Runtime, compiles: str = "off") -> None:
        training = config.training.model_copy(update={"compile": compiles})
        self.config, self.runtime = config.model_copy(update={"training": training}), runtime
        self.gan = GAN.build(self.config, runtime)

    def step(self, real_input: Tensor, real_target: Tensor) -> None:
        real_input, real_target = self.runtime.to_device([real_input, real_target])
        self.gan.step(Batch(real_input, real_target))

    def random_batch(self) -> list[Tensor]:
        """A batch that lies on the device."""
        side = self.config.data.image_size
        size = self.config.training.batch_size, 3, side, side
        return [torch.rand(size, device=self.runtime.device) * 2 - 1 for _ in range(2)]


def measure_gpu(report: Report, config: RunConfig, data: Path, steps: int) -> None:
    """The report's step on a GPU, all of it; see `measure_step` and `measure_last`."""
    if not skip_without_gpu(report):
        ours = measure_step(report, config, data, steps)
        measure_whole_run(report, ours)
        measure_last(report, ours, data, steps)


def skip_without_gpu(report: Report) -> bool:
    """Whether this machine has no GPU; the figures of one are then skipped."""
    if torch.cuda.is_available():
        return False
    for figure in FIGURES:
        report.skip(figure, "this machine has no GPU")
    return True


def measure_step(report: Report, config: RunConfig, data: Path, steps: int) -> Ours:
    """The step as it is: from batches that lie on the device, and fed as in a run.

    Args:
        report: takes the figures, and what was skipped.
        config: the report's settings.
        data: a set in MSEC layout; its photos are seen over and over again.
        steps: of a repetition.
    """
    ours = Ours(config, start_runtime())
    measure_still(report, "gpu_eager", ours, steps)
    measure_fed(report, ours, data, steps)
    return ours


def measure_last(report: Report, ours: Ours, data: Path, steps: int) -> None:
    """What may fail, or take longer than there is time: the profiler, and the compiled step.

    Compiling takes a minute or so. What was measured before stays, whatever becomes of it.
    """
    where_time_goes(report, "gpu", ours.step, ours.random_batch(), ProfilerActivity.CUDA)
    with report.attempt("gpu_compiled_images_per_s"):
        compiled = Ours(ours.config, ours.runtime, "on")
        measure_still(report, "gpu_compiled", compiled, steps)
        measure_fed(report, compiled, data, steps, [("pack", "compiled_pack")])
        measure_whole_run(report, compiled)


def measure_still(report: Report, name: str, ours: Ours, steps: int) -> None:
    """Images a second of steps on one batch that lies on the device."""
    batch, size = ours.random_batch(), ours.config.training.batch_size
    rates = [timed(ours.step, repeat(batch, steps), steps, size) for _ in range(6)]
    report.figure(f"{name}_images_per_s", rates[1:])  # the first compiles and warms up


def measure_fed(
    report: Report,
    ours: Ours,
    data: Path,
    steps: int,
    names: Sequence[tuple[str, str]] = (("pack", "pack"), ("loader", "loader")),
) -> None:
    """Images a second of steps that are fed as in a run, with the pack in two places.

    Args:
        report, ours, data, steps: as for `measure_step`.
        names: where the photos lie, on the device (`pack`) or not (`loader`), and a figure's name.
    """
    config, runtime = ours.config, ours.runtime
    with tempfile.TemporaryDirectory(prefix="exposure-lab-pack-") as folder:
        path = pack(data, Path(folder) / "set.pack", config.data)
        photos = PackedPairs(path, "training", config.data)
        images = PairedImages(photos, config.data, config.seed)
        size = config.training.batch_size
        plan = BatchPlan(len(photos), size, config.seed, steps_per_epoch=steps)
        for place, name in names:
            with report.attempt(f"gpu_{name}_images_per_s"):
                resident = ResidentPhotos(photos, runtime.device) if place == "pack" else None
                batches = load_batches(
                    images, plan, 0, 6 * steps, runtime, config.data.workers, resident
                )
                rates = [timed(ours.step, batches, steps, size) for _ in range(6)]
                report.figure(f"gpu_{name}_images_per_s", rates[1:])  # the first starts the loader


def measure_whole_run(report: Report, ours: Ours) -> None:
    """Minutes of the report's run, and the share of the GPU's peak, by the quickest fed step."""
    fed = ("gpu_pack_images_per_s", "gpu_compiled_pack_images_per_s")
    best = max((median(report.samples[one]) for one in fed if one in report.samples), default=0.0)
    if not best:
        report.skip("report_run_minutes", "no step was fed from a pack")
        return
    report.figure("report_run_minutes", REPORT_PASSES / best / 60)
    report.bar("report_run_minutes", "<=", 25)
    device = device_name(ours.runtime.device)
    peak = next((value for part, value in PEAK_BF16_TFLOPS.items() if part in device), None)
    if peak is None:
        report.skip("gpu_share_of_peak", f"no data sheet at hand for {device}")
    else:
        report.figure("gpu_share_of_peak", best * GFLOP_PER_IMAGE / 1000 / peak)


def where_time_goes(
    report: Report, name: str, step: Step, batch: list[Tensor], activity: ProfilerActivity
) -> None:
    """Shares of a step's time by kind of operation, and a table of the longest ones."""
    with report.attempt(f"{name}_time"):
        with profile(activities=[activity]) as profiler:
            timed(step, repeat(batch, 3), 3, 1)
        column = f"self_{'cpu' if activity == ProfilerActivity.CPU else 'device'}_time_total"
        spent = {event.key: float(getattr(event, column)) for event in profiler.key_averages()}
        for kind, share in shares(spent).items():
            report.figure(f"{name}_time_{kind}", share)
        print(profiler.key_averages().table(sort_by=column, row_limit=15, max_name_column_width=60))


def shares(spent: dict[str, float]) -> dict[str, float]:
    """Time by name to shares by kind, which add up to 1.

    Raises:
        ValueError: there is none.
    """
    kinds = dict.fromkeys([*KINDS, "rest"], 0.0)
    for name, value in spent.items():
        words = name.lower()
        kind = next(
            (k for k, parts in KINDS.items() if any(part in words for part in parts)), "rest"
        )
        kinds[kind] += value
    total = sum(kinds.values())
    if not total:
        raise ValueError("the profiler saw no operation that took time")
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
