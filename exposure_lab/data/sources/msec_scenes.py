"""Scenes of MSEC: which photo belongs to which split.

Source: Afifi et al. 2021; ``data_scripts/list_msec_scenes.py`` says how the list was gathered.
"""

from functools import cache
from pathlib import Path

MSEC_COUNTS = {"training": 17_675, "validation": 750, "testing": 5_905}
"""Inputs in each split, as its authors state them."""

LIST = Path(__file__).with_name("msec_scenes.txt")


@cache
def msec_scenes() -> dict[str, frozenset[str]]:
    """Read the names of the scenes of each split: training, validation and testing.

    A scene's inputs are ``SCENE_N1.5.JPG`` to ``SCENE_P1.5.JPG``, its target is ``SCENE.jpg``.
    """
    scenes: dict[str, set[str]] = {}
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            split = scenes.setdefault(line.strip("[]"), set())
        elif not line.startswith("#"):
            split.add(line)
    return {name: frozenset(members) for name, members in scenes.items()}
