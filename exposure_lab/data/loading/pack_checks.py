"""Checks of a packed set before its pixels are mapped, since it may be damaged or forged."""

# n rows of a table

import reprlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.data.layout import SPLIT_FOLDERS

Table = NDArray[Any]

KINDS = {"short_side": int, "image_size": int, "fingerprint": str, "pixels": int, "tables": dict}

LONGEST_SIDE = 65_535
"""px: the longest side of a JPEG."""

ROWS = 2**18
"""Rows that are checked at a time: a table of any length takes no memory of its own."""


class Index(NamedTuple):
    """Content of a pack's ``index.json``, see `packed`."""

    short_side: int
    image_size: int
    fingerprint: str
    pixels: int
    """Bytes of ``pixels.bin``."""
    tables: dict[str, str]
    """SHA-256 by name: ``photos`` and the splits."""


def parse_index(content: dict[str, Any]) -> Index:
    """Parse the index of a pack.

    Raises:
        ValueError: something is missing or of another kind; the message is one line.
    """
    for key, kind in KINDS.items():
        if type(content.get(key)) is not kind:
            raise ValueError(f"{key} in its index is {reprlib.repr(content.get(key))}")
    index = Index(**{key: content[key] for key in KINDS})
    if not {"photos"} < index.tables.keys() <= {"photos", *SPLIT_FOLDERS}:
        raise ValueError(f"its index has the tables {reprlib.repr(sorted(index.tables))}")
    sides = index.short_side, index.image_size
    if not (min(sides) == 0 < max(sides) <= LONGEST_SIDE and index.pixels > 0):
        raise ValueError("its index has sizes that no pack has")
    if len(index.fingerprint) > 100 or not index.fingerprint.isprintable():
        raise ValueError(f"fingerprint in its index is {reprlib.repr(index.fingerprint)}")
    return index


def open_table(path: Path, dtype: np.dtype[Any]) -> Table:
    """Map a table, (n,) of ``dtype``, n at least 1.

    Raises:
        ValueError: it is no such table; the message is one line.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            table: Table = np.lib.format.open_memmap(path, mode="r")
        except Exception as error:  # numpy evaluates the header: a made-up one raises anything
            problem = reprlib.repr(str(error))
            raise ValueError(f"{path.name} is no table of numpy ({problem})") from error
    if table.dtype != dtype or table.ndim != 1 or not len(table):
        raise ValueError(f"{path.name} has other columns, or no rows")
    return table


def check_photos(photos: Table, index: Index) -> None:
    """Check that every photo lies within the pixels and has the size that the index states.

    Raises:
        ValueError: one does not.
    """
    for start, rows in _iterate_rows(photos):
        offset, height, width = (
            rows[key].astype(np.int64) for key in ("offset", "height", "width")
        )
        if index.short_side:
            sized = np.minimum(height, width) == index.short_side
        else:
            sized = (height == index.image_size) & (width == index.image_size)
        area = height * width  # three times it may be more than 64 bits hold
        inside = (area <= index.pixels // 3) & (offset <= index.pixels - 3 * area)
        _refuse_first(start, sized & inside & (offset >= 0), "photo", "has another size or place")


def check_pairs(pairs: Table, photos: Table) -> None:
    """Check that every pair is of two photos of one size, at an exposure that is a number.

    Raises:
        ValueError: one is not.
    """
    for start, rows in _iterate_rows(pairs):
        both = np.stack([rows["input"], rows["target"]])  # (2, n)
        there = ((both >= 0) & (both < len(photos))).all(0)
        _refuse_first(start, there & np.isfinite(rows["ev"]), "pair", "lacks photos or exposure")
        first, second = photos[both]
        same_size = (first["height"] == second["height"]) & (first["width"] == second["width"])
        _refuse_first(start, same_size, "pair", "has photos of two sizes")


def _refuse_first(start: int, good: NDArray[np.bool_], what: str, fault: str) -> None:
    if not good.all():
        raise ValueError(f"{what} {start + int(np.argmin(good))} {fault}")


def _iterate_rows(table: Table) -> Iterator[tuple[int, Table]]:
    for start in range(0, len(table), ROWS):
        yield start, table[start : start + ROWS]
