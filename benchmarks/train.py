"""How fast the report's networks train, against the best-known pix2pix implementation's own step.

    python benchmarks/train.py --json benchmarks/results/train.json     ten minutes on two cores
    python benchmarks/train.py --quick                                  batch 2, few steps

All variants take turns in one process, so that a busy neighbour disturbs all of them alike. The
peer, typed anew in `peer.py`, is a sound one where it runs within a tenth of our own step with
every switch off and its padding of zeros; else the ratios say nothing and are left out.

Where there is a GPU the same call measures the report's step there, see `gpu_step.py`.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from common import Report, arguments, finish
from gpu_step import Ours, measure_gpu, where_time_goes
from peer import DISCRIMINATOR_PARAMETERS, GENERATOR_PARAMETERS, Peer
from torch import Tensor
from torch.profiler import ProfilerActivity

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.loader import Batch
from exposure_lab.data.sample.sample_set import write_sample
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import Runtime, best_precision, device_name, start_runtime
from exposure_lab.training.gan import GAN

START = """
import os, sys, time
begun = time.perf_counter()
import torch, torchvision
imported = time.perf_counter()
from exposure_lab.training.gan import GAN
step = GAN.step
def first(*arguments):
    step(*arguments)
    print(imported - begun, time.perf_counter() - imported, flush=True)
    os._exit(0)
GAN.step = first
from exposure_lab.cli.main import main
sys.argv = ["exposure-lab", "train", "--data", sys.argv[1], "--out", sys.argv[2]]
main()
"""
"""Seconds for torch and torchvision, and from there to the end of a smoke run's first step: our own
imports, the photos, both networks, the scores before training."""

MEMORY = """
import sys
import torch
from exposure_lab.profiles.load import load_profile
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


def on_cpu(script: str, *arguments: object) -> list[float]:
    """Run a script in a process of its own that sees no GPU; the numbers that it prints."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", env=environment
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [float(number) for number in done.stdout.split()]


class Plain:
    """Our step as the peer takes it: fp32, torch's default layout and Adam, zeros for padding."""

    def __init__(self, config: RunConfig, device: torch.device) -> None:
        self.gan = GAN.build(config, Runtime(device, "fp32"))
        for network in (self.gan.generator, self.gan.discriminator):
            network.to(memory_format=torch.contiguous_format)
            for layer in network.modules():
                if isinstance(layer, torch.nn.Conv2d):
                    layer.padding_mode = "zeros"  # ours reflects, which costs time of its own
        self.gan.generator_optimizer = _default_adam(self.gan.generator)
        self.gan.discriminator_optimizer = _default_adam(self.gan.discriminator)

    def step(self, real_input: Tensor, real_target: Tensor) -> None:
        self.gan.step(Batch(real_input, real_target))


def _default_adam(network: torch.nn.Module) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), 1e-4, (0.5, 0.999))


def seconds(step: Callable[[Tensor, Tensor], None], batch: list[Tensor]) -> float:
    """Time one step."""
    start = time.perf_counter()
    step(*batch)
    return time.perf_counter() - start


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
    quickest = list(variants.values())[-1]
    batch = [torch.rand(batch_size, 3, 256, 256) * 2 - 1 for _ in range(2)]
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(rounds + 1):
        for name, step in variants.items():
            elapsed = seconds(step, batch)
            if turn:  # the first round warms up
                taken[name].append(elapsed)
    for name, times in taken.items():
        report.figure(f"{name}_images_per_s", [batch_size / elapsed for elapsed in times])
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
    where_time_goes(report, "cpu", quickest, batch, ProfilerActivity.CPU)


def measure_start(report: Report, data: Path, folder: Path, rounds: int) -> None:
    """What a user waits for until training is under way."""
    times = [on_cpu(START, data, folder / f"start{turn}") for turn in range(rounds)]
    imports, starts = zip(*times, strict=True)
    report.figure("import_torch_s", imports)
    report.figure("start_to_first_step_s", starts)
    report.bar("start_to_first_step_s", "<=", 3)


def measure_memory(report: Report, data: Path, folder: Path, thousands: int) -> None:
    """Resident memory after the first thousand steps and at the end."""
    used = on_cpu(MEMORY, data, folder / "memory", thousands)
    report.figure("memory_mb_after_1000_steps", used[0])
    report.figure("memory_growth", used[-1] / used[0] - 1)
    report.bar("memory_growth", "<=", 0.05)


def main() -> None:
    options = arguments("Time the training step.")
    report = Report("train")
    config = load_profile("report")
    with tempfile.TemporaryDirectory(prefix="exposure-lab-train-") as name:
        folder = Path(name)
        data = write_sample(folder / "sample")
        measure_start(report, data, folder, rounds=1 if options.quick else 5)
        measure_memory(report, data, folder, thousands=2 if options.quick else 11)
        measure_cpu(report, config, *((2, 1) if options.quick else (16, 5)))
        measure_gpu(report, config, data, steps=10 if options.quick else 60)
    finish(report, options.json, device_name(start_runtime().device))


if __name__ == "__main__":
    main()
