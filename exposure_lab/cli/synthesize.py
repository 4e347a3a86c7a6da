"""exposure-lab data synthesize: pairs rendered from photos and from panoramas."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.progress import progress
from exposure_lab.cli.terminal import say
from exposure_lab.errors import ConfigError

PANORAMAS = "panoramas"
"""Word that stands for the built-in panoramas in place of a folder of photos."""

PANORAMA_VIEWS = 240
"""Views of panoramas alone where no number is given: thirty of each place."""

UNREAD_NAMED = 20
"""Unread files that are named at most: a photo catalogue may have one beside every photo."""


def synthesize(
    photos: Annotated[
        str,
        typer.Argument(
            help="Folder of photos, searched at any depth; or the word panoramas, for views of the "
            "eight built-in ones alone."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Folder of the new set.")],
    ev: Annotated[
        list[float] | None, typer.Option(help="Exposure in stops; repeat for several.")
    ] = None,
    ev_range: Annotated[
        tuple[float, float] | None,
        typer.Option(
            help="Lowest and highest exposure in stops, in place of --ev: each photo's are drawn.",
        ),
    ] = None,
    per_photo: Annotated[
        int | None,
        typer.Option(min=1, help="Exposures that are drawn for each photo; 4 where not given."),
    ] = None,
    identity_share: Annotated[
        float,
        typer.Option(
            help="Share of the photos that are an input too, at EV 0: what a good photo is."
        ),
    ] = 0.0,
    white_balance_jitter: Annotated[
        float, typer.Option(help="Stops by which red and blue of an input are off, at most.")
    ] = 0.0,
    tone_jitter: Annotated[
        float, typer.Option(help="Stops by which an input's tone curve is off, at most.")
    ] = 0.0,
    highlights: Annotated[
        float,
        typer.Option(
            help="Stops by which the white of a photo is raised, at most: a dark input keeps its "
            "bright sky, and the target clips it."
        ),
    ] = 0.0,
    panorama_views: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Views of the built-in panoramas, whose highlights were never clipped, beside the "
            f"photos; {PANORAMA_VIEWS} for panoramas alone.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides which photo goes to which split.")] = 0,
    val: Annotated[float, typer.Option(help="Share of photos for validation/.")] = 0.1,
    test: Annotated[float, typer.Option(help="Share of photos for testing/.")] = 0.0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    curve: Annotated[
        str,
        typer.Option(
            help="Tone curve. random: a shoulder and a gain per photo. camera: a shoulder and a "
            "contrast per photo. filmic: one shoulder for all. plain: none, as the report's data "
            "are often taken to be; it gives the exposure away (a dark picture's own maximum "
            "tells it)."
        ),
    ] = "random",
    noise: Annotated[
        float,
        typer.Option(
            min=0,
            help="Sensor noise, strongest in the shadows; 1: a small one's. With --ev-range each "
            "input has its own, up to this.",
        ),
    ] = 0.0,
    max_megapixels: Annotated[
        float, typer.Option(min=0, help="Larger photos are refused; they take much memory.")
    ] = 300,
) -> None:
    """Render any folder of photos (RAW with the extra) at several exposures, in MSEC layout.

    Called again after an interruption, the command goes on. Each photo that cannot be read is
    named; with any, the exit code is 1.

    Example: exposure-lab data synthesize ~/Pictures runs/mine --ev -1.5 --ev 0 --ev 1.5 --jobs 2

    To train on: exposure-lab data synthesize ~/Pictures runs/varied --ev-range -3 3 --curve camera
    --identity-share 1 --noise 0.2 --white-balance-jitter 0.1 --tone-jitter 0.5 --highlights 5
    --panorama-views 200
    """
    from exposure_lab.data.synthesis.synthesize import synthesize as synthesize_photos
    from exposure_lab.data.synthesis.variation import Variation

    only_panoramas = _means_panoramas(photos)
    variation = Variation(
        ev_range=ev_range,
        identity_share=identity_share,
        white_balance_jitter=white_balance_jitter,
        tone_jitter=tone_jitter,
        highlights=highlights,
    )
    if per_photo is not None:
        if ev_range is None:
            raise ConfigError(
                f"Expected --ev-range beside --per-photo {per_photo}, since exposures of a list "
                "are not drawn: give the range, or leave --per-photo out."
            )
        variation = replace(variation, per_photo=per_photo)
    if panorama_views is None:
        panorama_views = PANORAMA_VIEWS if only_panoramas else 0
    with progress("photo") as show:
        written = synthesize_photos(
            None if only_panoramas else photos,
            out,
            evs=ev or None,
            variation=variation,
            panorama_views=panorama_views,
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


def _means_panoramas(photos: str) -> bool:
    """Whether an argument is the word for the built-in panoramas, and no folder of that name."""
    if photos == PANORAMAS and Path(photos).exists():
        raise ConfigError(
            f"Expected the word {PANORAMAS} or a folder, but there is a folder of that name: write "
            f"./{PANORAMAS} for the folder, or work elsewhere."
        )
    return photos == PANORAMAS
