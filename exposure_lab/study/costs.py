"""Costs of the study: hours that its runs took, hours to come, and seeds that would decide more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.study.judge import judge_all
from exposure_lab.study.plan import PlannedRun
from exposure_lab.study.rows import Row

Rows = Mapping[str, Row]
"""Rows of the runs that are done, by the hash of their settings."""


@dataclass(frozen=True)
class Cost:
    """What some runs took, and what is left of them."""

    seeds: int
    runs: int
    """Different runs; those that experiments share are trained once."""
    left: int
    """Runs that are not done yet."""
    seconds_used: float
    seconds_left: float | None
    """On one process, by the lengths of the runs; None where no run has been timed yet."""


def costs_of(planned: Sequence[PlannedRun], rows: Rows) -> tuple[dict[str, Cost], Cost]:
    """Sum up what each experiment took and what is left of it, and what all of them together.

    An experiment of which no run is done yet is expected to take the pace of the others.

    Args:
        planned: runs of the experiments.
        rows: of the runs that are done.

    Returns:
        Experiment to cost, and the cost of all runs, each counted once.
    """
    names = dict.fromkeys(run.experiment for run in planned)
    runs = {name: [run for run in planned if run.experiment == name] for name in names}
    overall = _pace(planned, rows)
    paces = {name: _pace(own, rows) or overall for name, own in runs.items()}
    costs = {name: _cost(own, rows, paces) for name, own in runs.items()}
    return costs, _cost(planned, rows, paces)


def _pace(runs: Sequence[PlannedRun], rows: Rows) -> float | None:
    """Seconds that finished runs took for each unit of their length; None where none is done."""
    done = {run.settings: run.length for run in runs if run.settings in rows}
    used = sum(rows[settings]["seconds"] for settings in done)
    return used / sum(done.values()) if done else None


def _cost(runs: Sequence[PlannedRun], rows: Rows, paces: Mapping[str, float | None]) -> Cost:
    different = {run.settings: run for run in runs}
    left = [run for settings, run in different.items() if settings not in rows]
    used = sum(rows[settings]["seconds"] for settings in different.keys() & rows.keys())
    timed = [run.length * pace for run in left if (pace := paces[run.experiment]) is not None]
    to_come = sum(timed) if len(timed) == len(left) else None
    seeds = len({run.config.seed for run in runs})
    return Cost(seeds, len(different), len(left), used, to_come)


def seeds_needed(folder: Path) -> dict[str, int]:
    """Find how many seeds the undecided claims of each experiment need, where a number would do.

    Args:
        folder: of the results.

    Raises:
        DataError: as `judge_all` raises it.
    """
    needed: dict[str, int] = {}
    for judgement in judge_all(folder).values():
        if judgement.seeds_needed:
            name = judgement.claim.experiment
            needed[name] = max(judgement.seeds_needed, needed.get(name, 0))
    return needed
