"""exposure-lab weights: the networks that ship, and how they are made."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.extras import need_extra
from exposure_lab.cli.progress import progress
from exposure_lab.cli.terminal import say
from exposure_lab.errors import ConfigError

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
    score: Annotated[
        list[str] | None,
        typer.Option(
            help="LABEL=FOLDER:SPLIT, a set to score on for the card, the first one first; repeat "
            "for several. Else what is held out."
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that score.")] = 1,
) -> None:
    """Train by the recipe of shipped weights, score the result, write weights and model card.

    Called again after an interruption, the command goes on.

    Example: exposure-lab weights build unet-16 --out runs/weights
    """
    from exposure_lab.config import BilateralGridConfig
    from exposure_lab.weights.shipped import load_recipe

    recipe = load_recipe(name)  # a wrong name needs no torch
    if isinstance(recipe.config.generator, BilateralGridConfig):
        need_extra("onnx", "onnx", "onnxscript")  # else it would be missed after the training
    sets = [_parse_set(text) for text in score or ()]

    from exposure_lab.data.sources.bsds500_pairs import berkeley_set
    from exposure_lab.training.release_weights import ScoredSet, build_weights

    if data is None:
        data = berkeley_set(say, recipe.rendering)
        if recipe.rendering and not sets:
            sets = [("100 photos of BSDS500 at five exposures", berkeley_set(say), "validation")]
    scored = [ScoredSet(*one) for one in sets]
    with progress("pair") as show:
        built = build_weights(name, data, out, scored=scored, jobs=jobs, on_pairs=show)
    say(f"Weights: {built.weights}\nCard:    {built.card}")


def _parse_set(text: str) -> tuple[str, Path, str]:
    """Split LABEL=FOLDER:SPLIT; a folder of Windows may hold a colon too."""
    label, is_named, rest = text.partition("=")
    folder, _, split = rest.rpartition(":")
    if not (is_named and label and folder and split):
        raise ConfigError(
            "Expected a set to score on as LABEL=FOLDER:SPLIT, such as Kodak=runs/kodak:test, but "
            f"got {text!r}."
        )
    return label, Path(folder), split
