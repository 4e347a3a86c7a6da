"""exposure-lab evaluate: several models and baselines in one table."""

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exposure_lab.cli.progress import progress
from exposure_lab.cli.terminal import say
from exposure_lab.errors import ConfigError

if TYPE_CHECKING:
    from exposure_lab.data.pairs import Pair


ALL_BASELINES = "baselines"
"""Word that stands for every baseline on the command line."""


def evaluate(
    names: Annotated[
        list[str],
        typer.Argument(
            help="Run folders, shipped weights, baselines, or `baselines` for all of those."
        ),
    ],
    data: Annotated[Path, typer.Option(help="Paired set in MSEC layout.")],
    split: Annotated[
        str | None, typer.Option(help="training, validation, test or all; else what is held out.")
    ] = None,
    protocol: Annotated[
        str,
        typer.Option(
            help="How a score is made: lab, report-256, native-expert-c, iat-1200x900, "
            "fecnet-grey-ssim or psenet-expert-e."
        ),
    ] = "lab",
    jobs: Annotated[
        int, typer.Option(min=1, help="Processes; s/MP is then not a model's own.")
    ] = 1,
    json: Annotated[Path | None, typer.Option(help="Write the scores there as well.")] = None,
) -> None:
    """Score models on pairs: per exposure, over all, and over the wrong exposures alone.

    Baselines, which learn nothing: identity, auto-gamma, auto-exposure,
    white-point, mean-3x3, gain-3x3, stretch, equalize, clahe.

    Example: exposure-lab evaluate runs/first baselines --data runs/sample
    """
    from rich.console import Console

    from exposure_lab.cli.score_tables import notes, tables
    from exposure_lab.evaluation.evaluate import evaluate as score
    from exposure_lab.evaluation.protocols import find_protocol
    from exposure_lab.files.json_files import write_json
    from exposure_lab.inference.resolve import LazyModel
    from exposure_lab.provenance import data_fingerprint

    find_protocol(protocol)
    split_name, pairs = _find_split(data, split)
    models = {name: LazyModel(name) for name in _expand_names(names)}
    for model in models.values():
        model.load()  # an unknown name is an error before the work begins
    with progress("pair") as show:
        report = score(models, pairs, protocol, data_fingerprint(data), jobs, show)
    try:
        if json is not None:
            write_json(json, report.to_json())
    finally:  # a file that can't be written does not take the table with it
        console = Console()
        for table in tables(report):
            console.print(table)
        for sentence in [f"{len(pairs)} {split_name} pairs of {data}.", *notes(report)]:
            say(sentence)  # rich would break a path at the width of the terminal


def _expand_names(names: list[str]) -> list[str]:
    """List each name once, with `baselines` replaced by the name of every baseline."""
    from exposure_lab.inference.baselines import BASELINES

    groups = (list(BASELINES) if name == ALL_BASELINES else [name] for name in names)
    return list(dict.fromkeys(chain.from_iterable(groups)))


def _find_split(data: Path, split: str | None) -> tuple[str, list["Pair"]]:
    """Find the pairs of a split; by default test where there is one, else validation."""
    from exposure_lab.data.layout import SPLIT_FOLDERS
    from exposure_lab.data.pairs import find_pairs, splits_in

    present = splits_in(data)
    if split is None:
        split = "test" if "test" in present else "validation"
    if split == "all":
        return split, [pair for name in present for pair in find_pairs(data, name)]
    if split not in SPLIT_FOLDERS:
        raise ConfigError(
            f"Expected a split, one of {', '.join(SPLIT_FOLDERS)} or all, but got {split!r}."
        )
    return split, find_pairs(data, split)
