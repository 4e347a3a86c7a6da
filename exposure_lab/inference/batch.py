"""Correcting files, in one process, several, or on a cluster: what becomes of each photo.

A photo that fails is one sentence among the results, so that the rest of a folder is done.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.errors import ExposureLabError
from exposure_lab.images.array import ImageFunction
from exposure_lab.images.photo_file import Photo, read_photo, write_photo
from exposure_lab.images.shared_metadata import without_private
from exposure_lab.inference.corrector import correct_photo
from exposure_lab.inference.output_names import Job
from exposure_lab.inference.resolve import resolve
from exposure_lab.parallel import map_items

OUT_OF_MEMORY = ("DefaultCPUAllocator", "out of memory", "ALLOC_FAILED", "bad_alloc")
"""One of these is in the RuntimeError of torch, or of a library that it calls."""


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
    strip: bool = False
    """Leave out of the output where, by whom and with which copy of a camera a photo was taken."""


class Outcome(NamedTuple):
    """What became of one photo."""

    job: Job
    written: bool = False
    error: str | None = None
    """One sentence, where it failed; None with nothing written was passed over."""


def correct_files(
    jobs: Sequence[Job], options: Options, processes: int = 1, scheduler: str | None = None
) -> Iterator[Outcome]:
    """Correct photos one after another, in several processes, or on a Dask cluster.

    Args:
        jobs: from `output_names.plan_jobs`.
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
    originals = {os.path.realpath(job.source) for job in jobs}
    settled = [_settle(job, options, originals) for job in jobs]
    due = [job for job, outcome in zip(jobs, settled, strict=True) if outcome is None]
    shared = scheduler is not None or processes > 1
    task = partial(_correct_file, options=options, one_thread=shared)
    done = map_items(task, due, processes, scheduler)
    yield from (next(done) if outcome is None else outcome for outcome in settled)


def _correct_file(job: Job, options: Options, one_thread: bool) -> Outcome:
    try:
        original = read_photo(job.source)
        corrected = correct_photo(_model(options.model, one_thread), original, options.strength)
        output = _beside(original, corrected) if options.side_by_side else corrected
        if options.strip:
            output = replace(output, extras=without_private(output.extras))
        write_photo(job.destination, output, overwrite=options.overwrite)
    except ExposureLabError as error:
        return Outcome(job, error=str(error))
    except OSError as error:
        return Outcome(
            job,
            error=f"Expected to read {job.source} and to write {job.destination}, but the system "
            f"refuses ({error.strerror or error}): look at the disk and run again.",
        )
    except (MemoryError, RuntimeError) as error:
        if not _ran_out_of_memory(error):
            raise
        return Outcome(
            job,
            error=f"Expected memory for {job.source}, but there is not enough: close other "
            "programs, run with fewer --jobs, or shrink the photo first.",
        )
    return Outcome(job, written=True)


def _ran_out_of_memory(error: Exception) -> bool:
    """Whether memory is what was missing, which torch says in words only."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in OUT_OF_MEMORY)


def _settle(job: Job, options: Options, originals: set[str]) -> Outcome | None:
    """What becomes of a photo whose output exists; None where it is to be corrected."""
    if not os.path.lexists(job.destination):
        return None
    if _is_original(job, originals):
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


def _is_original(job: Job, originals: set[str]) -> bool:
    try:
        same = os.path.samefile(job.source, job.destination)
    except OSError:  # one of them leads nowhere, or in a circle
        same = False
    return same or os.path.realpath(job.destination) in originals


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
