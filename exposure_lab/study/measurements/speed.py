"""Time that rivals of the report's choices take, in turns with them on this machine."""

import time
from collections.abc import Callable
from pathlib import Path

from exposure_lab.profiles.load import load_profile
from exposure_lab.study.measurements.patch_critic import WHOLE, critic_of
from exposure_lab.study.samples import Sample

FIGURES = ("maxout_extra_time", "whole_critic_extra_time")

REPEATS = 9
"""Timed rounds; one more before them warms up."""

NARROW = 16
"""Channels after the stem on a processor, where the report's 64 would take minutes."""


def measure_speed(data: Path | None = None) -> list[Sample]:
    """Time the report's choices and their rivals in turns, on the device that a run would take.

    Each figure is the rival's time over that of the report's choice, minus 1, once a round: what
    disturbs a machine for longer than a round disturbs both.

    Args:
        data: not read.

    Returns:
        - ``maxout_extra_time``: of a pass forward and back through the generator
        - ``whole_critic_extra_time``: of a pass through a discriminator with two halvings more
    """
    import torch

    rounds = tuple(f"round {i + 1}" for i in range(REPEATS))
    with torch.random.fork_rng(devices=[]):
        maxout = _extra(_generator_pass("maxout"), _generator_pass("relu"))
        whole = _extra(_critic_pass(WHOLE), _critic_pass(None))
    return [
        Sample("maxout_extra_time", maxout, "", rounds),
        Sample("whole_critic_extra_time", whole, "", rounds),
    ]


def _extra(rival: Callable[[], object], own: Callable[[], object]) -> tuple[float, ...]:
    """Time two functions in turns: extra time of the first, as a share, for each round."""
    for function in (rival, own):
        function()
    extra = []
    for turn in range(REPEATS):
        times = {}
        # Who begins changes, since the second finds the processor warm.
        for function in (rival, own) if turn % 2 else (own, rival):
            begun = time.perf_counter()
            function()
            times[function] = time.perf_counter() - begun
        extra.append(times[rival] / times[own] - 1)
    return tuple(extra)


def _generator_pass(activation: str) -> Callable[[], float]:
    """Build a pass forward and back through the generator, of two pictures of the report's size."""
    import torch

    from exposure_lab.networks.build import build_generator
    from exposure_lab.runtime import start_runtime

    device = start_runtime("fp32").device
    width = "" if device.type == "cuda" else f"generator.width={NARROW}"
    overrides = [f"generator.activation={activation}", *([width] if width else [])]
    config = load_profile("report", overrides)
    network = build_generator(config).to(device)
    size = config.data.image_size
    pictures = torch.rand(2, 3, size, size, device=device) * 2 - 1

    def run() -> float:
        loss = network(pictures).square().mean()
        loss.backward()
        # Reading a gradient makes a GPU finish first.
        return float(next(network.parameters()).grad.sum())  # type: ignore[union-attr]

    return run


def _critic_pass(layers: int | None) -> Callable[[], float]:
    """Build a pass of one picture of the report's size through a discriminator of full width."""
    import torch

    from exposure_lab.runtime import start_runtime

    device = start_runtime("fp32").device
    network, size = critic_of(layers).to(device), load_profile("report").data.image_size
    pictures = torch.rand(2, 1, 3, size, size, device=device) * 2 - 1

    def run() -> float:
        with torch.inference_mode():
            return float(network(pictures[0], pictures[1]).sum())

    return run
