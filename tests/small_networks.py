"""A small network and its Adam, for tests of what a checkpoint holds."""

from pathlib import Path

import torch
from torch import nn

from exposure_lab.checkpoints.checkpoint import save_checkpoint

NetworksAndOptimizers = tuple[dict[str, nn.Module], dict[str, torch.optim.Optimizer]]


def build_networks(width: int = 4, seed: int = 0, steps: int = 0) -> NetworksAndOptimizers:
    """A small network with BatchNorm and its Adam, some steps into training."""
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(3, width), nn.BatchNorm1d(width), nn.Linear(width, 1))
    adam = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(steps):
        step(network, adam)
    return {"generator": network}, {"generator_optimizer": adam}


def step(network: nn.Module, adam: torch.optim.Optimizer) -> None:
    """One step on pictures drawn from torch's own generator."""
    adam.zero_grad()
    network(torch.randn(5, 3)).square().mean().backward()
    adam.step()


def save(run: Path, steps: int, networks: NetworksAndOptimizers, **state: object) -> Path:
    """Save a checkpoint of the networks and their optimizers, as after so many steps."""
    return save_checkpoint(run, steps, *networks, state)
