"""exposure-lab correct: files and folders, at native size."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.terminal import say
from exposure_lab.errors import ConfigError


def correct(
    photos: Annotated[list[Path], typer.Argument(help="Photos, or folders of photos.")],
    out: Annotated[Path | None, typer.Option(help="A file for one photo, else a folder.")] = None,
    model: Annotated[
        str,
        typer.Option(
            help="Shipped weights, a weights file, an exported network, a run folder or a baseline."
        ),
    ] = "grid-s",
    strength: Annotated[
        float,
        typer.Option(
            min=0, max=2, help="1: the model's correction; 0.5: half of it; 2: as far as tones go."
        ),
    ] = 1.0,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Write before and after as one picture.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on: leave alone what has its output.")
    ] = False,
    strip: Annotated[
        bool, typer.Option("--strip", help="Leave out place, names and serial numbers.")
    ] = False,
    keep_metadata: Annotated[
        bool, typer.Option("--keep-metadata", help="Keep them even with --side-by-side.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="A CSV table of what was done to each photo; an older one is replaced."),
    ] = None,
    max_megapixels: Annotated[
        float, typer.Option(min=0, help="Larger photos are refused; they take much memory.")
    ] = 300,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="A Dask scheduler's address, in place of --jobs.")
    ] = None,
) -> None:
    """Correct photos into new files, by default NAME_corrected.EXT; the originals stay untouched.

    Size, bit depth, colour profile, transparency and metadata stay; RAW becomes TIFF of 16 bits.
    With --strip, an output has no metadata on the place, the people or the serial number of the
    camera. A picture with --side-by-side is meant to be shown to others and has none either.

    A photo that needs nothing is copied as it is. Beyond a strength of 1, each tone goes as far as
    it can without changing places with another, where the model predicts a correction.

    Baselines, which learn nothing: identity, auto-gamma, auto-exposure,
    white-point, mean-3x3, gain-3x3, stretch, equalize, clahe.

    Example: exposure-lab correct holiday.jpg --strength 0.8
    """
    from tqdm import tqdm  # its `auto`, for notebooks, starts later

    from exposure_lab.cli.correct_report import check_report, write_report
    from exposure_lab.images.metadata.losses import loss_sentences
    from exposure_lab.inference.batch import Options, correct_files
    from exposure_lab.inference.output_names import plan_jobs

    if strip and keep_metadata:
        raise ConfigError(
            "Expected --strip or --keep-metadata, but got both: leave one of them out."
        )
    strip = strip or (side_by_side and not keep_metadata)
    options = Options(
        model, strength, side_by_side, overwrite, resume, strip, max_megapixels, report is not None
    )
    if report is not None:
        check_report(report)
    planned, refused = plan_jobs(photos, out, side_by_side)
    for sentence in refused:
        say(f"Error: {sentence}", err=True)
    for job in planned:
        if job.note:
            say(f"Note: {job.note}", err=True)
    outcomes = []
    try:
        for outcome in tqdm(
            correct_files(planned, options, jobs, scheduler),
            total=len(planned),
            unit="photo",
            disable=None,
        ):
            outcomes.append(outcome)
            if outcome.error is not None:
                say(f"Error: {outcome.error}", err=True)
    finally:  # also of a batch that is interrupted
        if report is not None and outcomes:
            write_report(report, options, outcomes)
    losses = [outcome.losses for outcome in outcomes]
    written = sum(outcome.written for outcome in outcomes)
    untouched = sum(outcome.needs_nothing for outcome in outcomes)
    failed = sum(outcome.error is not None for outcome in outcomes)
    for sentence in loss_sentences(losses):
        say(f"Note: {sentence}", err=True)
    there = len(planned) - written - failed
    say(
        f"Corrected {written - untouched} of {len(planned)} photos"
        + (f"; {untouched} needed nothing and stayed as they were" if untouched else "")
        + (f"; {there} had been corrected before" if there else "")
        + (f"; {failed} failed, named above" if failed else "")
        + (f"; folders not looked into: {len(refused)}, named above" if refused else "")
        + "."
    )
    if failed or refused:
        raise typer.Exit(1)
