"""Plugin of pytest for judge notebooks: tolerances of the reference's side, and cells by their ids.

nbval compares the bundle of a check exactly, with the stored one on the left. Here a stored
``{"at_most": x}`` becomes an object that takes any number up to x, so that no tolerance can come
from what is judged. nbval numbers its cells; here a cell's id stands beside its number.
"""

from collections.abc import Sequence
from numbers import Real
from typing import Any

MIME = "application/vnd.exposure-lab.check+json"
"""Type of the bundle that a judging cell shows beside its line. It stands here, and not with the
judge, so that the process of pytest imports no numpy."""

CELL_ID = "cell_id"
"""Property of a test in the report that holds the id of its cell."""


class UpTo:
    """Number up to a limit, as nbval compares it: by ``!=``, this side on the left."""

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Real)
            and not isinstance(other, bool)
            and 0 <= float(other) <= self.limit
        )

    def __hash__(self) -> int:
        return hash(self.limit)

    def __repr__(self) -> str:
        return f"at most {self.limit:g}"


def pytest_collectstart(collector: Any) -> None:
    """Keep nbval from comparing what a right answer may differ in."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, "stderr")


def pytest_collection_modifyitems(items: Sequence[Any]) -> None:
    """Report each cell by its id, and read the tolerances of its stored outputs."""
    for item in items:
        item.user_properties.append((CELL_ID, item.cell.id))
        for output in item.cell.get("outputs", ()):
            stored = output.get("data", {}).get(MIME)
            if stored is None:
                continue
            for key, value in stored.items():
                if isinstance(value, dict) and set(value) == {"at_most"}:
                    stored[key] = UpTo(value["at_most"])
