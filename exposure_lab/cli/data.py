"""exposure-lab data: making paired sets."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli import real_data
from exposure_lab.cli.progress import progress
from exposure_lab.cli.terminal import say

app = typer.Typer(help="Make and check paired sets of photos.", no_args_is_help=True)

UNREAD_NAMED = 20
"""Unread files that are named at most: a photo catalogue may have one beside every photo."""

app.command("download-msec")(real_data.download_msec)
app.command("download-bsds500")(real_data.download_bsds500)
app.command("verify")(real_data.verify)


@app.command()
def sample(out: Annotated[Path, typer.Argument(help="Folder of the new set.")]) -> None:
    """Render the built-in photos at five exposures, as a set in MSEC layout.

    Four photos go to training/, china and flower to validation/.

    Example: exposure-lab data sample runs/sample
    """
    from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS, write_sample

    write_sample(out)
    say(f"Wrote {len(SAMPLE_SPLITS)} photos at five exposures each to {out}.")


@app.command()
def synthesize(
    photos: Annotated[Path, typer.Argument(help="Folder of photos, searched at any depth.")],
    out: Annotated[Path, typer.Argument(help="Folder of the new set.")],
    ev: Annotated[
        list[float] | None, typer.Option(help="Exposure in stops; repeat for several.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides which photo goes to which split.")] = 0,
    val: Annotated[float, typer.Option(help="Share of photos for validation/.")] = 0.1,
    test: Annotated[float, typer.Option(help="Share of photos for testing/.")] = 0.0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    curve: Annotated[
        str,
        typer.Option(
            help="Tone curve. random: a shoulder and a gain per photo. filmic: one shoulder for "
            "all. plain: none, as the report's data are often taken to be; it gives the exposure "
            "away (a dark picture's own maximum tells it)."
        ),
    ] = "random",
    noise: Annotated[
        float, typer.Option(min=0, help="Sensor noise, strongest in the shadows; 1: a small one's.")
    ] = 0.0,
    max_megapixels: Annotated[
        float, typer.Option(min=0, help="Larger photos are refused; they take much memory.")
    ] = 300,
) -> None:
    """Render any folder of photos (RAW with the extra) at several exposures, in MSEC layout.

    Called again after an interruption, the command goes on. Each photo that cannot be read is
    named; with any, the exit code is 1.

    Example: exposure-lab data synthesize ~/Pictures runs/mine --ev -1.5 --ev 0 --ev 1.5 --jobs 2
    """
    from exposure_lab.data.synthesis.exposure import EVS
    from exposure_lab.data.synthesis.synthesize import synthesize as synthesize_photos

    with progress("photo") as show:
        written = synthesize_photos(
            photos,
            out,
            evs=ev or EVS,
            seed=seed,
            val=val,
            test=test,
            jobs=jobs,
            curve=curve,  # type: ignore[arg-type]  # refused by name where it is none
            noise=noise,
            max_megapixels=max_megapixels,
            on_photo=show,
        )
    counts = ", ".join(f"{count} {split}" for split, count in written.photos.items() if count)
    say(f"Wrote {counts or 'no'} photos to {out}.")
    if written.unread:
        names = [str(path) for path in written.unread[:UNREAD_NAMED]]
        more = len(written.unread) - len(names)
        names += [f"{more} more"] if more else []
        say(f"No photos by their suffix: {', '.join(names)}.", err=True)
    for sentence in written.skipped:
        say(f"Skipped: {sentence}", err=True)
    if written.skipped:
        raise typer.Exit(1)


@app.command()
def pack(
    data: Annotated[Path, typer.Argument(help="Paired set in MSEC layout.")],
    out: Annotated[Path, typer.Argument(help="The new pack, such as set.pack.")],
    profile: Annotated[
        str, typer.Option(help="The profile that it is for: its scale decides the photos' size.")
    ] = "report",
    jobs: Annotated[int, typer.Option(min=1, help="Processes that decode.")] = 1,
) -> None:
    """Decode a set once, into one file that training maps into memory.

    A run with `--data set.pack` then decodes no JPEG. The set is verified first: if it has faults,
    each is named, and nothing is written.

    Example: exposure-lab data pack msec msec.pack --profile report --jobs 8
    """
    from exposure_lab.data.loading.packed import scale_of
    from exposure_lab.data.packing import pack as pack_set
    from exposure_lab.profiles.load import load_profile

    config = load_profile(profile).data
    packed = 0
    with progress("photo") as show:

        def count(done: int, total: int) -> None:
            nonlocal packed
            packed = done
            show(done, total)

        pack_set(data, out, config, jobs=jobs, on_photo=count)
    say(f"Packed {packed} photos, {scale_of(config)}, into {out}.")
