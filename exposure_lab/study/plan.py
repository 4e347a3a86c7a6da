"""Plan of the study: which runs an experiment needs, which are done, and what the rest costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.config import RunConfig
from exposure_lab.errors import DataError
from exposure_lab.study.claims import all_claims
from exposure_lab.study.experiments import Experiment, Networks, all_experiments
from exposure_lab.study.judge import judge_all
from exposure_lab.study.results import read_results
from exposure_lab.study.rows import Row
from exposure_lab.study.train_arm import settings_hash

SEEDS = 5
"""Paired seeds of an experiment whose claims ask for no more."""


@dataclass(frozen=True)
class Settings:
    """What all runs of a study have in common."""

    profile: str
    overrides: tuple[str, ...] = ()
    seeds: int | None = None
    """Seeds of every experiment; those that its claims ask for where not given."""


@dataclass(frozen=True)
class PlannedRun:
    """One arm of an experiment at one seed."""

    experiment: str
    arm: str
    seed: int
    config: RunConfig
    networks: Networks

    @property
    def settings(self) -> str:
        """Hash of the settings; runs that share it are trained once."""
        return settings_hash(self.config, self.networks)

    @property
    def length(self) -> int:
        """Pictures that it trains on; where an epoch takes all there are, epochs in their place."""
        training = self.config.training
        return training.epochs * (training.steps_per_epoch * training.batch_size or 1)


def seeds_of(experiment: Experiment, settings: Settings) -> int:
    """Number of seeds: as asked, else as many as the most demanding of its claims."""
    asked = [claim.seeds for claim in all_claims().values() if claim.experiment == experiment.name]
    return settings.seeds or max(asked, default=SEEDS)


def plan_runs(experiments: Sequence[Experiment], settings: Settings) -> list[PlannedRun]:
    """List all runs of some experiments, seed by seed, so that arms become whole pairs early.

    Raises:
        ConfigError: an unknown setting, or arms that differ in more than their factor.
    """
    runs = []
    for experiment in experiments:
        experiment.check_factor(settings.profile, settings.overrides)
        for seed in range(1, seeds_of(experiment, settings) + 1):
            for arm in experiment.arms:
                config = experiment.config(arm, seed, settings.profile, settings.overrides)
                runs.append(PlannedRun(experiment.name, arm, seed, config, experiment.networks))
    return runs


def finished_rows(out: Path, names: Sequence[str], fingerprint: str | None) -> dict[str, Row]:
    """Collect the rows that the results in a folder hold, by the hash of their settings.

    Experiments share runs, so that the rows of all of them count, not of the named ones alone.

    Args:
        out: folder of the results.
        names: experiments that the rows are for.
        fingerprint: of the data, or None to take rows of any.

    Returns:
        Settings to row, without the arm, whose name is an experiment's own.

    Raises:
        DataError: a named experiment holds rows of other data, or a file was edited by hand.
    """
    rows: dict[str, Row] = {}
    for name in dict.fromkeys([*names, *all_experiments()]):
        results = read_results(out / f"{name}.json")
        for row in results.rows if results else []:
            if fingerprint in (None, row["data"]):
                shared = {key: value for key, value in row.items() if key != "arm"}
                rows.setdefault(row["settings"], shared)
            elif name in names:
                raise DataError(
                    f"Expected results of the data that were given, but {out / f'{name}.json'} "
                    "holds some of another set: give that set, or write elsewhere with --out."
                )
    return rows


@dataclass(frozen=True)
class Cost:
    """What some runs took, and what is left of them."""

    runs: int
    """Different runs; those that experiments share are trained once."""
    left: int
    """Runs that are not done yet."""
    seconds_used: float
    seconds_left: float | None
    """On one process; None where no run has been timed yet."""


def cost_of(runs: Sequence[PlannedRun], rows: Mapping[str, Row], pace: float | None) -> Cost:
    """Sum up what some runs took, and estimate the rest by their lengths.

    Args:
        runs: of one experiment, or of several.
        rows: of the runs that are done, by the hash of their settings.
        pace: as `pace_of` gives it, for experiments of which no run is done yet.
    """
    planned = {run.settings: run for run in runs}
    done = [run for settings, run in planned.items() if settings in rows]
    left = [run for settings, run in planned.items() if settings not in rows]
    own = {
        name: pace_of([run for run in done if run.experiment == name], rows) or pace
        for name in {run.experiment for run in left}
    }
    used = sum(rows[run.settings]["seconds"] for run in done)
    paces = [own[run.experiment] for run in left]
    if None in paces:
        return Cost(len(planned), len(left), used, None)
    seconds = sum(run.length * each for run, each in zip(left, paces, strict=True) if each)
    return Cost(len(planned), len(left), used, seconds)


def pace_of(runs: Sequence[PlannedRun], rows: Mapping[str, Row]) -> float | None:
    """Compute the seconds that runs took for each unit of their length; None where none is done."""
    done = {run.settings: run for run in runs if run.settings in rows}
    length = sum(run.length for run in done.values())
    return sum(rows[settings]["seconds"] for settings in done) / length if length else None


def seeds_that_would_decide(folder: Path) -> dict[str, int]:
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
