"""Quotations in a chapter: a figure that a full run measured, a function's source code."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from textwrap import dedent
from typing import Any

import exposure_lab
from exposure_lab.errors import ChapterError
from exposure_lab.fingerprints import read_fingerprinted
from exposure_lab.notebook.ledger_words import decimals_of_half
from exposure_lab.notebook.tables import Table, table


@dataclass(frozen=True)
class QuotedFigure:
    """A measured figure with its data, device and date; no value before the experiment has run."""

    name: str
    value: float | None = None
    interval: tuple[float, float] | None = None
    """95 % by Student's t, which is as wide as few seeds make it, in the figure's unit."""
    n: int | None = None
    """Number of seeds; of scenes where nothing was trained."""
    unit: str = ""
    data: str = ""
    device: str = ""
    date: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.name}: not run yet"
        return f"{self.name}: {self._figure()} {self._origin()}"

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        if self.value is None:
            return f"*not run yet* (`{self.name}`)"
        return f"**{self._figure()}** {self._origin()} · `{self.name}`"

    def _figure(self) -> str:
        return f"{_format(self.value, self.interval)} {self.unit}".strip()

    def _ends(self) -> str:
        return " to ".join(_format(end, self.interval) for end in self.interval or ())

    def _origin(self) -> str:
        parts = []
        if self.interval:
            parts.append(f"95 % interval {self._ends()}" + (f", n = {self.n}" if self.n else ""))
        parts.append(self._made_by())
        return f"({'; '.join(part for part in parts if part)})"

    def _made_by(self) -> str:
        return ", ".join(part for part in (self.data, self.device, self.date) if part)


def result(name: str, folder: Path | None = None) -> QuotedFigure:
    """Quote a figure of a full run: ``result("flips.psnr")`` is ``psnr`` of ``flips.json``.

    Args:
        name: experiment, a dot, and the figure.
        folder: where the results are; the package's own where not given.

    Raises:
        ChapterError: the name has no dot, or the experiment was run and has no such figure.
        DataError: the results were edited by hand.
    """
    experiment, dot, figure = name.partition(".")
    if not (experiment and dot and figure):
        raise ChapterError(
            f"Expected experiment and figure, such as 'flips.psnr', but got {name!r}."
        )
    folder = folder or Path(str(resources.files(exposure_lab) / "results"))
    path = folder / f"{experiment}.json"
    if not path.exists():
        return QuotedFigure(name)
    content = _read(path, path.stat().st_mtime_ns)
    figures: dict[str, Any] = content["figures"]
    if figure not in figures:
        raise ChapterError(
            f"Expected a figure of {experiment}, one of {', '.join(figures)}, but got {figure!r}."
        )
    entry = figures[figure]
    interval = tuple(entry["ci"]) if entry.get("ci") else None
    origin = (content.get(key) or "" for key in ("data", "device", "date"))
    unit = entry.get("unit") or ""
    return QuotedFigure(name, entry["value"], interval, entry.get("n"), unit, *origin)


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> dict[str, Any]:
    """Read a results file once, and again where it has changed since."""
    content = read_fingerprinted(path)
    return {key: value for key, value in content.items() if key != "rows"}


def results(figures: Mapping[str, str], folder: Path | None = None) -> Table:
    """Tabulate several figures of full runs, with what they were measured on above them.

    Args:
        figures: what a figure is, in words, to its name, as `result` takes it.
        folder: where the results are; the package's own where not given.

    Raises:
        ChapterError: a name has no dot, or its experiment was run and has no such figure.
        DataError: the results were edited by hand.
    """
    quoted = {words: result(name, folder) for words, name in figures.items()}
    rows = []
    for words, one in quoted.items():
        number = "not run yet" if one.value is None else one._figure()
        rows.append([words, number, one._ends() or "-", one.n or "-"])
    head = ["full run", "figure", "95 % interval", "seeds or scenes"]
    return table(head, rows, _origins([one for one in quoted.values() if one.value is not None]))


def _origins(quoted: Sequence[QuotedFigure]) -> str:
    """Say once of each data set and device when figures were made there."""
    dates: dict[tuple[str, str], set[str]] = {}
    for one in quoted:
        dates.setdefault((one.data, one.device), set()).add(one.date)
    made = []
    for (data, device), days in dates.items():
        when = " to ".join(sorted({min(days), max(days)}))
        made.append(", ".join(part for part in (data, device, when) if part))
    return "; ".join(made)


@dataclass(frozen=True)
class SourceCode:
    """Source code of a function or class, which a notebook shows highlighted."""

    code: str
    where: str

    def __repr__(self) -> str:
        return f"# {self.where}\n{self.code}"

    def _repr_markdown_(self) -> str:
        # A fence, not HTML with its own colours: page and Colab each highlight it in their style.
        return f"`{self.where}`\n\n```python\n{self.code}\n```"


def source(thing: Any) -> SourceCode:
    """Quote the source code of a function, class or module of the library, as it is installed.

    Raises:
        ChapterError: it has no Python source, as a function written in C.
    """
    thing = inspect.unwrap(thing) if callable(thing) else thing
    try:
        lines, first = inspect.getsourcelines(thing)
        path = Path(inspect.getsourcefile(thing) or "")
    except (OSError, TypeError) as error:
        raise ChapterError(
            f"Expected a function, class or module with Python source, but got {thing!r}."
        ) from error
    home = Path(exposure_lab.__file__).parent.parent
    shown = path.relative_to(home).as_posix() if path.is_relative_to(home) else path.name
    where = shown if inspect.ismodule(thing) else f"{shown}, line {first}"
    return SourceCode(dedent("".join(lines)).rstrip(), where)


def _format(value: float | None, interval: tuple[float, float] | None = None) -> str:
    """Format with as many decimals as give the interval's half width two significant digits.

    Without an interval there are four significant digits; whole numbers stay as they are.
    """
    if isinstance(value, int):
        return f"{value:,}"
    half = (interval[1] - interval[0]) / 2 if interval else 0
    if not half > 0:
        return f"{value:.4g}"
    return f"{value:,.{decimals_of_half(half)}f}"
