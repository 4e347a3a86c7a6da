"""What the parts of `gpu_day.py` share: their options, and a report that a kill leaves readable."""

import argparse
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from common import Report

from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.runtime import device_name

ROOT = Path(__file__).resolve().parent.parent

REPORT = "gpu_day.json"
"""The reports of all parts, by their names, and that of the day itself. One file for all of them:
from a lent machine no more than eight come back."""

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
    """Report that is written with every figure, so that a kill loses none of those before it.

    The parts run one after the other, so that only one of them writes at a time.
    """

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self.path = folder / REPORT
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

    def take_back(self, figure: str) -> None:
        super().take_back(figure)
        self.keep()

    def keep(self) -> None:
        """Write what there is, beside what other parts wrote."""
        write_json(self.path, reports(self.path) | {self.name: self.content(self.device)})


def reports(path: Path) -> dict[str, Any]:
    """Read the reports of all parts so far, by their names."""
    return read_json_object(path) if path.exists() else {}


def forget_reports(folder: Path, names: Iterable[str]) -> None:
    """Remove what an earlier day left in the same folder of the parts that are run now."""
    if before := reports(folder / REPORT):
        write_json(folder / REPORT, {key: before[key] for key in before.keys() - {*names}})


def known_figure(folder: Path, part: str, figure: str) -> float | None:
    """Look up what an earlier part measured; None where it did not."""
    figures = reports(folder / REPORT).get(part, {"figures": {}})["figures"]
    return float(figures[figure]) if figure in figures else None


def cores() -> int:
    """Number of processors that this process may use."""
    return len(os.sched_getaffinity(0))
