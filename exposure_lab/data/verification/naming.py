"""Problems that names in a set reveal: missing pairs, duplicates, strays, scenes in two splits."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from exposure_lab.data.layout import (
    EXPERTS,
    INPUTS,
    READ_TARGETS,
    SPLIT_FOLDERS,
    SUFFIXES,
    TARGET_FOLDERS,
    ev_token,
    parse_ev_token,
)
from exposure_lab.data.sources.msec_scenes import msec_scenes
from exposure_lab.data.synthesis.exposure import EVS
from exposure_lab.errors import DataError
from exposure_lab.files.ownership import SYSTEM_FILES


class Problem(NamedTuple):
    """Problem of a set, in one place."""

    path: Path
    description: str
    """Clause to be read after the path."""


class SplitListing(NamedTuple):
    """Pictures of one split, by what their names say."""

    split: str
    folder: Path
    inputs: dict[str, dict[float, Path]]
    """Scene -> stops -> file."""
    targets: dict[str, dict[str, Path]]
    """Name of a folder of targets -> scene -> file."""
    pictures: list[Path]
    """All pictures, those with a wrong name as well."""

    @property
    def pairs(self) -> dict[str, Path]:
        """Targets that training and scoring use, by scene."""
        return {
            scene: path
            for name in READ_TARGETS
            for scene, path in self.targets.get(name, {}).items()
        }


def read_splits(root: Path) -> tuple[list[SplitListing], list[Problem]]:
    """List the splits of a set. A split that is absent is no problem.

    Returns:
        The splits, and what in the folders is not read as a picture or is there twice.

    Raises:
        DataError: no folder of a split at all.
    """
    splits, problems = [], []
    known = {name for names in SPLIT_FOLDERS.values() for name in names}
    for split, names in SPLIT_FOLDERS.items():
        folders = [root / name for name in names if (root / name).is_dir()]
        filled = [folder for folder in folders if (folder / INPUTS).is_dir()]
        problems += [Problem(f, f"has no folder {INPUTS}") for f in folders if f not in filled]
        problems += [
            Problem(f, f"is not read, since {filled[0].name} is there") for f in filled[1:]
        ]
        if filled:
            listing, strays = _read_split(split, filled[0])
            splits.append(listing)
            problems += strays
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if folder.name not in known and (folder / INPUTS).is_dir():
            problems.append(
                Problem(folder, f"is not read: expected one of {', '.join(sorted(known))}")
            )
    if not splits and not problems:
        raise DataError(
            f"Expected a folder training, validation or testing in {root}, but there is none: "
            "check the path."
        )
    return splits, problems


def _read_split(split: str, folder: Path) -> tuple[SplitListing, list[Problem]]:
    files = SplitListing(split, folder, {}, {}, [])
    problems: list[Problem] = []
    for path in _pictures(folder / INPUTS, files, problems):
        scene, _, token = path.stem.rpartition("_")
        try:
            ev = parse_ev_token(token)
        except DataError:
            problems.append(Problem(path, "does not end in an exposure such as _N1.5, _0 or _P1"))
            continue
        first = files.inputs.setdefault(scene, {}).setdefault(ev, path)
        if first != path:
            problems.append(Problem(path, f"shows the same scene and exposure as {first.name}"))
    for name in ("GT_IMAGES", *EXPERTS):
        if (folder / name).is_dir():
            targets = files.targets.setdefault(name, {})
            for path in _pictures(folder / name, files, problems):
                first = targets.setdefault(path.stem, path)
                if first != path:
                    problems.append(Problem(path, f"is a second target beside {first.name}"))
    if not files.inputs:
        problems.append(Problem(folder / INPUTS, "holds no input"))
    return files, problems


def _pictures(folder: Path, files: SplitListing, problems: list[Problem]) -> Iterator[Path]:
    """List the pictures of a folder; all else there is a problem, but for hidden files."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.lower() in SYSTEM_FILES:
            continue
        if path.suffix.lower() in SUFFIXES:
            files.pictures.append(path)
            yield path
        else:
            problems.append(Problem(path, f"is not read: expected a file {', '.join(SUFFIXES)}"))


def pair_problems(files: SplitListing) -> Iterator[Problem]:
    """Find inputs without a target and targets without an input."""
    pairs = files.pairs
    target_folder = TARGET_FOLDERS[files.split]
    for scene, inputs in files.inputs.items():
        if scene not in pairs:
            for path in inputs.values():
                yield Problem(path, f"has no target {scene}.jpg in {target_folder}")
    for name, targets in files.targets.items():
        for scene, path in targets.items():
            if scene not in files.inputs:
                yield Problem(path, f"has no input {scene}_*.JPG in {INPUTS}")
            elif name in READ_TARGETS and path != pairs[scene]:
                yield Problem(path, f"is not read, since {pairs[scene].parent.name} has it as well")
        if name not in READ_TARGETS:
            for scene in files.inputs.keys() - targets.keys():
                yield Problem(files.folder / name / f"{scene}.jpg", "is missing")


def shared_scene_problems(splits: Iterable[SplitListing]) -> Iterator[Problem]:
    """Find scenes in two splits: a network would be scored on what it has trained on."""
    seen: dict[str, str] = {}
    for files in splits:
        for scene in sorted(files.inputs.keys() | files.pairs.keys()):
            first = seen.setdefault(scene, files.split)
            if first != files.split:
                yield Problem(_any_file(files, scene), f"is of a scene that is in {first} as well")


def msec_problems(files: SplitListing) -> Iterator[Problem]:
    """Find what differs from the list of MSEC: scenes, five exposures of each, five experts."""
    split = SPLIT_FOLDERS[files.split][0]
    scenes, present = msec_scenes(), files.inputs.keys() | files.pairs.keys()
    for scene in sorted(present - scenes[split]):
        home = [name for name, members in scenes.items() if scene in members]
        yield Problem(
            _any_file(files, scene),
            f"is of a scene that MSEC has in {home[0]}"
            if home
            else "is of a scene unknown to MSEC",
        )
    folder = files.folder / INPUTS
    for scene in sorted(scenes[split]):
        inputs = files.inputs.get(scene, {})
        if scene not in present:
            yield Problem(folder / f"{scene}_*.JPG", "are missing, and so is their target")
            continue
        for ev in EVS:
            if inputs and ev not in inputs:
                yield Problem(folder / f"{scene}_{ev_token(ev)}.JPG", "is missing")
        for ev in inputs.keys() - set(EVS):
            yield Problem(inputs[ev], "has an exposure that MSEC has not")
    if files.split == "test":
        for name in EXPERTS:
            if name not in files.targets:
                yield Problem(files.folder / name, "is missing")


def _any_file(files: SplitListing, scene: str) -> Path:
    inputs = files.inputs.get(scene)
    return next(iter(inputs.values())) if inputs else files.pairs[scene]
