"""How much memory a fuzzer's cases take at their worst."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@contextmanager
def within(megabytes: float) -> Iterator[None]:
    """Fail if, at its peak, the block holds so much more than the process held at its start.

    The kernel keeps the peak, so none is missed between two looks; skips where it does not.
    """
    try:
        CLEAR.write_text("5")  # makes the peak what is held now: proc(5)
    except OSError as error:
        pytest.skip(f"the peak of memory cannot be measured here: {error}")
    start = _peak()
    yield
    grown = (_peak() - start) / 1e6
    assert grown < megabytes, f"{grown:.0f} MB above the start, where {megabytes} are allowed"


def _peak() -> int:
    """Bytes, at most, since the start or the last reset."""
    found = re.search(r"^VmHWM:\s*(\d+) kB", STATUS.read_text(), re.MULTILINE)
    if found is None:
        pytest.skip("this system does not report the peak of memory")
    return int(found[1]) * 1024
