"""Reader of a stranger's pipe: it takes so many bytes and lines and no more, whatever comes."""

import json
import math
import os
import select
from collections.abc import Iterator
from typing import Any

MAX_LINE = 4_000_000
"""Bytes of a line."""

MAX_TOTAL = 64_000_000
"""Bytes of one worker's stream."""

MAX_LINES = 10_000
"""Lines of one worker's stream."""

MAX_VALUES = 400_000
"""Entries and containers of a line: each takes far more memory than its few bytes."""

MAX_DEPTH = 100
"""Containers in one another; a value as `wire.encode` writes it has sixty at most."""


class TooMuch(Exception):
    """More came than is read."""


class CappedReader:
    """Records, one JSON object a line, from a descriptor that does not block."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self._total = self._lines = 0
        self.at_end = False
        """Whether nothing can come any more."""

    def read(self, seconds: float) -> Iterator[dict[str, Any]]:
        """Yield the records that come next, after waiting so long at most; often none.

        A line that is no object of strict JSON is passed over.

        Raises:
            TooMuch: a line or all of them together are too long, or too many.
        """
        if not select.select([self._descriptor], [], [], max(0.0, seconds))[0]:
            return
        try:
            data = os.read(self._descriptor, 1 << 20)
        except BlockingIOError:
            return
        self.at_end = not data
        self._total += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._lines += len(lines)
        longest = max(map(len, (*lines, self._rest)))
        if self._total > MAX_TOTAL or self._lines > MAX_LINES or longest > MAX_LINE:
            raise TooMuch
        for line in lines:
            record = _parse(line) if line else None
            if isinstance(record, dict):
                yield record


def _parse(line: bytes) -> Any:
    """JSON of a line, or None where it is none, or holds what could not be written again."""
    if sum(map(line.count, (b",", b"[", b"{"))) > MAX_VALUES:
        return None
    try:
        record = json.loads(line.decode("ascii"), parse_float=_finite, parse_constant=_refuse)
        if _is_too_deep(record):
            return None
        if b"\\ud" in line.lower():
            json.dumps(record, ensure_ascii=False).encode()  # halves of characters cannot be
        return record
    except (ValueError, RecursionError):
        return None


def _is_too_deep(record: Any) -> bool:
    """Whether more containers lie in one another than can be written again."""
    level = [record] if isinstance(record, dict | list) else []
    for _ in range(MAX_DEPTH + 1):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, dict | list)
        ]
    return bool(level)


def _finite(number: str) -> float:
    """Number of a record; 1e999 is an infinity, which strict JSON cannot write again."""
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{number[:20]} is no finite number")
    return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
