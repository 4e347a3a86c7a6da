"""exposure-lab weights: the networks that ship, and how they are made."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.progress import progress
from exposure_lab.cli.terminal import say

app = typer.Typer(help="List the networks that ship, or make them anew.", no_args_is_help=True)


@app.command("list")
def list_weights() -> None:
    """List the networks that ship: size, score on photos they have not seen, and model card.

    Example: exposure-lab weights list
    """
    from rich.console import Console
    from rich.table import Table

    from exposure_lab.weights.shipped import read_report, weight_names, weights_path

    table = Table("name", "MB", "PSNR, EV ≠ 0", "doing nothing", "made")
    for name in weight_names():
        path = weights_path(name)
        report = read_report(path)
        models = report["scores"]["models"]  # the network first, then doing nothing
        psnr, identity_psnr = (model["mean_wrong"]["psnr"] for model in models[:2])
        date = report["training"]["provenance"]["date"][:10]
        size = f"{path.stat().st_size / 1e6:.1f}"
        table.add_row(name, size, f"{psnr:.1f} dB", f"{identity_psnr:.1f} dB", date)
    Console().print(table)
    for name in weight_names():
        say(f"Model card of {name}: {weights_path(name).with_suffix('.md')}")


@app.command()
def build(
    name: Annotated[str, typer.Argument(help="Of a recipe, such as unet-16.")],
    out: Annotated[Path, typer.Option(help="Folder for the weights, the card and the run.")],
    data: Annotated[
        Path | None,
        typer.Option(help="Paired set in MSEC layout; else the Berkeley photos, fetched once."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that score.")] = 1,
) -> None:
    """Train by the recipe of shipped weights, score the result, write weights and model card.

    Called again after an interruption, the command goes on.

    Example: exposure-lab weights build unet-16 --out runs/weights
    """
    from exposure_lab.weights.shipped import load_recipe

    load_recipe(name)  # a wrong name needs no torch

    from exposure_lab.data.sources.bsds500_pairs import berkeley_set
    from exposure_lab.training.release_weights import build_weights

    data = berkeley_set(say) if data is None else data
    with progress("pair") as show:
        built = build_weights(name, data, out, jobs=jobs, on_pairs=show)
    say(f"Weights: {built.weights}\nCard:    {built.card}")
