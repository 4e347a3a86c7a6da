"""Verification of a whole set of pairs, file by file: every problem is reported."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from tqdm.auto import tqdm

from exposure_lab.data.layout import SPLIT_FOLDERS
from exposure_lab.data.verification.decodable import decode
from exposure_lab.data.verification.naming import (
    Problem,
    SplitListing,
    msec_problems,
    pair_problems,
    read_splits,
    shared_scene_problems,
)
from exposure_lab.errors import DataError
from exposure_lab.parallel import map_items


class Count(NamedTuple):
    """Count of the pictures of a split."""

    split: str
    """training, validation or testing."""
    inputs: int
    scenes: int
    targets: int


class Verified(NamedTuple):
    """Result of `verify`: counts per split, and every problem."""

    counts: list[Count]
    problems: list[Problem]
    """By path; empty if all is well."""


def verify(
    root: Path | str, *, msec: bool = False, jobs: int = 1, decoding: bool = True
) -> Verified:
    """Verify a set in MSEC layout; a split that is absent is fine.

    Every input needs a target, every target an input, no scene may be in two splits, each file must
    decode, and an input must have the size of its target. A JPEG whose middle was overwritten may
    still decode, into a picture with a grey patch: that is not noticed.

    Args:
        root: folder of the set.
        msec: compare with the list of MSEC too: its scenes, five exposures, five experts.
        jobs: processes that decode.
        decoding: decode the files as well; without it only names are checked.

    Raises:
        DataError: no such set.
    """
    splits, problems = read_splits(Path(root))
    problems += chain.from_iterable(map(pair_problems, splits))
    # MSEC's own list is disjoint, so a scene in two splits is off that list in one of them.
    if msec:
        problems += chain.from_iterable(map(msec_problems, splits))
    else:
        problems += shared_scene_problems(splits)
    if decoding:
        problems += _decoding_problems(splits, jobs)
    counts = [
        Count(
            SPLIT_FOLDERS[files.split][0],
            sum(map(len, files.inputs.values())),
            len(files.inputs),
            len(files.pairs),
        )
        for files in splits
    ]
    return Verified(counts, sorted(problems))


def refuse_problems(root: Path | str, jobs: int = 1) -> None:
    """Check that a set has no problem at all, before it is packed.

    Raises:
        DataError: no such set, or one with problems: the sentence is followed by all of them.
    """
    problems = verify(root, jobs=jobs).problems
    if problems:
        listed = "\n".join(f"  {path} {description}" for path, description in problems)
        raise DataError(
            f"Expected a set without faults in {root}, but it has {len(problems)}: repair or "
            f"remove these files, then pack it.\n{listed}"
        )


def _decoding_problems(splits: Sequence[SplitListing], jobs: int) -> list[Problem]:
    pictures = [path for files in splits for path in files.pictures]
    sizes: dict[Path, tuple[int, int]] = {}
    problems: list[Problem] = []
    for path, size, problem in tqdm(
        map_items(decode, pictures, jobs), total=len(pictures), unit="file", disable=None
    ):
        if size is None:
            problems.append(Problem(path, problem))
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
                    problems.append(Problem(path, f"is {ours} px, but its target {theirs}"))
    return problems
