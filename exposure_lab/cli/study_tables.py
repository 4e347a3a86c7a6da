"""exposure-lab study claims, plan: verdicts, and what the study has cost and will, in tables."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.study_options import Profile, Seeds, folder_of_profile
from exposure_lab.cli.terminal import escape_controls, say
from exposure_lab.study import OWN_PROFILE

WORDS_FROM = 110
"""Columns of a terminal from which the claims are shown in words beside their ids."""


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
    from exposure_lab.study.ledger import judge_scales, name_scale, sum_up
    from exposure_lab.study.results import results_folder
    from exposure_lab.study.rule_history import check_rule_history

    folder = out or results_folder()
    checked = check_results(folder)
    ledger = judge_scales(folder)
    if check:
        say(f"{checked} results and {len(ledger)} verdicts are what their rows make them.")
        history = check_rule_history(folder)
        say(f"{history.confirmed} claims had their rule in the commits that trained for them.")
        if history.unknown:
            say(f"Of {history.unknown} more, a commit is not in this copy of the history.")
        return
    console = Console()
    wide = console.width >= WORDS_FROM
    words = ["in our words"] if wide else []
    scales = name_scale(folder), "report's scale"
    table = Table(Column("claim", no_wrap=True), "section", *words, *scales)
    for entry in ledger:
        claim = entry.claim
        said = [escape_controls(f"{claim.claim} {entry.ours.reason}".strip())] if wide else []
        table.add_row(claim.id, claim.section, *said, entry.ours.verdict, entry.report.verdict)
    console.print(table)
    console.print(sum_up(ledger))


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
    """Tell which runs are still needed, the hours used and left, and seeds that would decide more.

    Hours are of one process. "To decide" counts the seeds with which the intervals of undecided
    claims would be narrow enough, if their effects stayed as they are.

    Example: exposure-lab study plan --out runs/study
    """
    from rich.console import Console
    from rich.table import Table

    from exposure_lab.study.costs import costs_of, seeds_needed
    from exposure_lab.study.experiments import all_experiments
    from exposure_lab.study.plan import Settings, finished_rows, plan_runs
    from exposure_lab.study.results import results_folder

    folder = folder_of_profile(out or results_folder(), profile)
    planned = plan_runs(
        list(all_experiments().values()), Settings(profile, tuple(overrides or ()), seeds)
    )
    costs, whole = costs_of(planned, finished_rows(folder, list(all_experiments()), None))
    needed = seeds_needed(folder)
    table = Table("experiment", "seeds", "to decide", "runs", "left", "hours used", "hours left")
    for name, cost in costs.items():
        hours = _hours(cost.seconds_used), _hours(cost.seconds_left)
        counts = cost.seeds, needed.get(name, ""), cost.runs, cost.left
        table.add_row(name, *map(str, counts), *hours)
    console = Console()
    console.print(table)
    left = whole.seconds_left
    console.print(
        f"Experiments share runs: {whole.runs} are different and {whole.left} of them left. Hours "
        f"on one process: {_hours(whole.seconds_used)} used, "
        f"{'the rest is not timed yet' if left is None else f'{_hours(left)} left'}."
    )


def _hours(seconds: float | None) -> str:
    return "not timed" if seconds is None else f"{seconds / 3600:.1f}"
