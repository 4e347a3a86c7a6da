"""Plan of the study: which runs an experiment needs, which are done, and what the rest costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.config import RunConfig
from exposure_lab.errors import DataError
from exposure_lab.study.claims import all_claims
from exposure_lab.study.experiments import Experiment, Networks, all_experiments
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
