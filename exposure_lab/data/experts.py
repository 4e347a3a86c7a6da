"""Targets of one photo by several experts, where a set holds them."""

from pathlib import Path

from exposure_lab.data.layout import EXPERTS, SUFFIXES
from exposure_lab.data.pairs import Pair

DEFAULT_EXPERT = "c"
"""The expert whose pictures are the training and validation targets of MSEC, in ``GT_IMAGES``.

Source: Afifi et al. 2021.
"""


def expert_targets(pair: Pair) -> dict[str, Path]:
    """Find the targets of a pair by all its experts: letter to file, in alphabetical order.

    MSEC's test photos have five, ``a`` to ``e``; all other targets are taken as expert c's alone.
    """
    folder, name = pair.target_path.parent, pair.target_path.name
    if folder.name not in EXPERTS:
        return {DEFAULT_EXPERT: pair.target_path}
    stem = pair.target_path.stem
    names = [name, *(stem + suffix for suffix in SUFFIXES)]
    targets = {}
    for expert in EXPERTS:
        candidates = (folder.parent / expert / candidate for candidate in names)
        file = next((path for path in candidates if path.is_file()), None)
        if file is not None:
            targets[expert.split("_")[1]] = file
    return targets
