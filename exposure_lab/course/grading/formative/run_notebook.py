"""Run of a whole notebook in a sandbox of its own, and what it told of itself.

The sandbox is that of gradings, with larger limits and a whole package: nothing that comes out of
it counts. It sees no release, no hidden input, no question of an instructor's own and no folder of
grades, and nothing that a grading will see is written from it.
"""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exposure_lab.course.grading.evidence import Limit
from exposure_lab.course.grading.formative.result import LONGEST, CheckLine, Stop
from exposure_lab.course.grading.formative.whole_notebook import CodeCell
from exposure_lab.course.grading.sandbox.capped_reader import CappedReader, TooMuch
from exposure_lab.course.grading.sandbox.limits import GIB, Limits
from exposure_lab.course.grading.sandbox.process import SandboxedProcess, group_homes
from exposure_lab.course.grading.sandbox.stage import stage_whole_package
from exposure_lab.course.release.answer_code import first_code_line
from exposure_lab.errors import GradingError

SCRIPT = Path(__file__).with_name("inside.py")

LIMITS = Limits(
    memory=4 * GIB, processes=128, temporary=GIB, file=GIB // 4, open_files=1024, start=120.0
)
"""A chapter trains small networks, draws figures and writes runs: more than one answer does."""

OUTPUT = 64_000_000
"""Bytes of output, all cells together: many times a chapter's figures and widgets."""

NEEDED = ("ipykernel", "nbclient", "nbformat")
"""Packages that run a notebook."""


def not_installed(missing: Sequence[str]) -> GradingError:
    """Error that says what formative runs lack."""
    return GradingError(
        f"Expected {' and '.join(missing)} for the formative run, but there is none: run `pip "
        'install "exposure-lab[grade]"`, or leave --formative out.'
    )


def stage(folder: Path) -> Path:
    """Stage what formative runs see, unless that was done before."""
    return stage_whole_package(folder, SCRIPT)


class NotebookRun:
    """One run, from the start of its sandbox to its end."""

    def __init__(self, cells: Sequence[CodeCell], seconds: float) -> None:
        """Prepare a run.

        Args:
            cells: of `whole_notebook.rebuild`.
            seconds: that they may take, all together, once a kernel has started.
        """
        self._cells, self._allowed = cells, seconds
        self._ready: float | None = None
        self._ended = False
        self._at = -1
        """Place of the cell that began last."""
        self._error = ""
        self._limit: Limit | None = None
        self._number = 0
        """Line of the cell with the error, as it was told."""
        self._failed = ""
        """What failed before a line of the notebook ran."""
        self._lines: dict[int, str] = {}
        self.seconds = 0.0

    def run(self, stage: Path, *, limits: Limits = LIMITS, sandboxed: bool = True) -> None:
        """Run the notebook; what came of it is told by the properties.

        Args:
            stage: folder of `stage`.
            limits: what the sandbox may take.
            sandboxed: False runs a plain process, for submissions that are trusted.

        Raises:
            GradingError: the sandbox or the kernel does not start.
        """
        with SandboxedProcess(
            SCRIPT.name, self._job(limits, sandboxed), stage, limits, sandboxed=sandboxed
        ) as process:
            limit = self._read(process, limits.start)
            process.end()
            if self._ready is None:
                complaint = self._failed or ("too slow" if limit else process.complaint())
                raise GradingError(
                    "Expected the sandbox to start a notebook, but it did not "
                    f"({complaint[:200]}): run `exposure-lab doctor`, and try fewer --jobs."
                )
            self.seconds = round(time.monotonic() - self._ready, 2)
            if not self._ended and not self._error:
                self._limit = limit or self._limit or "died"
                if process.memory_kills():
                    self._limit = "memory"
                elif self._limit == "died" and process.refused_processes():
                    self._limit = "processes"

    @property
    def ran(self) -> int:
        """Cells that came to their end."""
        return len(self._cells) if self._ended else max(0, self._at)

    @property
    def stop(self) -> Stop | None:
        """Where it stopped; None where it ran to its end."""
        if self._ended:
            return None
        if self._at < 0:
            return Stop(cell=0, limit=self._limit)
        cell = self._cells[self._at]
        lines = cell.source.splitlines()
        known = 0 < self._number <= len(lines)
        line = lines[self._number - 1] if known else first_code_line(cell.source)
        return Stop(
            cell=self._at + 1,
            kind=cell.kind,
            question=cell.question,
            number=self._number if known else 0,
            line=line.strip()[:LONGEST],
            error=self._error,
            limit=self._limit,
        )

    @property
    def checks(self) -> tuple[CheckLine, ...]:
        """What the checks printed, in order."""
        return tuple(
            CheckLine(question=self._cells[place].question, line=line)
            for place, line in sorted(self._lines.items())
        )

    def _job(self, limits: Limits, sandboxed: bool) -> bytes:
        homes = group_homes()
        own = limits.own(
            memory=homes.memory is None, processes=homes.processes is None and sandboxed
        )
        job = {
            "cells": [cell.source for cell in self._cells],
            "checks": [at for at, cell in enumerate(self._cells) if cell.kind == "check"],
            "limits": own,
            "needed": NEEDED,
            "output": OUTPUT,
            "start": limits.start,
        }
        return json.dumps(job).encode("ascii")

    def _read(self, process: SandboxedProcess, start: float) -> Limit | None:
        """Read records until it has ended; give the limit for which it must be ended."""
        reader = CappedReader(process.results)
        deadline = time.monotonic() + start
        while True:
            # Asked before reading: what it wrote at its very end is still read.
            ended = process.ended()
            try:
                left = max(0.0, min(0.2, deadline - time.monotonic()))
                records = list(reader.read(0.0 if ended else left))
            except TooMuch:
                return "output"
            for record in records:
                if self._ready is None and record.get("ready") is True:
                    self._ready = time.monotonic()
                    deadline = self._ready + self._allowed
                self._take(record)
            if self._ended or self._error or reader.at_end or (ended and not records):
                return None
            if time.monotonic() >= deadline:
                return "time"

    def _take(self, record: Mapping[str, Any]) -> None:
        """Take a record of the order in which a notebook runs; others are passed over."""
        if isinstance(missing := record.get("missing"), list) and self._ready is None:
            raise not_installed([str(name)[:40] for name in missing[:3]])
        if self._ready is None and isinstance(failed := record.get("failed"), str):
            self._failed = failed
        if self._ready is None or self._ended:
            return
        last = len(self._cells) - 1
        if record.get("begin") == self._at + 1 <= last:
            self._at += 1
        elif record.get("check") == self._at and self._is_check(record.get("line")):
            self._lines[self._at] = str(record["line"]).strip()[:LONGEST]
        elif record.get("end") is True and self._at == last:
            self._ended = True
        elif isinstance(error := record.get("error"), str) and self._at >= 0:
            self._error = error[:LONGEST] or "an error without a name"
            number = record.get("line")
            self._number = number if isinstance(number, int) else 0
        elif record.get("limit") in ("output", "died"):
            self._limit = "output" if record["limit"] == "output" else "died"

    def _is_check(self, line: Any) -> bool:
        return self._at >= 0 and self._cells[self._at].kind == "check" and isinstance(line, str)
