"""What every benchmark shares: figures, the bars they are held against, one report.

A benchmark is `python benchmarks/NAME.py [--quick] --json OUT`. It exits 0 whether or not a bar
holds: it measures, and the reader of the report judges.
"""

import argparse
import operator
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from exposure_lab.files.json_files import write_json
from exposure_lab.fingerprints import write_fingerprinted
from exposure_lab.provenance import provenance

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Folder beside the project, with photos that may not be handed on."""

OPERATORS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


def photo_folder(variable: str, *parts: str) -> Path:
    """Folder of photos: what an environment variable names, or a part of `SHARED`."""
    return Path(os.environ.get(variable) or SHARED.joinpath(*parts))


@dataclass(frozen=True)
class Bar:
    """A figure, what it has to be, and whether it is."""

    figure: str
    op: str
    bar: float
    held: bool


class Report:
    """Collects the figures of one benchmark; `write` saves them, `show` prints a table."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.samples: dict[str, list[float]] = {}
        self.bars: list[Bar] = []
        self.skipped: dict[str, str] = {}

    def figure(self, name: str, value: float | Sequence[float]) -> None:
        """Record what was measured: one number, or one for each repetition.

        The figure is their median; where there are several, NAME_min and NAME_n stand beside it.
        """
        values = list(value) if isinstance(value, Sequence) else [value]
        if not values:
            raise ValueError(f"figure {name!r} has no values: use skip() to say why")
        self.samples[name] = [float(one) for one in values]
        self.skipped.pop(name, None)

    def bar(self, figure: str, op: str, bar: float) -> None:
        """Hold a recorded figure against a bar; where it was skipped there is no bar to hold.

        A figure that was recorded anew is held against the same bar anew.
        """
        if figure in self.skipped:
            return
        held = OPERATORS[op](median(self.samples[figure]), bar)
        others = [one for one in self.bars if (one.figure, one.op, one.bar) != (figure, op, bar)]
        self.bars = [*others, Bar(figure, op, bar, held)]

    def skip(self, figure: str, why: str) -> None:
        """Name a figure that was not measured, and the reason."""
        self.skipped[figure] = why

    @contextmanager
    def attempt(self, figure: str) -> Iterator[None]:
        """Try what may fail or take too long: then a figure is skipped, and the rest stays.

        It counts as skipped from the beginning, so that a process that is ended in the middle of
        it leaves the reason too.
        """
        self.skip(figure, "was begun, and had not ended when the time was over")
        try:
            yield
        except Exception as error:
            message = (str(error).strip() or "no message").splitlines()[0]
            self.skip(figure, f"failed: {type(error).__name__}: {message}")
        else:
            self.take_back(figure)

    def take_back(self, figure: str) -> None:
        """Take back that a figure was skipped."""
        self.skipped.pop(figure, None)

    def figures(self) -> dict[str, float]:
        """Name -> number, rounded to what a reader can use."""
        result: dict[str, float] = {}
        for name, values in self.samples.items():
            result[name] = round(median(values), 4)
            if len(values) > 1:
                result[f"{name}_min"] = round(min(values), 4)
                result[f"{name}_n"] = len(values)
        return result

    def write(self, path: Path, *, device: str = "cpu", seed: int | None = None) -> None:
        """Save the report in the shape that every benchmark has."""
        write_json(path, self.content(device, seed))

    def content(self, device: str, seed: int | None = None) -> dict[str, Any]:
        """Build what `write` saves."""
        return {
            "name": self.name,
            "figures": self.figures(),
            "bars": [vars(bar) for bar in self.bars],
            "skipped": [{"figure": name, "why": why} for name, why in self.skipped.items()],
            "provenance": provenance(device, seed),
        }

    def write_result(self, path: Path, unit: str, *, device: str = "cpu") -> None:
        """Save the figures, all of one unit, where `exposure_lab.notebook.result` finds them."""
        made = provenance(device, None)
        write_fingerprinted(path, packaged(self.name, self.figures(), unit, made))

    def show(self) -> None:
        """Print a line for each figure: min, median, repetitions, bar, verdict."""
        row = "{:<28} {:>10} {:>10} {:>4}  {}"
        print(row.format(self.name, "min", "median", "n", "bar"))
        for name, values in self.samples.items():
            verdicts = [
                f"{bar.op} {bar.bar:g} {'held' if bar.held else 'MISSED'}"
                for bar in self.bars
                if bar.figure == name
            ]
            low, middle = f"{min(values):.3f}", f"{median(values):.3f}"
            print(row.format(name, low, middle, len(values), ", ".join(verdicts)))
        for name, why in self.skipped.items():
            print(row.format(name, "-", "-", 0, f"skipped: {why}"))


def packaged(
    name: str, figures: dict[str, float], unit: str, made: dict[str, Any]
) -> dict[str, Any]:
    """Figures in the shape of ``exposure_lab/results``: each with its unit, and what made them."""
    return {
        "experiment": name,
        "figures": {
            figure: {"value": value, "ci": None, "n": None, "unit": unit}
            for figure, value in figures.items()
        },
        "seeds": [],
        "data": "",
        "device": f"{made['device']} ({made['processor']})",
        "date": made["date"][:10],
        "provenance": made,
    }


def arguments(description: str) -> argparse.Namespace:
    """The two options that every benchmark has: .quick and .json (a Path or None)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the report there")
    return parser.parse_args()


def finish(report: Report, out: Path | None, device: str = "cpu") -> None:
    """Print the table, and write the report where one is wanted."""
    report.show()
    if out is not None:
        report.write(out, device=device)
