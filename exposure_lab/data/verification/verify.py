"""Checks a whole set of pairs, file by file, and says everything that is wrong with it."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from tqdm.auto import tqdm

from exposure_lab.data.layout import SPLIT_FOLDERS
from exposure_lab.data.verification.decodable import decode
from exposure_lab.data.verification.naming import (
    Fault,
    SplitFiles,
    msec_faults,
    pair_faults,
    read_splits,
    shared_faults,
)
from exposure_lab.errors import DataError
from exposure_lab.parallel import map_items


class Count(NamedTuple):
    """How many pictures a split has."""

    split: str
    """training, validation or testing."""
    inputs: int
    scenes: int
    targets: int


class Verified(NamedTuple):
    """What `verify` found."""

    counts: list[Count]
    faults: list[Fault]
    """By path; empty if all is well."""


def verify(
    root: Path | str, *, msec: bool = False, jobs: int = 1, decoding: bool = True
) -> Verified:
    """Check a set in MSEC layout; a split that is absent is fine.

    Every input needs a target, every target an input, no scene may be in two splits, each file must
    decode, and an input must have the size of its target. A JPEG whose middle was overwritten may
    still decode, into a picture with a grey patch: that is not found.

    Args:
        root: folder of the set.
        msec: compare with the list of MSEC too: its scenes, five exposures, five experts.
        jobs: processes that decode.
        decoding: look into the files as well; without it only names are checked.

    Raises:
        DataError: no such set.
    """
    splits, faults = read_splits(Path(root))
    faults += chain.from_iterable(map(pair_faults, splits))
    # MSEC's own list is disjoint, so a scene in two splits is off that list in one of them.
    faults += chain.from_iterable(map(msec_faults, splits)) if msec else shared_faults(splits)
    if decoding:
        faults += _decoding_faults(splits, jobs)
    counts = [
        Count(
            SPLIT_FOLDERS[files.split][0],
            sum(map(len, files.inputs.values())),
            len(files.inputs),
            len(files.pairs),
        )
        for files in splits
    ]
    return Verified(counts, sorted(faults))


def refuse_faults(root: Path | str, jobs: int = 1) -> None:
    """See that a set has no fault at all, before it is packed.

    Raises:
        DataError: no such set, or one with faults: the sentence is followed by all of them.
    """
    faults = verify(root, jobs=jobs).faults
    if faults:
        listed = "\n".join(f"  {path} {problem}" for path, problem in faults)
        raise DataError(
            f"Expected a set without faults in {root}, but it has {len(faults)}: repair or remove "
            f"these files, then pack it.\n{listed}"
        )


def _decoding_faults(splits: Sequence[SplitFiles], jobs: int) -> list[Fault]:
    pictures = [path for files in splits for path in files.pictures]
    sizes, faults = {}, []
    for path, size, problem in tqdm(
        map_items(decode, pictures, jobs), total=len(pictures), unit="file", disable=None
    ):
        if size is None:
            faults.append(Fault(path, problem))
        else:
            sizes[path] = size
    for files in splits:
        for scene, inputs in files.inputs.items():
            target = files.pairs.get(scene)
            if target not in sizes:
                continue
            for path in inputs.values():
                if sizes.get(path, sizes[target]) != sizes[target]:
                    ours, theirs = ("x".join(map(str, sizes[file])) for file in (path, target))
                    faults.append(Fault(path, f"is {ours} px, but its target {theirs}"))
    return faults
