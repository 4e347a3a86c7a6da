"""exposure-lab study: list, plan and run the experiments, and judge the claims by them."""

import os
from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.terminal import escape_controls, say
from exposure_lab.errors import ConfigError

app = typer.Typer(
    help="Test the claims of the report by experiments over seeds.", no_args_is_help=True
)

OWN_PROFILE = "study"
"""Profile whose results lie in the folder itself; those of another lie in a folder of its name."""

WORDS_FROM = 110
"""Columns of a terminal from which the claims are shown in words beside their ids."""

Out = Annotated[Path, typer.Option(help="Folder of the results, one JSON file an experiment.")]
Profile = Annotated[str, typer.Option(help="smoke, laptop, colab, study or report.")]
Seeds = Annotated[
    int | None, typer.Option(min=2, help="Paired seeds; else as many as the claims ask for.")
]


@app.command("list")
def list_experiments() -> None:
    """List the experiments: what each answers, by which arms, over how many seeds.

    Example: exposure-lab study list
    """
    from rich.console import Console
    from rich.table import Table

    from exposure_lab.study.experiments import all_experiments
    from exposure_lab.study.measurements.registry import MEASUREMENTS
    from exposure_lab.study.plan import Settings, seeds_of

    table = Table("experiment", "question", "arms", "seeds")
    for name, measurement in MEASUREMENTS.items():
        table.add_row(name, measurement.about, "no training", "")
    for name, experiment in all_experiments().items():
        arms = ", ".join([*experiment.arms, *experiment.baselines])
        seeds = seeds_of(experiment, Settings(OWN_PROFILE))
        table.add_row(name, experiment.question, arms, str(seeds))
    Console().print(table)


