"""Relative change of a generator's weights in each epoch, recorded while it trains."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from exposure_lab.files.json_files import read_json_object, write_json

UPDATES = "updates.json"
"""Changes of a run, in its folder."""


class UpdateNorms:
    """Recorder of how far an epoch moves the generator's weights, relative to their length."""

    def __init__(self, run: Path, generator: nn.Module, epoch: int, within: bool) -> None:
        """Begin at the weights as they are.

        Args:
            run: folder of the run.
            generator: the network in training.
            epoch: number of epochs that are done.
            within: whether the run was stopped within an epoch, whose change is then not known.
        """
        self.path, self.generator, self.skips_one = run / UPDATES, generator, within
        self.changes: list[float | None] = read_updates(run)[:epoch]
        self.before = self._weights()

    def measure(self, row: dict[str, Any]) -> None:
        """Record the change since the last epoch, as the callback of an epoch."""
        weights = self._weights()
        change = float((weights - self.before).norm() / self.before.norm())
        self.changes.append(None if self.skips_one else round(change, 6))
        self.before, self.skips_one = weights, False
        write_json(self.path, {"changes": self.changes})

    def _weights(self) -> Tensor:
        return torch.cat([p.detach().float().flatten().cpu() for p in self.generator.parameters()])


def read_updates(run: Path) -> list[float | None]:
    """Read the relative change of each epoch; None where a stop fell into that epoch."""
    path = run / UPDATES
    return list(read_json_object(path)["changes"]) if path.exists() else []
