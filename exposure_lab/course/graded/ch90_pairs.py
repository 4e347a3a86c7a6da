"""Capstone: which input belongs to which target, from the names of the files alone."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.graded.ch90_variant import FAMILY, LIBRARY, draws, edits
from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import EXACT, Case, GradedQuestion, Variant

PLAIN, ODD = "folders with plain names", "folders with odd names, and with files that do not belong"

SORTED = {
    "scene, darkest first": "by scene, and the inputs of a scene from the darkest to the brightest",
    "scene, brightest first": "by scene, and the inputs of a scene from the **brightest to the "
    "darkest**",
    "exposure first": "**from the darkest to the brightest**, and inputs of one exposure by scene",
    "brightest first": "**from the brightest to the darkest**, and inputs of one exposure by scene",
}

PLAIN_SCENES = ("bridge", "harbour", "a0001", "market", "window", "b1207")
ODD_SCENES = ("a0001-jmac_MG_1225", "night (2)", "P1_N1", "dsc_0", "x.y_z", "IMG-7_edit")
TOKENS = {"N1.5": -1.5, "N1": -1.0, "0": 0.0, "P1": 1.0, "P1.5": 1.5, "N0.5": -0.5, "P2": 2.0}


def _how_sorted(variant: Variant) -> str:
    return f"The list is sorted {SORTED[variant['sorted']]}."


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def names(scenes: Sequence[str], odd: bool) -> list[str]:
        chosen = [str(one) for one in rng.permutation(scenes)[: int(rng.integers(3, 5))]]
        files = [f"GT_IMAGES/{scene}{pick(rng, ['.jpg', '.png'])}" for scene in chosen]
        for scene in chosen:
            tokens = rng.permutation(list(TOKENS))[: int(rng.integers(3, 6))]
            files += [f"INPUT_IMAGES/{scene}_{one}{pick(rng, ['.JPG', '.png'])}" for one in tokens]
        if odd:
            lone = next(scene for scene in scenes if scene not in chosen)
            files += [f"INPUT_IMAGES/{lone}_P1.JPG", "INPUT_IMAGES/.DS_Store", "INPUT_IMAGES/a.txt"]
            files.append("GT_IMAGES/Thumbs.db")
        return [str(one) for one in rng.permutation(files)]

    return [
        *(Case(PLAIN, (names(PLAIN_SCENES, odd=False),)) for _ in range(2)),
        *(Case(ODD, (names(ODD_SCENES, odd=True),)) for _ in range(3)),
    ]


def list_folder(list_pairs: "Callable[..., Any]", names: "list[str]") -> "Any":
    """Make a folder with empty files of these names, and give what an answer finds in it."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        for name in names:
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.touch()
        found = []
        for pair in list_pairs(folder):
            real_input, target = (Path(pair[key]).resolve() for key in ("input", "target"))
            paths = [real_input.relative_to(folder), target.relative_to(folder)]
            found.append([*(path.as_posix() for path in paths), str(pair["scene"]), pair["ev"]])
        return found


def _list(variant: Variant, folder: Any, *, mistake: str = "") -> list[dict[str, Any]]:
    """List the pairs of a folder, or make a usual mistake."""
    from pathlib import Path

    def stem_and_token(stem: str) -> tuple[str, str]:
        if mistake == "first":
            scene, _, token = stem.partition("_")
            return scene, token.rpartition("_")[2]
        scene, _, token = stem.rpartition("_")
        return scene, token

    def pictures(name: str) -> list[Path]:
        files = sorted((folder / name).iterdir())
        return [path for path in files if path.suffix.lower() in (".jpg", ".jpeg", ".png")]

    targets = {path.stem: path for path in pictures("GT_IMAGES")}
    pairs = []
    for path in pictures("INPUT_IMAGES"):
        scene, token = stem_and_token(path.stem)
        ev = float(token.replace("N", "-").replace("P", ""))
        if scene in targets:
            ev = {"sign": abs(ev), "turned": -ev}.get(mistake, ev)
            pairs.append({"input": path, "target": targets[scene], "scene": scene, "ev": ev})
    if mistake == "swapped":
        pairs = [{**pair, "input": pair["target"], "target": pair["input"]} for pair in pairs]
    how = {"chapter": "scene, darkest first", "names": ""}.get(mistake, variant["sorted"])
    keys: dict[str, Callable[[dict[str, Any]], Any]] = {
        "scene, darkest first": lambda pair: (pair["scene"], pair["ev"]),
        "scene, brightest first": lambda pair: (pair["scene"], -pair["ev"]),
        "exposure first": lambda pair: (pair["ev"], pair["scene"]),
        "brightest first": lambda pair: (-pair["ev"], pair["scene"]),
    }
    return sorted(pairs, key=keys[how]) if how else pairs


def _reference(variant: Variant) -> Callable[..., Any]:
    return partial(_list, variant)


CAUSES = {
    "chapter": "they are sorted as the template itself asks: look up the order of this release",
    "names": "they are sorted by the names of the files, where 0 comes before N, and N before P",
    "first": "the names were cut at their first underscore: scenes hold underscores themselves",
    "sign": "the exposures have lost their sign: N is negative",
    "turned": "the exposures have the wrong sign: N is negative and dark",
    "swapped": "inputs and targets changed places",
}


def _mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    return {cause: partial(_list, variant, mistake=name) for name, cause in CAUSES.items()}


PAIRS = GradedQuestion(
    id="90.pairs",
    name="list_pairs",
    objective="pair the inputs of a set with their targets by name",
    what="the pairs of the folder",
    parts={PLAIN: 1, ODD: 1},
    reference=_reference,
    cases=_cases,
    draw=draws("sorted"),
    edits=edits(_how_sorted),
    mistakes=_mistakes,
    harness=list_folder,
    tolerance=EXACT,
    leaves_out=LIBRARY,
    draws_with=FAMILY,
)
