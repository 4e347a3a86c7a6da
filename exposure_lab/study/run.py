"""Running experiments: train what is missing, and write an experiment's results after each run."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.dataset import fingerprint
from exposure_lab.data.loading.packed import is_pack
from exposure_lab.data.packing import pack
from exposure_lab.errors import DataError, DivergedError
from exposure_lab.files.ownership import folder_lock
from exposure_lab.parallel import map_items
from exposure_lab.provenance import provenance
from exposure_lab.study.baseline_rows import baseline_hash, score_baseline
from exposure_lab.study.begin import new_results
from exposure_lab.study.claims import all_claims
from exposure_lab.study.experiments import Experiment
from exposure_lab.study.figures import figures_of
from exposure_lab.study.judge import check_rule
from exposure_lab.study.plan import PlannedRun, Settings, finished_rows, plan_runs
from exposure_lab.study.results import (
    ANY_SEED,
    Results,
    read_results,
    write_results,
)
from exposure_lab.study.rows import Row
from exposure_lab.study.scoring import held_out_scenes
from exposure_lab.study.train_arm import Task, run_task

OnRun = Callable[[int, int], None]
"""Callback of the number of runs that are done and the number of all of them."""


@dataclass(frozen=True)
class Workers:
    """Processes that train, and how long they may."""

    jobs: int = 1
    gpus: tuple[str, ...] = ()
    """Numbers of GPUs, one process each, in place of `jobs`."""
    scheduler: str | None = None
    """Address of a Dask scheduler, in place of both."""
    max_minutes: float | None = None
    threads: int | None = None
    """Threads of each process."""


class Study:
    """Experiments on one data set, with the folder of their results and that of their runs."""

    def __init__(
        self, data: Path, out: Path, runs: Path, settings: Settings, data_name: str = ""
    ) -> None:
        """Take the folders; nothing is written yet.

        Args:
            data: training and held-out pairs in MSEC layout.
            out: folder of the results, one JSON file an experiment.
            runs: folder of the runs, one folder each; those that are scored hold no checkpoint.
            settings: profile, overrides and seeds.
            data_name: name of the data set in a sentence; the folder's name where not given.

        Raises:
            DataError: no such folder.
        """
        if not data.is_dir():
            raise DataError(
                f"Expected a data set in MSEC layout at {data}, but there is no folder."
            )
        # Workers of a cluster may have been started in another folder.
        self.data, self.out, self.runs = data.absolute(), out, runs.absolute()
        self.settings = settings
        self.data_name = data_name or data.name
        self.fingerprint = fingerprint(data)

    def train(
        self, experiments: Sequence[Experiment], workers: Workers, on_run: OnRun | None = None
    ) -> bool:
        """Run experiments that train networks; what is done already is not done again.

        A run that diverges keeps none of the others from being done.

        Returns:
            Whether all of it is done; False where the time was over first.

        Raises:
            ConfigError: arms that differ in more than their factor, or an unknown setting.
            DataError: a rule, an experiment or the data changed since a run, or a results file was
                edited by hand.
            DivergedError: the losses of a run are not finite; the others are done.
            FilesError: another process runs the same study.
        """
        plans = {one.name: plan_runs([one], self.settings) for one in experiments}
        for experiment in experiments:
            self._read(experiment.name, experiment.design_hash)
        rows = finished_rows(self.out, list(plans), self.fingerprint)
        planned = {run.settings: run for runs in plans.values() for run in runs}
        missing = [run for settings, run in planned.items() if settings not in rows]
        diverged, complete = [], True
        with folder_lock(self.runs):
            for experiment in experiments:
                self._write(experiment, plans[experiment.name], rows)
            for row in self._run_all(missing, workers):
                if row is None:  # another process may have ended a later run all the same
                    complete = False
                    continue
                if isinstance(row, DivergedError):
                    diverged.append(row)
                    continue
                rows[row["settings"]] = row
                for experiment in experiments:
                    self._write(experiment, plans[experiment.name], rows)
                if on_run:
                    on_run(len(planned.keys() & rows.keys()), len(planned))
        if diverged:
            raise DivergedError(
                f"Expected all {len(planned)} runs to end, but {len(diverged)} did not, and the "
                f"others {'are done' if complete else 'go on with the same command'}; of the first "
                f"it is said: {diverged[0]}"
            )
        return complete

    def _run_all(
        self, runs: Sequence[PlannedRun], workers: Workers
    ) -> Iterator[Row | DivergedError | None]:
        until = None if workers.max_minutes is None else time.time() + 60 * workers.max_minutes
        tasks = [
            Task(
                run.config,
                str(self._packed(run.config.data)),
                str(self.data),
                self.fingerprint,
                str(self.runs),
                until,
                run.networks,
                workers.threads,
            )
            for run in runs
        ]
        return map_items(_try, tasks, workers.jobs, workers.scheduler, chunk=1, gpus=workers.gpus)

    def _packed(self, config: DataConfig) -> Path:
        """Pack the photos at the size that a run takes, once, so that no run decodes them again."""
        if is_pack(self.data):
            return self.data
        scale = f"{config.short_side}-{config.image_size}"
        packed = self.runs / f"photos-{self.fingerprint}-{scale}.pack"
        if not packed.exists():
            pack(self.data, packed, config)
        return packed

    def _write(
        self, experiment: Experiment, runs: Sequence[PlannedRun], rows: dict[str, Row]
    ) -> None:
        """Write the results of an experiment where there are rows that they lack.

        Rows that are there already stay, those of seeds that are not asked for now among them.
        """
        results = self._read(experiment.name, experiment.design_hash)
        there = {(row["arm"], row["seed"]): row for row in results.rows}
        done = [run for run in runs if run.settings in rows and (run.arm, run.seed) not in there]
        if not done:
            return
        data, config = str(self.data), done[0].config.data
        for run in done:
            there[run.arm, run.seed] = {"arm": run.arm, **rows[run.settings]}
        for name in experiment.baselines:
            settings = baseline_hash(name, config)
            if settings not in rows:
                rows[settings] = score_baseline(name, data, self.fingerprint, config)
            there[name, ANY_SEED] = {"arm": name, **rows[settings]}
        order = [*experiment.arms, *experiment.baselines]
        results.rows = sorted(
            there.values(),
            key=lambda row: (row["seed"] == ANY_SEED, row["seed"], order.index(row["arm"])),
        )
        results.scenes = held_out_scenes(data, config)
        results.device = str(results.rows[0]["device"])
        results.provenance = provenance(results.device, None, self.fingerprint)
        write_results(self.out / f"{experiment.name}.json", results, figures_of(results))

    def _read(self, name: str, design: str) -> Results:
        """Read the results so far, and check that rules and arms are those of then.

        Raises:
            DataError: they are not.
        """
        path = self.out / f"{name}.json"
        results = read_results(path)
        if results is None:
            overrides = self.settings.overrides
            of_data = self.data_name, self.fingerprint
            return new_results(name, design, self.settings.profile, overrides, *of_data)
        for claim in all_claims().values():
            if claim.experiment == name:
                check_rule(claim, results)
        for stored, now, what in (
            (results.design, design, "arms"),
            (results.profile, self.settings.profile, "profile"),
            (results.overrides, list(self.settings.overrides), "overrides"),
        ):
            if stored != now:
                raise DataError(
                    f"Expected the {what} that {path} was made with, but other {what} are asked "
                    "for now: write elsewhere with --out, or delete the file and its runs."
                )
        return results


def _try(task: Task) -> Row | DivergedError | None:
    """Do a run as `run_task` does; hand the error back where it diverges."""
    try:
        return run_task(task)
    except DivergedError as error:
        return error
