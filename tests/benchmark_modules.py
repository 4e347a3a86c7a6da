"""Benchmarks as modules: they lie outside of every package, and import each other."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def import_benchmark(name: str) -> Iterator[ModuleType]:
    """A benchmark for a fixture, with the folder of all of them on the path while it is in use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield import_module(name)


def report_of_day(out: Path, part: str) -> dict[str, Any]:
    """What `gpu_day.py` left of one of its parts, or of the day itself."""
    content = json.loads((out / "gpu_day.json").read_text(encoding="utf-8")).get(part)
    assert set(content) == {"name", "figures", "bars", "skipped", "provenance"}
    assert content["name"] == part
    return dict(content)
