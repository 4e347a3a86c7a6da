"""exposure-lab correct: files and folders, at native size."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.errors import ConfigError, ExposureLabError, FilesError


def correct(
    photos: Annotated[list[Path], typer.Argument(help="Photos, or folders of photos.")],
    model: Annotated[str, typer.Option(help="A run folder or a baseline.")],
    out: Annotated[Path | None, typer.Option(help="A file for one photo, else a folder.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs.")] = False,
) -> None:
    """Correct photos. The originals are never touched; default is NAME_corrected.EXT beside them.

    Baselines, which learn nothing: identity, auto-gamma, auto-exposure,
    white-point, mean-3x3, gain-3x3, stretch, equalize, clahe.

    Example: exposure-lab correct holiday.jpg --model runs/first
    """
    from tqdm.auto import tqdm

    from exposure_lab.image import read_exif, read_image, write_image
    from exposure_lab.inference import resolve

    apply = resolve(model)
    jobs = _jobs(photos, out)
    failed = 0
    for source, destination in tqdm(jobs, unit="photo", disable=None):
        try:
            _check_destination(source, destination, overwrite)
            write_image(destination, apply(read_image(source)), exif=read_exif(source))
        except ExposureLabError as error:
            typer.echo(f"Error: {error}", err=True)
            failed += 1
    typer.echo(f"Corrected {len(jobs) - failed} of {len(jobs)} photos.")
    if failed:
        raise typer.Exit(1)


def _jobs(photos: list[Path], out: Path | None) -> list[tuple[Path, Path]]:
    """Every photo with the place where its corrected version goes."""
    from exposure_lab.image import SUFFIXES

    jobs: list[tuple[Path, Path]] = []
    for photo in photos:
        if photo.is_dir():
            found = sorted(path for path in photo.rglob("*") if path.suffix.lower() in SUFFIXES)
            jobs += [
                (path, _beside(path) if out is None else out / path.relative_to(photo))
                for path in found
            ]
        elif out is None:
            jobs.append((photo, _beside(photo)))
        elif len(photos) == 1 and out.suffix:
            jobs.append((photo, out))
        else:
            jobs.append((photo, out / photo.name))
    if not jobs:
        raise ConfigError(
            f"Expected photos in {', '.join(map(str, photos))}, but found none ending in "
            f"{', '.join(SUFFIXES)}."
        )
    return jobs


def _beside(photo: Path) -> Path:
    return photo.with_stem(f"{photo.stem}_corrected")


def _check_destination(source: Path, destination: Path, overwrite: bool) -> None:
    if destination.exists() and source.exists() and destination.samefile(source):
        raise FilesError(
            f"Expected an output beside the original, but {destination} is the original: choose "
            "another --out."
        )
    if destination.exists() and not overwrite:
        raise FilesError(
            f"Expected a new file, but {destination} exists: use --overwrite or another --out."
        )
