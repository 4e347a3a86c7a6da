"""JSON from strangers: strict, or one line that says what is wrong with it."""

import json
import math
import reprlib
from typing import Any

LONGEST = 8_000_000
"""Bytes: many times what this package writes, and at the very worst 200 MB of empty lists."""


def parse_json(text: str) -> Any:
    """Parse strict JSON: finite numbers, no key twice, no deeper than Python can follow.

    Raises:
        ValueError: it is something else; the message is one line.
    """
    if len(text) > LONGEST:
        raise ValueError(f"it has more than {LONGEST / 1e6:.0f} MB")
    hooks: dict[str, Any] = {"parse_float": _finite, "parse_constant": _finite}
    try:
        return json.loads(text, object_pairs_hook=_without_doubles, **hooks)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{reprlib.repr(number)} is no finite number")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found
