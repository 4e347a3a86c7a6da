"""What the names in a set tell: pairs, doubles, strays, and scenes where they do not belong."""

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


class Fault(NamedTuple):
    """What is wrong with a set, in one place."""

    path: Path
    problem: str
    """To be read after the path."""


class SplitFiles(NamedTuple):
    """The pictures of one split, by what their names say."""

    split: str
    folder: Path
    inputs: dict[str, dict[float, Path]]
    """Scene -> stops -> file."""
    targets: dict[str, dict[str, Path]]
    """Name of a folder of targets -> scene -> file."""
    pictures: list[Path]
    """All of them, those with a wrong name as well."""

    @property
    def pairs(self) -> dict[str, Path]:
        """Scene -> the target that training and scoring use."""
        return {
            scene: path
            for name in READ_TARGETS
            for scene, path in self.targets.get(name, {}).items()
        }


def read_splits(root: Path) -> tuple[list[SplitFiles], list[Fault]]:
    """List a set. A split that is absent is no fault.

    Returns:
        The splits, and what in the folders is not read as a picture or is there twice.

    Raises:
        DataError: no folder of a split at all.
    """
    splits, faults = [], []
    known = {name for names in SPLIT_FOLDERS.values() for name in names}
    for split, names in SPLIT_FOLDERS.items():
        folders = [root / name for name in names if (root / name).is_dir()]
        filled = [folder for folder in folders if (folder / INPUTS).is_dir()]
        faults += [Fault(f, f"has no folder {INPUTS}") for f in folders if f not in filled]
        faults += [Fault(f, f"is not read, since {filled[0].name} is there") for f in filled[1:]]
        if filled:
            found, strays = _read_split(split, filled[0])
            splits.append(found)
            faults += strays
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if folder.name not in known and (folder / INPUTS).is_dir():
            faults.append(Fault(folder, f"is not read: expected one of {', '.join(sorted(known))}"))
    if not splits and not faults:
        raise DataError(
            f"Expected a folder training, validation or testing in {root}, but there is none: "
            "check the path."
        )
    return splits, faults


def _read_split(split: str, folder: Path) -> tuple[SplitFiles, list[Fault]]:
    files = SplitFiles(split, folder, {}, {}, [])
    faults: list[Fault] = []
    for path in _pictures(folder / INPUTS, files, faults):
        scene, _, token = path.stem.rpartition("_")
        try:
            ev = parse_ev_token(token)
        except DataError:
            faults.append(Fault(path, "does not end in an exposure such as _N1.5, _0 or _P1"))
            continue
        first = files.inputs.setdefault(scene, {}).setdefault(ev, path)
        if first != path:
            faults.append(Fault(path, f"shows the same scene and exposure as {first.name}"))
    for name in ("GT_IMAGES", *EXPERTS):
        if (folder / name).is_dir():
            targets = files.targets.setdefault(name, {})
            for path in _pictures(folder / name, files, faults):
                first = targets.setdefault(path.stem, path)
                if first != path:
                    faults.append(Fault(path, f"is a second target beside {first.name}"))
    if not files.inputs:
        faults.append(Fault(folder / INPUTS, "holds no input"))
    return files, faults


def _pictures(folder: Path, files: SplitFiles, faults: list[Fault]) -> Iterator[Path]:
    """The pictures of a folder; what else is there becomes a fault, but for hidden files."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.lower() in SYSTEM_FILES:
            continue
        if path.suffix.lower() in SUFFIXES:
            files.pictures.append(path)
            yield path
        else:
            faults.append(Fault(path, f"is not read: expected a file {', '.join(SUFFIXES)}"))


def pair_faults(files: SplitFiles) -> Iterator[Fault]:
    """Inputs without a target and targets without an input."""
    pairs = files.pairs
    wanted = TARGET_FOLDERS[files.split]
    for scene, inputs in files.inputs.items():
        if scene not in pairs:
            for path in inputs.values():
                yield Fault(path, f"has no target {scene}.jpg in {wanted}")
    for name, targets in files.targets.items():
        for scene, path in targets.items():
            if scene not in files.inputs:
                yield Fault(path, f"has no input {scene}_*.JPG in {INPUTS}")
            elif name in READ_TARGETS and path != pairs[scene]:
                yield Fault(path, f"is not read, since {pairs[scene].parent.name} has it as well")
        if name not in READ_TARGETS:
            for scene in files.inputs.keys() - targets.keys():
                yield Fault(files.folder / name / f"{scene}.jpg", "is missing")


def shared_faults(splits: Iterable[SplitFiles]) -> Iterator[Fault]:
    """Scenes in two splits: what a network has trained on would be used to judge it."""
    seen: dict[str, str] = {}
    for files in splits:
        for scene in sorted(files.inputs.keys() | files.pairs.keys()):
            first = seen.setdefault(scene, files.split)
            if first != files.split:
                yield Fault(_any_file(files, scene), f"is of a scene that is in {first} as well")


def msec_faults(files: SplitFiles) -> Iterator[Fault]:
    """What differs from the list of MSEC: scenes, five exposures of each, five experts."""
    here = SPLIT_FOLDERS[files.split][0]
    scenes, found = msec_scenes(), files.inputs.keys() | files.pairs.keys()
    for scene in sorted(found - scenes[here]):
        home = [name for name, members in scenes.items() if scene in members]
        yield Fault(
            _any_file(files, scene),
            f"is of a scene that MSEC has in {home[0]}"
            if home
            else "is of a scene unknown to MSEC",
        )
    folder = files.folder / INPUTS
    for scene in sorted(scenes[here]):
        inputs = files.inputs.get(scene, {})
        if scene not in found:
            yield Fault(folder / f"{scene}_*.JPG", "are missing, and so is their target")
            continue
        for ev in EVS:
            if inputs and ev not in inputs:
                yield Fault(folder / f"{scene}_{ev_token(ev)}.JPG", "is missing")
        for ev in inputs.keys() - set(EVS):
            yield Fault(inputs[ev], "has an exposure that MSEC has not")
    if files.split == "test":
        for name in EXPERTS:
            if name not in files.targets:
                yield Fault(files.folder / name, "is missing")


def _any_file(files: SplitFiles, scene: str) -> Path:
    inputs = files.inputs.get(scene)
    return next(iter(inputs.values())) if inputs else files.pairs[scene]
