"""exposure-lab data: making paired sets."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make and check paired sets of photos.", no_args_is_help=True)


@app.command()
def sample(out: Annotated[Path, typer.Argument(help="Folder of the new set.")]) -> None:
    """Render the built-in photos at five exposures, as a set in MSEC layout.

    Four photos go to training/, china and flower to validation/.

    Example: exposure-lab data sample runs/sample
    """
    from exposure_lab.data.sample import SAMPLE_SPLITS, write_sample

    write_sample(out)
    typer.echo(f"Wrote {len(SAMPLE_SPLITS)} photos at five exposures each to {out}.")


@app.command()
def synthesize(
    photos: Annotated[Path, typer.Argument(help="Folder of photos, searched at any depth.")],
    out: Annotated[Path, typer.Argument(help="Folder of the new set.")],
    ev: Annotated[
        list[float] | None, typer.Option(help="Exposure in stops; repeat for several.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides which photo goes to which split.")] = 0,
    val: Annotated[float, typer.Option(help="Share of photos for validation/.")] = 0.1,
    test: Annotated[float, typer.Option(help="Share of photos for testing/.")] = 0.0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Render any folder of photos at several exposures, in MSEC layout.

    Example: exposure-lab data synthesize ~/Pictures runs/mine --ev -1.5 --ev 0 --ev 1.5 --jobs 2
    """
    from exposure_lab.data import synthesis

    written = synthesis.synthesize(
        photos, out, evs=ev or synthesis.EVS, seed=seed, val=val, test=test, jobs=jobs
    )
    counts = ", ".join(f"{count} {split}" for split, count in written.photos.items() if count)
    typer.echo(f"Wrote {counts or 'no'} photos to {out}.")
    for sentence in written.skipped:
        typer.echo(f"Skipped: {sentence}", err=True)
    if written.skipped:
        raise typer.Exit(1)
