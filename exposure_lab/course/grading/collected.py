"""Records of a worker become the evidence of a question: only of the one that is running."""

import time
from typing import Any

from exposure_lab.course.grading.evidence import CaseEvidence, Evidence, Limit

MAX_KEPT = 16_000_000
"""Bytes, roughly, that are kept of one question."""

MAX_PRINTED, MAX_RAISED = 2_000, 200

LIMITS: tuple[Limit, ...] = ("time", "memory", "processes", "output", "died")


class Collected:
    """What came of one question so far. The first record of a case counts."""

    def __init__(self, question: str, cases: int) -> None:
        self.question = question
        self._cases: list[CaseEvidence | None] = [None] * cases
        self._end: dict[str, Any] = {}
        self._limit: Limit | None = None
        self._kept = 0
        self._begun = time.monotonic()

    def take(self, record: dict[str, Any]) -> None:
        """Take a record of this question; one that is not as the worker writes it changes nothing.

        Records are a stranger's data: nothing in them is used but by its type.
        """
        if record.get("end") == self.question and not self._end:
            self._end = record
        number = record.get("case")
        if record.get("question") != self.question or type(number) is not int:
            return
        if not 0 <= number < len(self._cases) or self._cases[number] is not None:
            return
        self._kept += _size(record.get("value"))
        if self._kept > MAX_KEPT:
            self.stop("output")
            return
        changed = record.get("changed") is True
        if "value" in record:
            self._cases[number] = CaseEvidence(value=record["value"], changed=changed)
        elif (raised := _text(record.get("raised"), MAX_RAISED)) is not None:
            self._cases[number] = CaseEvidence(raised=raised, changed=changed)
            if record.get("limit") in LIMITS:
                self.stop(record["limit"])

    def stop(self, limit: Limit) -> None:
        """Note the limit that the question hit; the first counts."""
        self._limit = self._limit or limit

    @property
    def complete(self) -> bool:
        """Whether the question came to its end."""
        return bool(self._end)

    def evidence(self) -> Evidence:
        """The evidence of the question."""
        return Evidence(
            self.question,
            tuple(self._cases),
            printed=_text(self._end.get("printed"), MAX_PRINTED) or "",
            missing=self._end.get("missing") is True,
            error=_text(self._end.get("error"), MAX_RAISED),
            limit=self._limit,
            seconds=round(time.monotonic() - self._begun, 3),
        )


def _text(value: Any, length: int) -> str | None:
    return value[:length] if isinstance(value, str) else None


def _size(value: Any) -> int:
    """Rough size in memory of a value from JSON, bytes."""
    size, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        size += 64 + (len(item) if isinstance(item, str) else 0)
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
    return size
