"""What a chapter quotes: figures of full runs and the library's own source, never typed by hand."""

import html
import inspect
import json
from collections.abc import Callable
from importlib import resources
from typing import Any

from exposure_lab.errors import ChapterError


class Quoted:
    """The figure of a full run, with what made it; `not run yet` where there is none."""

    def __init__(self, name: str, figure: dict[str, Any] | None, made: dict[str, Any]) -> None:
        self.name, self.figure, self.made = name, figure, made

    def __repr__(self) -> str:
        if self.figure is None:
            return f"{self.name}: not run yet"
        value, unit = self.figure["value"], self.figure.get("unit") or ""
        interval = self.figure.get("ci")
        between = f" ({interval[0]:g} to {interval[1]:g})" if interval else ""
        made = ", ".join(str(self.made[key]) for key in ("data", "device", "date"))
        return f"{self.name}: {value:g} {unit}{between}, n = {self.figure['n']}; {made}"

    def _repr_html_(self) -> str:
        return f'<p class="quoted">{html.escape(repr(self))}</p>'


def result(reference: str) -> Quoted:
    """Quote a figure from the package's results.

    Args:
        reference: ``experiment.figure``, such as ``flips.psnr``.

    Raises:
        ChapterError: the experiment was run, but measured no such figure.
    """
    experiment, _, figure = reference.partition(".")
    file = resources.files("exposure_lab") / "results" / f"{experiment}.json"
    if not file.is_file():
        return Quoted(reference, None, {})
    report = json.loads(file.read_text(encoding="utf-8"))
    if figure not in report["figures"]:
        raise ChapterError(
            f"Expected a figure of {experiment}, one of {', '.join(report['figures'])}, but got "
            f"{figure!r}."
        )
    return Quoted(reference, report["figures"][figure], report)


class Source:
    """Source text of the library, as a notebook shows it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        # The class names are those of the site's own code cells, so the colours follow its theme.
        formatter = HtmlFormatter(cssclass="highlight")
        marked: str = highlight(self.text, PythonLexer(), formatter)
        return f'<div class="highlight-python notranslate">{marked}</div>'


def source(thing: Callable[..., Any] | type) -> Source:
    """The library's source of a function or class, as it runs in this chapter."""
    return Source(inspect.getsource(thing).rstrip())
