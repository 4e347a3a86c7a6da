"""How fast the report's networks train, against the best-known pix2pix implementation's own step.

    python benchmarks/train.py --json benchmarks/results/train.json     ten minutes on two cores
    python benchmarks/train.py --quick                                  batch 2, few steps

All variants take turns in one process, so that a busy neighbour disturbs all of them alike. The
peer, typed anew in `peer.py`, is a sound one where it runs within a tenth of our own step with
every switch off; else the ratios say nothing and are left out.

On a GPU the same script measures the report's step from batches that lie there already, compiled
and not, and says which share of the step each kind of operation takes.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from common import Report, arguments, finish
from peer import DISCRIMINATOR_PARAMETERS, GENERATOR_PARAMETERS, Peer
from torch import Tensor

from exposure_lab.config import RunConfig
from exposure_lab.data.sample import write_sample
from exposure_lab.profiles import load_profile
from exposure_lab.runtime import Runtime, best_precision, start_runtime
from exposure_lab.training.gan import GAN, train_step

GFLOP_PER_IMAGE = 86.9
"""Of one step on 256 px at width 64, D frozen in G's turn: counted by torch's FlopCounterMode."""

PEAK_BF16_TFLOPS = {"H100": 989.0, "H200": 989.0, "A100": 312.0, "L4": 121.0}
"""Dense, from the makers' data sheets; by a part of the GPU's name."""

REPORT_PASSES = 17_675 * 150

START = """
import sys, time
import torch, torchvision
begun = time.perf_counter()
from exposure_lab.profiles import load_profile
from exposure_lab.training import trainer
from exposure_lab.runtime import start_runtime
config = load_profile("smoke")
try:
    trainer.train(config, sys.argv[1], sys.argv[2], stop_after=1, quiet=True)
except Exception as error:
    assert "Stopped at step 1" in str(error), error
print(time.perf_counter() - begun)
"""

MEMORY = """
import sys, resource
import torch
from exposure_lab.profiles import load_profile
from exposure_lab.training import trainer
torch.set_num_threads(1)
tiny = "data.image_size=16 data.short_side=24 generator.width=4 discriminator.width=4"
tiny += " discriminator.layers=1 training.batch_size=4 training.steps_per_epoch=1000"
def used():
    text = open("/proc/self/status").read()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024
seen = []
config = load_profile("smoke", (tiny + f" training.epochs={sys.argv[3]}").split())
trainer.train(
    config, sys.argv[1], sys.argv[2], quiet=True, on_epoch=lambda row: seen.append(used())
)
print(*seen)
"""


class Plain:
    """Our step with every switch off: fp32, torch's default layout, Adam as torch builds it."""

    def __init__(self, config: RunConfig, device: torch.device) -> None:
        self.config, self.runtime = config, Runtime(device, "fp32")
        self.gan = GAN.build(config, self.runtime)
        for network in (self.gan.generator, self.gan.discriminator):
            network.to(memory_format=torch.contiguous_format)
        self.gan.generator_optimizer = _default_adam(self.gan.generator)
        self.gan.discriminator_optimizer = _default_adam(self.gan.discriminator)

    def step(self, real_input: Tensor, real_target: Tensor) -> None:
        train_step(self.gan, real_input, real_target, self.config.loss, self.runtime)


class Ours:
    """Our step as a run takes it."""

    def __init__(self, config: RunConfig, runtime: Runtime) -> None:
        self.config, self.runtime = config, runtime
        self.gan = GAN.build(config, runtime)

    def step(self, real_input: Tensor, real_target: Tensor) -> None:
        pair = self.runtime.to_device([real_input, real_target])
        train_step(self.gan, *pair, self.config.loss, self.runtime)


def _default_adam(network: torch.nn.Module) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), 1e-4, (0.5, 0.999))


def seconds(step: Callable[[Tensor, Tensor], None], batch: list[Tensor], repeats: int = 1) -> float:
    """Of one step; a GPU is waited for."""
    start = time.perf_counter()
    for _ in range(repeats):
        step(*batch)
    if batch[0].is_cuda:
        torch.cuda.synchronize()
    return (time.perf_counter() - start) / repeats


