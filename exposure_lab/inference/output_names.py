"""Output paths: every photo gets an output of its own, beside it or in another folder."""

from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from exposure_lab.errors import ConfigError
from exposure_lab.files.names import folded_name
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
    """A sentence where another photo took the name that this output would have had."""


class _Request(NamedTuple):
    """A photo whose output has no name yet."""

    source: Path
    folder: Path | None
    """None is the photo's own."""


def plan_jobs(photos: Sequence[Path], out: Path | None, side_by_side: bool = False) -> list[Job]:
    """Find the photos and give each an output path.

    Folders are searched at any depth and keep their shape under ``out``. Without ``out`` a version
    lies beside its photo under a name of its own, and a later search passes over these. RAW photos
    become TIFF of 16 bits, HEIC becomes JPEG, everything else keeps its format. Where two outputs
    would have one name, or two that some disks take for one, a photo that keeps its format keeps
    its name; the others get a name of their own, such as ``IMG_1.heic.jpg``.

    Args:
        photos: files and folders; a photo that is named twice counts once.
        out: a file for one photo, else a folder.
        side_by_side: decides the name beside the photo.

    Raises:
        ConfigError: no photo found.
    """
    requests: dict[Path, _Request] = {}
    for path in map(Path.absolute, photos):
        if path.is_dir():
            for photo in _photos_below(path, out):
                folder = out and out / photo.relative_to(path).parent
                requests.setdefault(photo, _Request(photo, folder))
        elif out is not None and len(photos) == 1 and out.suffix and not out.is_dir():
            return [Job(path, out.absolute())]
        else:
            requests.setdefault(path, _Request(path, out))
    if not requests:
        raise ConfigError(
            f"Expected photos in {', '.join(map(str, photos))}, but found none ending in "
            f"{', '.join(PHOTO_SUFFIXES)}."
        )
    return _assign_paths(list(requests.values()), ENDINGS[side_by_side])


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
        taken[folded_name(str(destination))] = Job(request.source, destination, note)
    jobs = {job.source: job for job in taken.values()}
    return [jobs[request.source] for request in requests]


def _possible_names(request: _Request, ending: str) -> Iterator[Path]:
    """The usual path of an output, then alternatives for where it is taken; without an end."""
    source, suffix = request.source, _new_suffix(request.source)
    folder, ending = (source.parent, ending) if request.folder is None else (request.folder, "")
    stems = [source.stem]
    if suffix != source.suffix:
        stems.append(f"{source.stem}{source.suffix.lower()}")
    for stem in chain(stems, (f"{stems[-1]}-{number}" for number in count(2))):
        yield folder.absolute() / f"{stem}{ending}{suffix}"


def _new_suffix(source: Path) -> str:
    suffix = source.suffix.lower()
    return (
        ".tif" if suffix in RAW_SUFFIXES else ".jpg" if suffix in HEIC_SUFFIXES else source.suffix
    )


def _photos_below(folder: Path, out: Path | None) -> list[Path]:
    photos = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in PHOTO_SUFFIXES and not path.name.startswith(".")
    ]
    if out is None:
        return [path for path in photos if not path.stem.endswith(ENDINGS)]
    inside = out.absolute()
    if folder not in inside.parents:
        return photos
    return [path for path in photos if inside not in path.parents]  # of an earlier run
