"""Files beside a notebook: which count as weights and history, and their copies for a grading."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exposure_lab.course.grading.trained.weights_file import check_weights
from exposure_lab.course.release.manifest import Manifest
from exposure_lab.data.download.printable import printable
from exposure_lab.errors import FilesError, GradingError
from exposure_lab.files.checksum import sha256
from exposure_lab.files.json_files import read_json_object

FOLDER = "handed-in"
"""Folder in that of a grading with the files that the sandbox shows."""

WEIGHTS, HISTORY = "weights.safetensors", "history.json"

LONGEST_HISTORY = 100_000
"""Bytes of a history, at most: a row for each of several hundred epochs."""


@dataclass(frozen=True)
class HandedIn:
    """Files that count, by the name that the template gives them, and what is wrong with others."""

    files: Mapping[str, Path] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def hashes(self) -> list[list[str]]:
        """Name and SHA-256 of each file."""
        return [[name, sha256(path)] for name, path in sorted(self.files.items())]

    def copy_to(self, folder: Path) -> None:
        """Copy the files into the folder of a grading, in place of those of an earlier one."""
        kept = folder / FOLDER
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for name, path in self.files.items():
            shutil.copyfile(path, kept / name)


def takes_files(manifest: Manifest, chapter: str) -> bool:
    """Whether a chapter asks for files beside the notebook: whether it has a question of tier C."""
    return any(one.chapter == chapter and one.tier == "C" for one in manifest.questions)


def read_handed_in(paths: Sequence[Path]) -> HandedIn:
    """Choose the weights and the history among the files that a student handed in.

    Systems put the student's name before a file's own, so that its suffix tells what it is. A file
    that cannot be used is left out and named.
    """
    files, problems = {}, []
    for name, suffix in ((WEIGHTS, ".safetensors"), (HISTORY, ".json")):
        found = [path for path in paths if path.suffix.lower() == suffix]
        named = [path for path in found if Path(name).stem in path.stem.lower()]
        chosen = named or found
        if len(chosen) > 1 and len({sha256(path) for path in chosen}) > 1:
            shown = " and ".join(printable(path.name) for path in chosen[:3])
            problems.append(
                f"Expected one file {name}, but {len(chosen)} different ones came ({shown}): keep "
                "the one that counts, and grade again."
            )
        elif chosen:
            try:
                _check(name, chosen[0])
                files[name] = chosen[0]
            except GradingError as error:
                problems.append(str(error))
        else:
            problems.append(
                f"Expected {name} beside the notebook, but it did not come: ask for the files that "
                "the template writes."
            )
    return HandedIn(files, tuple(problems))


def handed_in_folder(folder: Path) -> Path | None:
    """Folder with the files of a grading; None where its chapter takes none."""
    kept = folder / FOLDER
    return kept if kept.is_dir() else None


def _check(name: str, path: Path) -> None:
    """Check a file by what it should be. Raises GradingError."""
    shown = printable(path.name)
    if name == WEIGHTS:
        check_weights(path, shown)
        return
    if path.stat().st_size > LONGEST_HISTORY:
        raise GradingError(
            f"Expected a history of at most {LONGEST_HISTORY:,} bytes in {shown}, but it has more: "
            "write a row an epoch, and not one a step."
        )
    try:
        read_json_object(path)
    except FilesError:
        raise GradingError(
            f"Expected the history of the run in {shown}, but it is no JSON object: hand in the "
            "file that the template writes."
        ) from None
