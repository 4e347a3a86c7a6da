"""Batch correction of photo files, in one process, in several, or on a cluster.

A photo that fails, in whatever way, is one sentence among the outcomes: the rest of a folder is
done.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.files.atomic import atomic_path
from exposure_lab.files.failures import explain_death, explain_failure
from exposure_lab.images.limits import MEGAPIXELS, largest_picture
from exposure_lab.images.photo_file import PhotoFile, read_photo, write_photo
from exposure_lab.images.shared_metadata import without_private
from exposure_lab.inference.exposure_change import ExposureChange, measure_change
from exposure_lab.inference.output_names import Job
from exposure_lab.inference.resolve import load_model
from exposure_lab.inference.threads import use_one_thread
from exposure_lab.parallel import map_items


class Options(NamedTuple):
    """Options of a batch: the model, how much of its correction, and what is written."""

    model: str
    """As `resolve` takes it."""
    strength: float = 1.0
    """1 is the whole correction, 0 none of it; more than 1 goes further than the model."""
    side_by_side: bool = False
    """Write original and corrected photo in one picture."""
    overwrite: bool = False
    """Replace outputs that exist."""
    resume: bool = False
    """Skip photos whose output exists; every output that exists is whole."""
    strip: bool = False
    """Leave out of the output where, by whom and with which copy of a camera a photo was taken."""
    max_megapixels: float = MEGAPIXELS
    """Size up to which photos are read."""
    measure: bool = False
    """Measure what was done to each photo, see `Outcome.change`."""


class Outcome(NamedTuple):
    """Outcome of one photo: written, skipped, or failed with a sentence that says why."""

    job: Job
    written: bool = False
    error: str | None = None
    """Set where it failed; a photo with neither output nor error was skipped."""
    losses: frozenset[str] = frozenset()
    """Names of what the photo held and its output could not keep, see `images.metadata.losses`."""
    needs_nothing: bool = False
    """The model left the photo as it is; where it could be, its file was copied to the bit."""
    change: ExposureChange | None = None
    """What was done to the photo, where that is measured."""


def correct_files(
    jobs: Sequence[Job], options: Options, processes: int = 1, scheduler: str | None = None
) -> Iterator[Outcome]:
    """Correct photos one after another, in several processes, or on a Dask cluster.

    Args:
        jobs: from `output_names.plan_jobs`.
        options: the same for all.
        processes: several have a network each, on one thread.
        scheduler: see `map_items`.

    Yields:
        The outcome of each photo, in the order of the jobs.

    Raises:
        ConfigError: unknown model, or no such scheduler.
        CheckpointError: a model that cannot be read.
    """
    if Path(options.model).exists():  # elsewhere the working folder may be another
        options = options._replace(model=str(Path(options.model).absolute()))
    load_model(options.model)
    # Asked of all before any is written: on a cluster, what a dead worker had written but not
    # reported is done again by another, and must not be taken for somebody's earlier result.
    originals = {os.path.realpath(job.source) for job in jobs}
    early = [_outcome_of_existing(job, options, originals) for job in jobs]
    due = [job for job, outcome in zip(jobs, early, strict=True) if outcome is None]
    is_shared = scheduler is not None or processes > 1
    task = partial(_correct_file, options=options, one_thread=is_shared)
    corrected = map_items(task, due, processes, scheduler, on_death=_died)
    yield from (next(corrected) if outcome is None else outcome for outcome in early)


def _correct_file(job: Job, options: Options, one_thread: bool) -> Outcome:
    if one_thread:
        use_one_thread()  # the other processes have the other cores
    try:
        with largest_picture(options.max_megapixels):
            original = read_photo(job.source)
        corrected = load_model(options.model).correct_photo(original, options.strength)
        outcome = Outcome(job, written=True, needs_nothing=corrected is original)
        if options.measure:
            outcome = outcome._replace(change=measure_change(original, corrected))
        if outcome.needs_nothing and _can_be_copied(job, options):
            with atomic_path(job.destination, replace=options.overwrite) as temporary:
                shutil.copyfile(job.source, temporary)
            return outcome
        output = _join_side_by_side(original, corrected) if options.side_by_side else corrected
        del original, corrected  # a large photo's pixels, while its encoder takes memory too
        if options.strip:
            output = replace(output, extras=without_private(output.extras))
        losses = write_photo(job.destination, output, overwrite=options.overwrite)
    except Exception as error:
        return Outcome(job, error=explain_failure(job.source, error))
    return outcome._replace(losses=losses)


def _can_be_copied(job: Job, options: Options) -> bool:
    """Whether an output that needs no correction is its photo's very file."""
    is_same_kind = job.source.suffix.lower() == job.destination.suffix.lower()
    return is_same_kind and not (options.side_by_side or options.strip)


def _died(job: Job) -> Outcome:
    return Outcome(job, error=explain_death(job.source))


def _outcome_of_existing(job: Job, options: Options, originals: set[str]) -> Outcome | None:
    """The outcome of a photo whose output exists; None where it is to be corrected."""
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
        is_source = os.path.samefile(job.source, job.destination)
    except OSError:  # one of them leads nowhere, or in a circle
        is_source = False
    return is_source or os.path.realpath(job.destination) in originals


def _join_side_by_side(original: PhotoFile, corrected: PhotoFile) -> PhotoFile:
    """Both in one picture, the original on the left, with a white line between them."""
    height, width = corrected.pixels.shape[:2]
    white = np.iinfo(corrected.pixels.dtype).max
    line = (height, max(2, width // 200))

    def join(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
        middle = np.full((*line, *left.shape[2:]), white, left.dtype)
        return np.concatenate([left, middle, right], axis=1)

    alpha = None if original.alpha is None else join(original.alpha, original.alpha)
    return replace(corrected, pixels=join(original.pixels, corrected.pixels), alpha=alpha)
