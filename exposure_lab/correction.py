"""Correcting files: which photo goes where, and what becomes of each.

A photo that fails is one sentence among the results, so that the rest of a folder is done.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.baselines import ImageFunction
from exposure_lab.errors import ConfigError, ExposureLabError
from exposure_lab.inference import correct_photo, resolve
from exposure_lab.parallel import map_items
from exposure_lab.photo import PHOTO_SUFFIXES, Photo, read_photo, write_photo
from exposure_lab.pictures import HEIC_SUFFIXES
from exposure_lab.raw import RAW_SUFFIXES

ENDINGS = ("_corrected", "_compared")
"""Added to a photo's name where its corrected version lies beside it: alone, or in one picture."""


class Job(NamedTuple):
    """One photo, and where its corrected version goes."""

    source: Path
    destination: Path


class Options(NamedTuple):
    """How photos are corrected."""

    model: str
    """As `resolve` takes it."""
    strength: float = 1.0
    """1 is the whole correction, 0 none of it; more than 1 goes further than the model."""
    side_by_side: bool = False
    """Write the photo as it was and as it is now in one picture."""
    overwrite: bool = False
    """Replace outputs that exist."""
    resume: bool = False
    """Pass over photos whose output exists; every output that exists is whole."""


class Outcome(NamedTuple):
    """What became of one photo."""

    job: Job
    written: bool = False
    error: str | None = None
    """One sentence, where it failed; None with nothing written was passed over."""


def plan_jobs(photos: Sequence[Path], out: Path | None, side_by_side: bool = False) -> list[Job]:
    """Find the photos and decide where each corrected version goes.

    Folders are searched at any depth and keep their shape under ``out``. Without ``out`` a version
    lies beside its photo under a name of its own, and a later search passes over these. RAW photos
    become TIFF of 16 bits, HEIC becomes JPEG, everything else keeps its format.

    Args:
        photos: files and folders.
        out: a file for one photo, else a folder.
        side_by_side: decides the name beside the photo.

    Raises:
        ConfigError: no photo found, or two would go to one place.
    """
    ending = ENDINGS[side_by_side]
    jobs: list[Job] = []
    for path in (photo.absolute() for photo in photos):
        if path.is_dir():
            jobs += [
                Job(found, _named(found, out and out / found.relative_to(path).parent, ending))
                for found in _photos_below(path, out)
            ]
        elif out is not None and len(photos) == 1 and out.suffix and not out.is_dir():
            jobs.append(Job(path, out.absolute()))
        else:
            jobs.append(Job(path, _named(path, out, ending)))
    if not jobs:
        raise ConfigError(
            f"Expected photos in {', '.join(map(str, photos))}, but found none ending in "
            f"{', '.join(PHOTO_SUFFIXES)}."
        )
    _refuse_shared_places(jobs)
    return jobs


def correct_files(
    jobs: Sequence[Job], options: Options, processes: int = 1, scheduler: str | None = None
) -> Iterator[Outcome]:
    """Correct photos one after another, in several processes, or on a Dask cluster.

    Args:
        jobs: from `plan_jobs`.
        options: how.
        processes: each with a network of its own, on one thread.
        scheduler: see `map_items`.

    Yields:
        What became of each photo, in the order of the jobs.

    Raises:
        ConfigError: unknown model, or no such scheduler.
        CheckpointError: a model that cannot be read.
        ParallelError: a process died.
    """
    if Path(options.model).exists():  # elsewhere the working folder may be another
        options = options._replace(model=str(Path(options.model).absolute()))
    resolve(options.model)
    # Asked of all before any is written: on a cluster, what a dead worker had written but not
    # reported is done again by another, and must not be taken for somebody's earlier result.
    originals = {job.source.resolve() for job in jobs}
    settled = [_settle(job, options, originals) for job in jobs]
    due = [job for job, outcome in zip(jobs, settled, strict=True) if outcome is None]
    shared = scheduler is not None or processes > 1
    task = partial(_correct_file, options=options, one_thread=shared)
    done = map_items(task, due, processes, scheduler)
    yield from (next(done) if outcome is None else outcome for outcome in settled)


def _correct_file(job: Job, options: Options, one_thread: bool) -> Outcome:
    try:
        before = read_photo(job.source)
        after = correct_photo(_model(options.model, one_thread), before, options.strength)
        write_photo(job.destination, _beside(before, after) if options.side_by_side else after)
    except ExposureLabError as error:
        return Outcome(job, error=str(error))
    except MemoryError:
        return Outcome(
            job,
            error=f"Expected memory for {job.source}, but there is not enough: close other "
            "programs, run with fewer --jobs, or shrink the photo first.",
        )
    return Outcome(job, written=True)


def _settle(job: Job, options: Options, originals: set[Path]) -> Outcome | None:
    """What becomes of a photo whose output exists; None where it is to be corrected."""
    if not job.destination.exists():
        return None
    same = job.source.exists() and job.destination.samefile(job.source)
    if same or job.destination.resolve() in originals:
        return Outcome(
            job,
            error=f"Expected an output beside the originals, but {job.destination} is one of them: "
            "choose another --out.",
        )
    if options.resume:
        return Outcome(job)
    if options.overwrite:
        return None
    return Outcome(
        job,
        error=f"Expected a new file, but {job.destination} exists: go on with --resume, replace it "
        "with --overwrite, or use another --out.",
    )


@cache
def _model(name: str, one_thread: bool) -> ImageFunction:
    """Loaded once a process."""
    if one_thread:
        import torch

        torch.set_num_threads(1)  # the other processes have the other cores
    return resolve(name)


def _beside(before: Photo, after: Photo) -> Photo:
    """Both in one picture, the older on the left, with a white line between them."""
    height, width = after.pixels.shape[:2]
    white = np.iinfo(after.pixels.dtype).max
    line = (height, max(2, width // 200))

    def joined(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
        middle = np.full((*line, *left.shape[2:]), white, left.dtype)
        return np.concatenate([left, middle, right], axis=1)

    alpha = None if before.alpha is None else joined(before.alpha, before.alpha)
    return Photo(joined(before.pixels, after.pixels), alpha, after.profile, after.extras)


def _photos_below(folder: Path, out: Path | None) -> list[Path]:
    found = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in PHOTO_SUFFIXES and not path.name.startswith(".")
    ]
    if out is None:
        return [path for path in found if not path.stem.endswith(ENDINGS)]
    inside = out.absolute()
    if folder not in inside.parents:
        return found
    return [path for path in found if inside not in path.parents]  # of an earlier run


def _named(source: Path, folder: Path | None, ending: str) -> Path:
    suffix = source.suffix
    if suffix.lower() in RAW_SUFFIXES:
        suffix = ".tif"
    elif suffix.lower() in HEIC_SUFFIXES:
        suffix = ".jpg"
    if folder is None:
        return source.with_name(f"{source.stem}{ending}{suffix}")
    return folder.absolute() / f"{source.stem}{suffix}"


def _refuse_shared_places(jobs: Sequence[Job]) -> None:
    sources = defaultdict(list)
    for job in jobs:
        sources[job.destination].append(job.source)
    for destination, found in sources.items():
        if len(found) > 1:
            raise ConfigError(
                f"Expected a place for each photo, but {found[0]} and {found[1]} would both become "
                f"{destination}: correct them one after the other, or rename one."
            )