@app.command()
def run(
    names: Annotated[
        list[str],
        typer.Argument(help="Experiments, or all; and settings such as training.epochs=5."),
    ],
    data: Annotated[Path, typer.Option(help="Paired set in MSEC layout, with held-out photos.")],
    profile: Profile = OWN_PROFILE,
    seeds: Seeds = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    devices: Annotated[
        str | None, typer.Option(help="GPUs, one process each, such as 0,1; in place of --jobs.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, in place of --jobs.")
    ] = None,
    max_minutes: Annotated[
        float | None, typer.Option(min=0, help="Stop after so long; the same command goes on.")
    ] = None,
    out: Out = Path("runs/study"),
    runs: Annotated[
        Path | None, typer.Option(show_default="OUT/runs", help="Folder of the training runs.")
    ] = None,
    data_name: Annotated[str, typer.Option(help="Name of the data set, for the results.")] = "",
) -> None:
    """Run experiments and write their results after each run; what is done is not done again.

    Example: exposure-lab study run flips l1 --data runs/bsds --jobs 2
    """
    from exposure_lab.cli.progress import progress
    from exposure_lab.study.experiments import all_experiments, find_experiment
    from exposure_lab.study.measurements.registry import MEASUREMENTS
    from exposure_lab.study.plan import Settings
    from exposure_lab.study.run import Study, Workers

    chosen, overrides = _split(names, "an experiment, or all")
    if "all" in chosen:
        chosen = [*MEASUREMENTS, *all_experiments()]
    trained = [find_experiment(name) for name in chosen if name not in MEASUREMENTS]
    folder = _of_profile(out, profile)
    study = Study(
        data, folder, runs or folder / "runs", Settings(profile, overrides, seeds), data_name
    )
    for name in chosen:
        if name in MEASUREMENTS:
            study.measure(name)
            say(f"Measured {name}.")
    gpus = tuple(devices.split(",")) if devices else ()
    threads = max(1, (os.cpu_count() or 1) // jobs) if jobs > 1 else None
    workers = Workers(jobs, gpus, scheduler, max_minutes, threads)
    with progress("run") as show:
        finished = not trained or study.train(trained, workers, show)
    if not finished:
        say("Stopped because the time was over; the same command goes on.")


@app.command("score")
def score_again(
    names: Annotated[
        list[str],
        typer.Argument(help="Experiments; and the settings with which they were run."),
    ],
    data: Annotated[Path, typer.Option(help="Other photos: a paired set with held-out ones.")],
    runs: Annotated[Path, typer.Option(help="Folder of the training runs.")] = Path(
        "runs/study/runs"
    ),
    profile: Profile = OWN_PROFILE,
    seeds: Seeds = None,
    out: Out = Path("runs/study"),
    data_name: Annotated[str, typer.Option(help="Name of the photos, for the results.")] = "",
) -> None:
    """Score finished runs on other photos, such as real brackets; nothing is trained again.

    The results lie in OUT/other-photos, in a folder of the set's name. No claim is judged by them.

    Example: exposure-lab study score critic --data brackets
    """
    from exposure_lab.study.experiments import find_experiment
    from exposure_lab.study.figures import figures_of
    from exposure_lab.study.other_photos import score_on
    from exposure_lab.study.plan import Settings, plan_runs
    from exposure_lab.study.results import ANY_SEED, OTHER_PHOTOS, write_results

    chosen, overrides = _split(names, "an experiment")
    experiments = [find_experiment(name) for name in chosen]
    settings = Settings(profile, overrides, seeds)
    folder = _of_profile(out, profile) / OTHER_PHOTOS / data.resolve().name
    for experiment in experiments:
        results = score_on(data, experiment, runs, settings, data_name)
        path = folder / f"{experiment.name}.json"
        write_results(path, results, figures_of(results))
        scored = sum(row["seed"] != ANY_SEED for row in results.rows)
        asked = len(plan_runs([experiment], settings))
        say(f"Scored {scored} of {asked} runs on {len(results.scenes)} scenes: {path}")
        if scored < asked:
            say("The others are not finished, or kept no weights.")


@app.command()
def claims(
    check: Annotated[
        bool, typer.Option("--check", help="Only recompute everything and compare; exit 1 if not.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(show_default="those of the package", help="Folder of results.")
    ] = None,
) -> None:
    """Judge every claim by the results, at our scale and at the report's.

    Example: exposure-lab study claims
    """
    from rich.console import Console
    from rich.table import Column, Table

    from exposure_lab.study.check import check_results
    from exposure_lab.study.ledger import judge_scales, sum_up
    from exposure_lab.study.results import results_folder

    folder = out or results_folder()
    checked = check_results(folder)
    ledger = judge_scales(folder)
    if check:
        say(f"{checked} results and {len(ledger)} verdicts are what their rows make them.")
        return
    console = Console()
    wide = console.width >= WORDS_FROM
    words = ["in our words"] if wide else []
    table = Table(Column("claim", no_wrap=True), "section", *words, "our scale", "report's scale")
    for entry in ledger:
        claim = entry.claim
        said = [escape_controls(f"{claim.claim} {entry.ours.reason}".strip())] if wide else []
        table.add_row(claim.id, claim.section, *said, entry.ours.verdict, entry.report.verdict)
    console.print(table)
    console.print(sum_up(ledger))


@app.command()
def plan(
    overrides: Annotated[
        list[str] | None, typer.Argument(help="Settings of the runs, as `study run` took them.")
    ] = None,
    profile: Profile = OWN_PROFILE,
    seeds: Seeds = None,
    out: Annotated[
        Path | None, typer.Option(show_default="those of the package", help="Folder of results.")
    ] = None,
) -> None:
    """Tell which runs are still needed, what was used and is left in hours, and seeds to come.

    Hours are of one process. The last column counts seeds of which as many as it says would make
    the intervals of undecided claims narrow enough, if their effects stayed as they are.

    Example: exposure-lab study plan --out runs/study
    """
    from rich.console import Console
    from rich.table import Table

    from exposure_lab.study.experiments import all_experiments
    from exposure_lab.study.plan import (
        Settings,
        cost_of,
        finished_rows,
        pace_of,
        plan_runs,
        seeds_that_would_decide,
    )
    from exposure_lab.study.results import results_folder

    folder = _of_profile(out or results_folder(), profile)
    experiments = list(all_experiments().values())
    settings = Settings(profile, tuple(overrides or ()), seeds)
    rows = finished_rows(folder, [one.name for one in experiments], None)
    needed = seeds_that_would_decide(folder)
    table = Table("experiment", "seeds", "to decide", "runs", "left", "hours used", "hours left")
    planned = plan_runs(experiments, settings)
    pace = pace_of(planned, rows)
    for experiment in experiments:
        own = [run for run in planned if run.experiment == experiment.name]
        cost = cost_of(own, rows, pace)
        table.add_row(
            experiment.name,
            str(len({run.config.seed for run in own})),
            str(needed.get(experiment.name, "")),
            *(str(cost.runs), str(cost.left), _hours(cost.seconds_used), _hours(cost.seconds_left)),
        )
    whole = cost_of(planned, rows, pace)
    console = Console()
    console.print(table)
    rest = whole.seconds_left
    console.print(
        f"Experiments share runs: {whole.runs} are different and {whole.left} of them left. Hours "
        f"on one process: {_hours(whole.seconds_used)} used, "
        f"{'the rest is not timed yet' if rest is None else f'{_hours(rest)} left'}."
    )


def _hours(seconds: float | None) -> str:
    return "not timed" if seconds is None else f"{seconds / 3600:.1f}"


def _split(names: list[str], wanted: str) -> tuple[list[str], tuple[str, ...]]:
    """Tell the names of experiments from settings. Raises ConfigError for settings alone."""
    chosen = [name for name in names if "=" not in name]
    if not chosen:
        raise ConfigError(f"Expected {wanted}, but got settings alone: name one.")
    return chosen, tuple(name for name in names if "=" in name)


def _of_profile(out: Path, profile: str) -> Path:
    return out if profile == OWN_PROFILE else out / profile
