"""Workers of a submission: groups of questions, each in a sandbox, and the evidence they give.

The questions of a group run one after another in one worker, so that torch is imported once. A
worker that died or was ended is replaced by a new one for the questions that were still to come.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from exposure_lab.course.grading.collected import Collected
from exposure_lab.course.grading.evidence import Evidence, Limit
from exposure_lab.course.grading.question_groups import group_questions, left_out_by
from exposure_lab.course.grading.sandbox.capped_reader import CappedReader, TooMuch
from exposure_lab.course.grading.sandbox.limits import Limits
from exposure_lab.course.grading.sandbox.process import SandboxedProcess, group_homes
from exposure_lab.course.grading.sandbox.stage import stage_package
from exposure_lab.course.grading.worker_job import Source, WorkerQuestion, job_data
from exposure_lab.errors import GradingError

GRACE = 2.0
"""Seconds after which a question is ended from outside that its worker should have ended."""


def run_worker(
    setup: str,
    cells: Sequence[Source],
    questions: Sequence[WorkerQuestion],
    stages: Path,
    *,
    limits: Limits | None = None,
    threads: int = 1,
    sandboxed: bool = True,
    handed_in: Path | None = None,
) -> dict[str, Evidence]:
    """Run the answers of one submission and give the evidence of each question, by its id.

    Args:
        setup: the chapter's import cell, from the release.
        cells: the cells that the student wrote, in the order of the notebook.
        questions: what is asked, with this grading's inputs.
        stages: folder of this batch, in which the package is staged where it is not yet.
        limits: what a worker may take.
        threads: that torch and the numerical libraries may use.
        sandboxed: False runs a plain process that holds to the limits alone, for submissions that
            are trusted.
        handed_in: folder of the files that came beside the notebook, which answers can read.

    Raises:
        GradingError: the sandbox does not start, or a question is not as it should be.
    """
    found: dict[str, Evidence] = {}
    for group in group_questions(questions):
        stage = stage_package(left_out_by(group), stages)
        waiting = list(group)
        while waiting:
            run = _Run(
                setup, cells, waiting, stage, limits or Limits(), threads, sandboxed, handed_in
            )
            found |= run.evidence()
            waiting = [question for question in waiting if question.id not in found]
    return {question.id: found[question.id] for question in questions}


class _Run:
    """One worker, from its start to its end or to the question that ended it."""

    def __init__(
        self,
        setup: str,
        cells: Sequence[Source],
        questions: Sequence[WorkerQuestion],
        stage: Path,
        limits: Limits,
        threads: int,
        sandboxed: bool,
        handed_in: Path | None,
    ) -> None:
        homes = group_homes()
        own = limits.own(
            memory=homes.memory is None,
            # Outside a namespace the user's other processes would count.
            processes=homes.processes is None and sandboxed,
        )
        self._job = job_data(setup, cells, questions, threads=threads, own_limits=own)
        self._stage, self._limits = stage, limits
        self._threads, self._sandboxed, self._handed_in = threads, sandboxed, handed_in
        self._waiting = list(questions)
        self._running: Collected | None = None
        self._done: dict[str, Evidence] = {}
        self._ready = False
        self._deadline = time.monotonic() + limits.start
        self._kills = self._refused = 0

    def evidence(self) -> dict[str, Evidence]:
        """Run the worker; give the evidence of the questions that it came to."""
        with SandboxedProcess(
            "worker.py",
            self._job,
            self._stage,
            self._limits,
            threads=self._threads,
            sandboxed=self._sandboxed,
            handed_in=self._handed_in,
        ) as process:
            limit = self._read(process)
            if not self._ready:
                process.end()
                raise GradingError(
                    "Expected the sandbox to start a worker, but it did not "
                    f"({process.complaint()}): run `exposure-lab doctor`."
                )
            if self._waiting and limit is None:
                limit = self._limit_of_death(process)
        if self._running is not None:
            self._finish(limit or "died")
        elif limit is not None and not self._done:
            # It was stopped before any question began: by the cells, which all of them share.
            for question in self._waiting:
                self._running = Collected(question.id, question.results)
                self._finish(limit)
        return self._done

    def _read(self, process: SandboxedProcess) -> Limit | None:
        """Read records until the worker ends; give the limit for which it was ended."""
        reader = CappedReader(process.results)
        while True:
            # Asked before reading: what it wrote at its very end is still read.
            ended = process.ended()
            try:
                records = list(reader.read(0.0 if ended else min(0.2, self._seconds_left())))
            except TooMuch:
                return "output"
            for record in records:
                self._take(record, process)
            if reader.at_end or (ended and not records):
                return None
            if self._seconds_left() <= 0:
                return "time"

    def _seconds_left(self) -> float:
        return self._deadline - time.monotonic()

    def _take(self, record: dict[str, object], process: SandboxedProcess) -> None:
        """Take a record. What the worker says of its course counts only in the order of its job."""
        if record.get("ready") is True and not self._ready:
            self._ready = True
        elif self._running is None:
            if self._waiting and record.get("begin") == self._waiting[0].id:
                question = self._waiting[0]
                self._running = Collected(question.id, question.results)
                self._deadline = time.monotonic() + question.seconds + GRACE
        elif record.get("done") == self._running.question:
            self._stop_by(record, process)
            self._finish(None)
            self._deadline = time.monotonic() + GRACE
        else:
            self._running.take(record)

    def _stop_by(self, record: dict[str, object], process: SandboxedProcess) -> None:
        """Note the limit that a question hit, from its worker's words and the system's counts."""
        assert self._running is not None
        # The cause first: what runs out of memory or processes often runs out of time as well.
        if process.memory_kills() > self._kills:
            self._running.stop("memory")
        if process.refused_processes() > self._refused:
            self._running.stop("processes")
        if record.get("limit") == "time":
            self._running.stop("time")
        if not self._running.complete:
            self._running.stop("died")
        self._kills, self._refused = process.memory_kills(), process.refused_processes()

    def _limit_of_death(self, process: SandboxedProcess) -> Limit | None:
        """Limit that ended the worker itself; None where it ended in order, for a new sandbox."""
        if self._running is None and self._done:
            return None
        if process.memory_kills() > self._kills:
            return "memory"
        return "processes" if process.refused_processes() > self._refused else "died"

    def _finish(self, limit: Limit | None) -> None:
        """Close the question that is running."""
        assert self._running is not None
        if limit is not None:
            self._running.stop(limit)
        self._done[self._running.question] = self._running.evidence()
        self._waiting = [each for each in self._waiting if each.id not in self._done]
        self._running = None
