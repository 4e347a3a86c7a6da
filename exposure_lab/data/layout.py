"""Layout of MSEC, and of every set like it, on the disk: folders, file names, suffixes.

Source: Afifi et al. 2021; the shorter folder names are those of later projects that use their set.
"""

import re
from pathlib import Path
from typing import Literal

from exposure_lab.errors import DataError

Split = Literal["training", "validation", "test"]

SPLIT_FOLDERS: dict[str, tuple[str, ...]] = {
    "training": ("training", "train"),
    "validation": ("validation", "val"),
    "test": ("testing", "test"),
}
"""Split to the names that its folder may have; the first is MSEC's, and the one written here."""

INPUTS = "INPUT_IMAGES"

TARGET_FOLDERS: dict[str, str] = {
    "training": "GT_IMAGES",
    "validation": "GT_IMAGES",
    "test": "expert_c_testing_set",
}
"""Split to the folder of its targets."""

READ_TARGETS = tuple(dict.fromkeys(TARGET_FOLDERS.values()))
"""Folders in which targets are looked for, whatever the split; the later one counts."""

EXPERTS = tuple(f"expert_{letter}_testing_set" for letter in "abcde")
"""Five people retouched each photo of the test set; expert C's are the targets."""

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff")
"""Suffixes of the pictures of pairs that are read, in lower case."""


def ev_token(ev: float) -> str:
    """Name an exposure as MSEC does: -1.5 is ``N1.5``, 0 is ``0``, +1 is ``P1``."""
    return "0" if ev == 0 else f"{'P' if ev > 0 else 'N'}{abs(ev):g}"


def parse_ev_token(token: str) -> float:
    """Parse an exposure such as ``N1.5``, ``0`` or ``P1`` to stops.

    Raises:
        DataError: not such a name.
    """
    if token == "0":
        return 0.0
    if not re.fullmatch(r"[NP]\d+(\.\d+)?", token, re.ASCII):
        raise DataError(
            f"Expected an exposure such as N1.5, 0 or P1, but got {token!r}: rename the file."
        )
    return float(token[1:]) if token[0] == "P" else -float(token[1:])


def split_folder(root: Path | str, split: str) -> Path:
    """Folder of a split, in a set that this package writes."""
    return Path(root) / SPLIT_FOLDERS[split][0]


def pair_paths(root: Path | str, split: Split, scene: str, ev: float) -> tuple[Path, Path]:
    """Paths of input and target of a scene, in a set that this package writes."""
    folder = split_folder(root, split)
    real_input = folder / INPUTS / f"{scene}_{ev_token(ev)}.JPG"
    return real_input, folder / TARGET_FOLDERS[split] / f"{scene}.jpg"
