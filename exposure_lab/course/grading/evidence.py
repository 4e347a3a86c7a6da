"""Evidence of one question: what an answer gave in the sandbox, and what stopped it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from exposure_lab.files.atomic import write_text

Limit = Literal["time", "memory", "processes", "output", "died"]
"""What ended the worker while it ran a question; ``died``: it ended itself, or was ended."""


@dataclass(frozen=True)
class CaseEvidence:
    """Result of one call, as the sandbox told it."""

    value: Any = None
    """What the call gave, as `wire.encode` wrote it."""
    raised: str | None = None
    """Type and message of the error that the call raised, at most 200 characters."""
    changed: bool = False
    """Whether the call changed an argument in place."""


@dataclass(frozen=True)
class Evidence:
    """What came out of the sandbox for a question."""

    question: str
    cases: tuple[CaseEvidence | None, ...]
    """One for each call, in order, None where none came; a value question has one."""
    printed: str = ""
    """What the answer printed, at most 2,000 characters."""
    missing: bool = False
    """Whether the answer's cell defines no such name."""
    error: str | None = None
    """Error that the answer's own cell raised."""
    limit: Limit | None = None
    seconds: float = 0.0
    """Wall time that the question took."""

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Evidence":
        """Evidence from what `to_json` gave."""
        cases = (None if case is None else CaseEvidence(**case) for case in data["cases"])
        return cls(**{**data, "cases": tuple(cases)})


def write_evidence(path: Path, evidence: Sequence[Evidence]) -> None:
    """Write evidence as strict JSON, of whatever size its reader let in. Raises FilesError."""
    write_text(path, json.dumps([one.to_json() for one in evidence], allow_nan=False))
