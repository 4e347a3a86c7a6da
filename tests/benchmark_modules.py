"""Benchmarks as modules: they lie outside of every package, and import each other."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def import_benchmark(name: str) -> Iterator[ModuleType]:
    """A benchmark for a fixture, with the folder of all of them on the path while it is in use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield import_module(name)
