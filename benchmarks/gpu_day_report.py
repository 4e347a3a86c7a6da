"""What the parts of `gpu_day.py` share: their options, and a report that a kill leaves readable."""

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from common import Report

from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.runtime import device_name

ROOT = Path(__file__).resolve().parent.parent

COMMIT = ROOT / "COMMIT"
"""What a bundle was made from, where there is no repository to ask."""

LARGEST = 16_000_000
"""Bytes of one file of the results, at most: what comes back from a lent machine."""


@dataclass(frozen=True)
class Part:
    """What a part is told: where to write, where its data are, and how long it has."""

    out: Path
    """Folder of the results."""
    work: Path
    """Folder of everything else."""
    seconds: float
    photos: Path | None
    """Photos in folders called training, validation and test; None takes those of the package."""
    rehearse: bool
    """Toy sizes, on whatever device there is."""
    begun: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds until its time is over."""
        return self.begun + self.seconds - time.monotonic()

    @property
    def data(self) -> Path:
        """The set in MSEC layout."""
        return self.work / "set"

    @property
    def packed(self) -> Path:
        """The same set packed; the folders of its held-out photos are found in it too."""
        return self.work / "set.pack"


def part_of_day(description: str, arguments: Sequence[str] | None = None) -> Part:
    """Read the options that every part takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--rehearse", action="store_true")
    return Part(**vars(parser.parse_args(arguments)))


class KeptReport(Report):
    """Report that is written with every figure, so that a kill loses none of those before it."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self.path = folder / f"{name}.json"
        gpu = torch.cuda.is_available()
        self.device = device_name(torch.device("cuda" if gpu else "cpu"))

    def figure(self, name: str, value: float | Sequence[float]) -> None:
        super().figure(name, value)
        self.keep()

    def bar(self, figure: str, op: str, bar: float) -> None:
        super().bar(figure, op, bar)
        self.keep()

    def skip(self, figure: str, why: str) -> None:
        super().skip(figure, why)
        self.keep()

    def keep(self) -> None:
        """Write what there is."""
        self.write(self.path, device=self.device)
        if COMMIT.exists():
            content = read_json_object(self.path)
            content["provenance"]["commit"] = COMMIT.read_text(encoding="utf-8").strip()
            write_json(self.path, content)


def cores() -> int:
    """Number of processors that this process may use."""
    return len(os.sched_getaffinity(0))
