"""What a chapter quotes from elsewhere: a figure that a full run measured, a function's source."""

import inspect
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import exposure_lab
from exposure_lab.errors import ChapterError
from exposure_lab.files.json_files import read_json


@dataclass(frozen=True)
class Result:
    """A figure with what made it; all but the name is None while nobody has run the experiment."""

    name: str
    value: float | None = None
    interval: tuple[float, float] | None = None
    """95 %, in the figure's unit."""
    n: int | None = None
    unit: str = ""
    data: str = ""
    device: str = ""
    date: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.name}: not run yet"
        return f"{self.name}: {self._figure()} {self._made()}"

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        if self.value is None:
            return f"*not run yet* (`{self.name}`)"
        return f"**{self._figure()}** {self._made()} · `{self.name}`"

    def _figure(self) -> str:
        return f"{_rounded(self.value)} {self.unit}".strip()

    def _made(self) -> str:
        parts = []
        if self.interval:
            low, high = map(_rounded, self.interval)
            parts.append(f"95 % interval {low} to {high}" + (f", n = {self.n}" if self.n else ""))
        parts.append(", ".join(part for part in (self.data, self.device, self.date) if part))
        return f"({'; '.join(part for part in parts if part)})"


def result(name: str, folder: Path | None = None) -> Result:
    """A figure of a full run, such as ``result("flips.psnr")``: figure ``psnr`` of ``flips.json``.

    Args:
        name: experiment, a dot, and the figure.
        folder: where the results are; the package's own where not given.

    Raises:
        ChapterError: the name has no dot, or the experiment was run and has no such figure.
    """
    experiment, dot, figure = name.partition(".")
    if not (experiment and dot and figure):
        raise ChapterError(
            f"Expected experiment and figure, such as 'flips.psnr', but got {name!r}."
        )
    place = folder or Path(str(resources.files(exposure_lab) / "results"))
    path = place / f"{experiment}.json"
    if not path.exists():
        return Result(name)
    content = read_json(path)
    figures: dict[str, Any] = content["figures"]
    if figure not in figures:
        raise ChapterError(
            f"Expected a figure of {experiment}, one of {', '.join(figures)}, but got {figure!r}."
        )
    one = figures[figure]
    interval = tuple(one["ci"]) if one.get("ci") else None
    made = (content.get(key) or "" for key in ("data", "device", "date"))
    return Result(name, one["value"], interval, one.get("n"), one.get("unit") or "", *made)


@dataclass(frozen=True)
class Source:
    """The source of a function or class; a notebook shows it highlighted, in light and dark."""

    code: str
    where: str

    def __repr__(self) -> str:
        return f"# {self.where}\n{self.code}"

    def _repr_markdown_(self) -> str:
        # A fence, not HTML with its own colours: page and Colab each highlight it in their style.
        return f"`{self.where}`\n\n```python\n{self.code}\n```"


def source(thing: Any) -> Source:
    """The source of a function, class or module of the library, as it is installed.

    Raises:
        ChapterError: it has none, as what is written in C.
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
    return Source("".join(lines).rstrip(), where)


def _rounded(value: float | None) -> str:
    """Four significant digits, whole numbers as they are."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
