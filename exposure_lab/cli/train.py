"""exposure-lab train and summary."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.terminal import escape_controls, say

BARS = "▁▂▃▄▅▆▇█"


def train(
    data: Annotated[Path, typer.Option(help="Paired set in MSEC layout, or packed.")],
    out: Annotated[Path, typer.Option(help="Folder of the run.")],
    profile: Annotated[str, typer.Option(help="smoke, laptop, colab, study or report.")] = "smoke",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint, also for more epochs.")
    ] = False,
    from_run: Annotated[
        Path | None,
        typer.Option("--from", help="A run whose networks a new run starts from."),
    ] = None,
    max_minutes: Annotated[
        float | None,
        typer.Option(min=0, help="Stop with a checkpoint after so long; go on with --resume."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Argument(help="Single settings, such as seed=11 optimizer.lr=2e-4")
    ] = None,
) -> None:
    """Train a generator and a discriminator. Ctrl-C stops with a whole checkpoint.

    A run whose learning rate is constant goes on for more epochs with --resume. Any other starts
    anew from its weights: name it with --from, and another folder with --out.

    With generator.kind=bilateral-grid the generator predicts a correction, and draws no picture: no
    texture is lost or made up, at any size.

    Example: exposure-lab train --profile smoke --data runs/sample --out runs/first seed=11
    """
    from exposure_lab.profiles.load import load_profile

    config = load_profile(profile, settings or [])

    from exposure_lab.runtime import start_runtime
    from exposure_lab.training import trainer  # after the settings: a typo needs no torch

    runtime = start_runtime(config.precision)
    trainer.train(
        config,
        data,
        out,
        resume=resume,
        from_run=from_run,
        max_minutes=max_minutes,
        runtime=runtime,
    )
    if runtime.is_main:
        summary(out)


def summary(run: Annotated[Path, typer.Argument(help="Folder of a run.")]) -> None:
    """Print a run's table and curves, and draw them to RUN/curves.png.

    Example: exposure-lab summary runs/first
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from exposure_lab.files.atomic import atomic_path
    from exposure_lab.training.history import draw_history, read_history

    epochs, steps = read_history(run, "epoch"), read_history(run, "step")
    heads = ("epoch", "step", "train L1", "val L1", "val PSNR", "untouched")
    table = Table(*heads, title=Text(escape_controls(run)))  # a name is no markup
    for row in epochs:
        scores = [f"{row[key]:.4f}" for key in ("train_l1", "val_l1")]
        scores += [f"{row[key]:.2f} dB" for key in ("val_psnr", "val_psnr_identity")]
        table.add_row(str(row["epoch"]), str(row["step"]), *scores)
    try:
        with atomic_path(Path(run) / "curves.png") as temporary:
            draw_history(run).savefig(temporary)
    finally:  # a picture that can't be written does not take the table with it
        Console().print(table)
        for key in ("l1", "adversarial", "discriminator"):
            say(f"{key:>14} {_sparkline([row[key] for row in steps])}")
    say(f"Curves: {Path(run) / 'curves.png'}")


def _sparkline(values: list[float], width: int = 60) -> str:
    """Draw a row of bars, from the lowest value to the highest."""
    if not values:
        return "no steps yet"
    chosen = (
        [values[i * len(values) // width] for i in range(width)] if len(values) > width else values
    )
    low, high = min(chosen), max(chosen)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0
    line = "".join(BARS[round((value - low) * scale)] for value in chosen)
    return f"{line}  {values[0]:.3f} to {values[-1]:.3f}"
