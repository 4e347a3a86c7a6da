"""Capstone: the trained network, recomputed from its weights on photos that nobody saw (tier C).

An instructor who has photos of their own that students lack puts them into a folder and the
question, with that folder, into a ``ch90.py`` of their own; see the instructors' part of the book.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from exposure_lab.course.graded.ch90_variant import FAMILY, LIBRARY, draws
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant
from exposure_lab.course.grading.trained.measured import LOADS, PARTS, measure

PROFILE = "smoke"
"""Profile whose thresholds count. Until somebody has run ``benchmarks/capstone_thresholds.py`` at
colab, a network that was trained there is held to the lower ones of smoke."""


def run_handed_in(correct: "Callable[..., Any]", photos: "dict[str, Any]") -> "dict[str, Any]":
    """Let an answer correct photos with the weights that were handed in.

    Weights and history lie in the folder that ``HANDED_IN`` names, else in the current one. Photos
    come in several kinds, one call each. The hidden ones are corrected once more with other
    weights, to see that these make a difference.
    """
    import os
    from pathlib import Path

    import numpy as np
    from safetensors.numpy import load_file

    folder = Path(os.environ.get("HANDED_IN", "."))
    for name, most in (("weights.safetensors", 64_000_000), ("history.json", 100_000)):
        if not (folder / name).is_file():
            return {"missing": name}
        if (folder / name).stat().st_size > most:
            raise ValueError(f"{name} has more than {most:,} bytes")
    with (folder / "weights.safetensors").open("rb") as file:
        header = int.from_bytes(file.read(8), "little")
    if header > 1_000_000:
        raise ValueError(f"the header of weights.safetensors would have {header:,} bytes")
    weights = {}
    for name, values in load_file(folder / "weights.safetensors").items():
        if values.dtype.kind == "f":
            values = values.astype(np.float32)
            if not np.isfinite(values).all():
                raise ValueError(f"the weights {name[:60]} hold NaN or infinity")
        weights[name] = values
    without = {k: 0.5 * v if v.dtype.kind == "f" else v for k, v in weights.items()}

    def corrected(weights: "dict[str, Any]", kinds: "list[Any]") -> "Any":
        return np.concatenate([np.asarray(correct(dict(weights), one.copy())) for one in kinds])

    return {
        "hidden": corrected(weights, photos["hidden"]),
        "announced": corrected(weights, photos["announced"]),
        "blank": corrected(without, photos["hidden"]),
        "history": (folder / "history.json").read_text(encoding="utf-8"),
    }


def _cases(
    folder: Path | None, profile: str, variant: Variant, rng: np.random.Generator
) -> Sequence[Case]:
    # Only here: other processes read the questions of all chapters, and need no photos.
    from exposure_lab.course.grading.trained.photos import announced_photos, hidden_photos
    from exposure_lab.course.grading.trained.thresholds import read_thresholds

    sets = {"hidden": hidden_photos(rng, folder), "announced": announced_photos().by_kind()}
    photos = {name: one.kinds() for name, one in sets.items()}
    known = {name: one.to_wire(variant["border"]) for name, one in sets.items()} | {
        "least": asdict(read_thresholds(profile)),
        "how": {key: variant[key] for key in ("border", "mean")},
        "rule": {key: variant[key] for key in ("smallest", "at_least", "rule")},
    }
    return [Case(LOADS, (photos,), known)]


def _unchanged(_variant: Variant) -> Callable[..., Any]:
    """A function that corrects nothing: there are no right weights to compare with."""
    return _as_it_is


def _as_it_is(_weights: Any, photos: Any) -> Any:
    return photos


def trained_question(photos: Path | None = None, profile: str = PROFILE) -> GradedQuestion:
    """Make the question about the trained network.

    Args:
        photos: folder of an instructor's own photos; None for cuts of the built-in ones.
        profile: whose thresholds count.
    """
    return GradedQuestion(
        id="90.trained",
        name="correct",
        objective="train a generator and state truly how well it corrects",
        what="what the weights give",
        parts=PARTS,
        reference=_unchanged,
        cases=partial(_cases, photos, profile),
        draw=draws("border", "mean", "smallest", "at_least", "rule"),
        measure=measure,
        harness=run_handed_in,
        tier="C",
        leaves_out=LIBRARY,
        draws_with=FAMILY,
        reads=() if photos is None else (photos,),
    )


TRAINED = trained_question()
