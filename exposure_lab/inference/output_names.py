"""Output paths: every photo gets an output of its own, beside it or in another folder."""

import os
from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from exposure_lab.errors import ConfigError
from exposure_lab.files.names import LONGEST_NAME, folded_name, shortened
from exposure_lab.files.walk import list_folder
from exposure_lab.images.photo_file import PHOTO_SUFFIXES
from exposure_lab.images.pillow import HEIC_SUFFIXES
from exposure_lab.images.raw import RAW_SUFFIXES

ENDINGS = ("_corrected", "_compared")
"""Ending of an output's name beside its photo: the corrected photo, or both side by side."""


class Job(NamedTuple):
    """A photo and the path of its output."""

    source: Path
    destination: Path
    note: str = ""
    """A sentence where the output has another name than its photo leads one to expect."""


class Plan(NamedTuple):
    """What is to be corrected, and what of the folders was not looked into."""

    jobs: list[Job]
    refused: list[str]
    """One sentence for each folder that was not entered."""


class _Request(NamedTuple):
    """A photo whose output has no name yet."""

    source: Path
    folder: Path | None
    """None is the photo's own."""


def plan_jobs(photos: Sequence[Path], out: Path | None, side_by_side: bool = False) -> Plan:
    """Find the photos and give each an output path.

    Folders are searched at any depth and keep their shape under ``out``. Without ``out`` a version
    lies beside its photo under a name of its own, and a later search passes over these. RAW photos
    become TIFF of 16 bits, HEIC becomes JPEG, everything else keeps its format. Where two outputs
    would have one name, or two that some disks take for one, a photo that keeps its format keeps
    its name; the others get a name of their own, such as ``IMG_1.heic.jpg``. A name that would be
    too long with its ending is cut.

    Args:
        photos: files and folders; a photo that is named twice counts once.
        out: a file for one photo, else a folder.
        side_by_side: decides the name beside the photo.

    Raises:
        ConfigError: no photo found, and no folder that was not entered either.
    """
    requests: dict[Path, _Request] = {}
    refused: list[str] = []
    for path in map(Path.absolute, photos):
        if os.path.isdir(path):  # which raises nothing, where Path.is_dir may
            listing = list_folder(path, PHOTO_SUFFIXES)
            refused += listing.refused
            for photo in _without_outputs(listing.found, path, out):
                folder = out and out / photo.relative_to(path).parent
                requests.setdefault(photo, _Request(photo, folder))
        elif out is not None and len(photos) == 1 and out.suffix and not os.path.isdir(out):
            return Plan([Job(path, out.absolute())], [])
        else:
            requests.setdefault(path, _Request(path, out))
    if not requests and not refused:
        raise ConfigError(
            f"Expected photos in {', '.join(map(str, photos))}, but found none ending in "
            f"{', '.join(PHOTO_SUFFIXES)}."
        )
    return Plan(_assign_paths(list(requests.values()), ENDINGS[side_by_side]), refused)


def _assign_paths(requests: Sequence[_Request], ending: str) -> list[Job]:
    taken: dict[str, Job] = {}
    for request in sorted(
        requests, key=lambda request: _new_suffix(request.source) != request.source.suffix
    ):
        names = _possible_names(request, ending)
        first = destination = next(names)
        while folded_name(str(destination)) in taken:
            destination = next(names)
        note = ""
        if destination != first:
            other = taken[folded_name(str(first))]
            note = (
                f"{request.source} becomes {destination.name}, since {other.source} becomes "
                f"{other.destination.name}."
            )
        elif not first.name.startswith(request.source.stem):
            note = f"{request.source} becomes {first.name}, since its own name is too long for it."
        taken[folded_name(str(destination))] = Job(request.source, destination, note)
    jobs = {job.source: job for job in taken.values()}
    return [jobs[request.source] for request in requests]


def _possible_names(request: _Request, ending: str) -> Iterator[Path]:
    """The usual path of an output, then alternatives for where it is taken; without an end."""
    source, suffix = request.source, _new_suffix(request.source)
    folder, ending = (source.parent, ending) if request.folder is None else (request.folder, "")
    ends = [""] if suffix == source.suffix else ["", source.suffix.lower()]
    for end in chain(ends, (f"{ends[-1]}-{number}" for number in count(2))):
        end += f"{ending}{suffix}"
        room = LONGEST_NAME - len(os.fsencode(end))
        yield folder.absolute() / f"{shortened(source.stem, room)}{end}"


def _new_suffix(source: Path) -> str:
    suffix = source.suffix.lower()
    return (
        ".tif" if suffix in RAW_SUFFIXES else ".jpg" if suffix in HEIC_SUFFIXES else source.suffix
    )


def _without_outputs(photos: list[Path], folder: Path, out: Path | None) -> list[Path]:
    """The photos below a folder that are not the outputs of an earlier run."""
    if out is None:
        return [path for path in photos if not path.stem.endswith(ENDINGS)]
    inside = out.absolute()
    if folder not in inside.parents:
        return photos
    return [path for path in photos if inside not in path.parents]
