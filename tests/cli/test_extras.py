"""An installation without extras: a command that needs one says which, and shows no traceback."""

import importlib.metadata
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from exposure_lab.cli.extras import need_extra
from exposure_lab.errors import ConfigError

BOOK = ("papermill", "jupyter_book", "nbval", "nbformat", "ipykernel")
GRADE = ("jinja2", "yaml", "nbformat", "nbval", "pybtex")

COMMANDS = [
    (("chapters", "run"), "book", BOOK),
    (("chapters", "check"), "book", BOOK),
    (("book", "build"), "book", BOOK),
    (("course", "release", "OUT"), "grade", GRADE),
    (("course", "grade", "IN", "--release", "R", "--out", "OUT"), "grade", GRADE),
    (("course", "replay", "OUT", "anna"), "grade", GRADE),
    (("correct", "photo.jpg", "--model", "identity", "--scheduler", "tcp://x:1"), "cluster", ()),
    (("correct", "photo.dng", "--model", "identity"), "raw", ()),
]


def hide(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    """Let an import of these fail, as where they are not installed."""
    for name in modules:
        for known in [name, *(m for m in sys.modules if m.startswith(f"{name}."))]:
            monkeypatch.setitem(sys.modules, known, None)


@pytest.mark.parametrize(("command", "extra", "modules"), COMMANDS, ids=lambda value: str(value))
def test_a_sentence_names_the_extra(
    command: tuple[str, ...],
    extra: str,
    modules: tuple[str, ...],
    call: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("photo.jpg", "photo.dng"):
        (tmp_path / name).write_bytes(b"II*\0")
    hide(monkeypatch, *modules, "distributed", "rawpy")
    assert call(*command) in (1, 2)
    output = capsys.readouterr()
    text = output.err + output.out
    assert f'`pip install "exposure-lab[{extra}]"`' in text
    assert "Traceback" not in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo.dng", "photo.jpg"]


def test_what_is_missing_is_named() -> None:
    need_extra("book", "json", "pathlib")
    with pytest.raises(ConfigError, match=r"`book` for this command, but .* lacks no_a, no_b: run"):
        need_extra("book", "no_a", "json", "no_b")


@pytest.mark.parametrize(("extra", "modules"), [("book", BOOK), ("grade", GRADE)])
def test_the_extras_bring_what_their_commands_ask_for(extra: str, modules: tuple[str]) -> None:
    """By the package's own metadata, and what their packages require in turn."""
    distributions = importlib.metadata.packages_distributions()
    needed = {name.lower() for module in modules for name in distributions[module]}
    brought, waiting = set(), [*_requirements("exposure-lab", f'extra == "{extra}"')]
    while waiting:
        name = waiting.pop()
        if name not in brought:
            brought.add(name)
            waiting += _requirements(name, None)
    assert needed <= brought


def _requirements(name: str, marker: str | None) -> list[str]:
    try:
        lines = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    wanted = [line for line in lines if (marker in line if marker else "extra ==" not in line)]
    names = (re.match(r"[\w.-]+", line) for line in wanted)
    return [found[0].lower() for found in names if found]