def measure_cpu(report: Report, config: RunConfig, batch_size: int, rounds: int) -> None:
    """Images a second of every variant, in turns, and their ratios to the peer."""
    cpu = torch.device("cpu")
    peer = Peer(cpu)
    for network, expected in (
        (peer.generator, GENERATOR_PARAMETERS),
        (peer.discriminator, DISCRIMINATOR_PARAMETERS),
    ):
        assert sum(p.numel() for p in network.parameters()) == expected
    variants: dict[str, Callable[[Tensor, Tensor], None]] = {
        "peer_fp32": peer.step,
        "ours_plain": Plain(config, cpu).step,
        "ours_fp32": Ours(config, Runtime(cpu, "fp32")).step,
    }
    if best_precision(cpu) == "bf16":
        variants["ours_bf16"] = Ours(config, Runtime(cpu, "bf16")).step
    batch = [torch.rand(batch_size, 3, 256, 256) * 2 - 1 for _ in range(2)]
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(rounds + 1):
        for name, step in variants.items():
            elapsed = seconds(step, batch)
            if turn:  # the first round warms up
                taken[name].append(elapsed)
    for name, times in taken.items():
        report.figure(f"{name}_images_per_s", [batch_size / one for one in times])
    best = {name: min(times) for name, times in taken.items()}
    report.figure("peer_over_plain", best["ours_plain"] / best["peer_fp32"])
    sound = abs(best["ours_plain"] / best["peer_fp32"] - 1) <= 0.10
    for name, bar in (("ours_fp32", 0.95), ("ours_bf16", 1.7)):
        figure = f"{name}_over_peer"
        if name not in taken:
            report.skip(figure, "this processor has no bf16 instructions")
        elif not sound:
            report.skip(figure, "the peer is not within a tenth of our plain step in this run")
        else:
            report.figure(figure, best["peer_fp32"] / best[name])
            report.bar(figure, ">=", bar)


def measure_gpu(report: Report, config: RunConfig) -> None:
    """The report's step on a GPU: images a second, share of its peak, where the time goes."""
    figures = ("gpu_images_per_s", "gpu_share_of_peak", "report_run_minutes")
    if not torch.cuda.is_available():
        for figure in figures:
            report.skip(figure, "this machine has no GPU")
        return
    runtime = start_runtime()
    size = config.training.batch_size
    batch = [torch.rand(size, 3, 256, 256, device=runtime.device) * 2 - 1 for _ in range(2)]
    for name, switch in (("eager", "off"), ("compiled", "on")):
        training = config.training.model_copy(update={"compile": switch})
        ours = Ours(config.model_copy(update={"training": training}), runtime)
        seconds(ours.step, batch, repeats=20)
        rates = [size / seconds(ours.step, batch, repeats=30) for _ in range(5)]
        report.figure(f"gpu_{name}_images_per_s", rates)
        if name == "compiled":
            show_profile(ours.step, batch)
    best = max(median(report.samples[f"gpu_{name}_images_per_s"]) for name in ("eager", "compiled"))
    report.figure("gpu_images_per_s", best)
    report.figure("report_run_minutes", REPORT_PASSES / best / 60)
    report.bar("report_run_minutes", "<=", 25)
    device = torch.cuda.get_device_name()
    peak = next((value for part, value in PEAK_BF16_TFLOPS.items() if part in device), None)
    if peak is None:
        report.skip("gpu_share_of_peak", f"no data sheet at hand for {device}")
    else:
        report.figure("gpu_share_of_peak", best * GFLOP_PER_IMAGE / 1000 / peak)


def show_profile(step: Callable[[Tensor, Tensor], None], batch: list[Tensor]) -> None:
    """Print the operations that take the most time on the GPU."""
    activities = [torch.profiler.ProfilerActivity.CUDA]
    with torch.profiler.profile(activities=activities) as profile:
        seconds(step, batch, repeats=5)
    print(profile.key_averages().table(sort_by="self_cuda_time_total", row_limit=15))


def measure_start(report: Report, data: Path, folder: Path, rounds: int) -> None:
    """From the imports of torch and torchvision to the end of the first step."""
    times = []
    for turn in range(rounds):
        command = [sys.executable, "-c", START, str(data), str(folder / f"start{turn}")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        times.append(float(done.stdout.split()[-1]))
    report.figure("start_to_first_step_s", times)
    report.bar("start_to_first_step_s", "<=", 3)


def measure_memory(report: Report, data: Path, folder: Path, thousands: int) -> None:
    """Resident memory after the first thousand steps and at the end."""
    command = [sys.executable, "-c", MEMORY, str(data), str(folder / "memory"), str(thousands)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    used = [float(one) for one in done.stdout.split()]
    report.figure("memory_mb_after_1000_steps", used[0])
    report.figure("memory_growth", used[-1] / used[0] - 1)
    report.bar("memory_growth", "<=", 0.05)


def main() -> None:
    options = arguments("Time the training step.")
    report = Report("train")
    config = load_profile("report", ["generator.dropout=0.5"])
    with tempfile.TemporaryDirectory(prefix="exposure-lab-train-") as name:
        folder = Path(name)
        data = write_sample(folder / "sample")
        measure_start(report, data, folder, rounds=1 if options.quick else 5)
        measure_memory(report, data, folder, thousands=2 if options.quick else 11)
        measure_cpu(report, config, *((2, 1) if options.quick else (16, 5)))
        measure_gpu(report, config)
    finish(report, options.json)


if __name__ == "__main__":
    main()
