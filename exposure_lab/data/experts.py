"""The versions that several people made of one photo, where a set holds them."""

from pathlib import Path

from exposure_lab.data.layout import EXPERTS, SUFFIXES
from exposure_lab.data.pairs import Pair

GIVEN = "c"
"""Whose pictures the training and validation targets of MSEC are, in ``GT_IMAGES``.

Source: Afifi et al. 2021.
"""


def expert_targets(pair: Pair) -> dict[str, Path]:
    """The target of a pair by every expert who made one: letter to file, in alphabetical order.

    MSEC's test photos have five, ``a`` to ``e``; all other targets are taken as expert c's alone.
    """
    folder, name = pair.target_path.parent, pair.target_path.name
    if folder.name not in EXPERTS:
        return {GIVEN: pair.target_path}
    stem = pair.target_path.stem
    names = [name, *(stem + suffix for suffix in SUFFIXES)]
    found = {}
    for expert in EXPERTS:
        files = (folder.parent / expert / one for one in names)
        file = next((one for one in files if one.is_file()), None)
        if file is not None:
            found[expert.split("_")[1]] = file
    return found
