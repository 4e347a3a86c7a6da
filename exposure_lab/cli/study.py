"""exposure-lab study: list, plan and run the experiments, and judge the claims by them."""

import os
from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli import study_tables
from exposure_lab.cli.study_options import Out, Profile, Seeds, folder_of_profile
from exposure_lab.cli.terminal import say
from exposure_lab.errors import ConfigError
from exposure_lab.study import OWN_PROFILE

app = typer.Typer(
    help="Test the claims of the report by experiments over seeds.", no_args_is_help=True
)


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
    jobs: Annotated[int, typer.Option(min=1, help="Processes, of one thread each.")] = 1,
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
    from exposure_lab.study.measure import is_measured, measure
    from exposure_lab.study.measurements.registry import MEASUREMENTS
    from exposure_lab.study.plan import Settings
    from exposure_lab.study.run import Study, Workers

    chosen, overrides = _split(names, "an experiment, or all")
    anew = "all" not in chosen  # what is named is measured again
    if "all" in chosen:
        chosen = [*MEASUREMENTS, *all_experiments()]
    trained = [find_experiment(name) for name in chosen if name not in MEASUREMENTS]
    folder = folder_of_profile(out, profile)
    study = Study(
        data, folder, runs or folder / "runs", Settings(profile, overrides, seeds), data_name
    )
    for name in chosen:
        if name in MEASUREMENTS:
            place = out if MEASUREMENTS[name].any_scale else folder
            if anew or not is_measured(name, data, place, profile):
                measure(name, data, place, profile, data_name)
                say(f"Measured {name}.")
    gpus = tuple(devices.split(",")) if devices else ()
    # On a processor the sums of several threads end in other bits than those of one.
    threads = max(1, (os.cpu_count() or 1) // len(gpus)) if gpus else 1
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
    folder = folder_of_profile(out, profile) / OTHER_PHOTOS / data.resolve().name
    for experiment in experiments:
        results = score_on(data, experiment, runs, settings, data_name)
        path = folder / f"{experiment.name}.json"
        write_results(path, results, figures_of(results))
        scored = sum(row["seed"] != ANY_SEED for row in results.rows)
        asked = len(plan_runs([experiment], settings))
        say(f"Scored {scored} of {asked} runs on {len(results.scenes)} scenes: {path}")
        if scored < asked:
            say("The others are not finished, or kept no weights.")


app.command()(study_tables.claims)
app.command()(study_tables.plan)


def _split(names: list[str], wanted: str) -> tuple[list[str], tuple[str, ...]]:
    """Tell the names of experiments from settings. Raises ConfigError for settings alone."""
    chosen = [name for name in names if "=" not in name]
    if not chosen:
        raise ConfigError(f"Expected {wanted}, but got settings alone: name one.")
    return chosen, tuple(name for name in names if "=" in name)
