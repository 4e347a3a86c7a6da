"""Variant of the capstone: one draw for all its questions, so that their answers fit together."""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import permutations

import numpy as np

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Variant

FAMILY = "90"
"""What all questions of the capstone draw with."""

LIBRARY = tuple(
    f"exposure_lab.{name}"
    for name in (
        "checkpoints",
        "data",
        "evaluation",
        "inference",
        "losses",
        "metrics",
        "networks",
        "training",
    )
)
"""Modules that would answer the capstone, which a student answers by code of their own."""

BOOK: Variant = {
    "sorted": "scene, darkest first",
    "draws": ["top", "left", "mirror"],
    "mirror": 0.5,
    "width": 16,
    "halvings": 6,
    "kernel": 4,
    "times": 8,
    "slope": 0.2,
    "beside": "the way up first",
    "d_width": 16,
    "strided": 2,
    "pair": "the input first",
    "real": 1.0,
    "fake": 0.0,
    "lambda_l1": 100,
    "turn": "D",
    "shown": "before",
    "longest": 0.0,
    "entries": ["networks", "optimizers", "random", "kept"],
    "border": 0,
    "mean": "pictures",
    "smallest": 0.3,
    "at_least": 2,
    "rule": "every",
}
"""What the template itself asks, whose solutions everybody may read; no release draws it."""


def _draw_all(rng: np.random.Generator) -> Variant:
    """Draw every choice; of each question at least one is another than the template's."""
    turn, shown = pick(rng, [("D", "before"), ("G", "before"), ("G", "after")])
    real, fake = pick(rng, [(0.0, 1.0), (0.9, 0.0), (0.1, 1.0), (0.8, 0.0)])
    return {
        "sorted": pick(rng, ["scene, brightest first", "exposure first", "brightest first"]),
        "draws": list(pick(rng, list(permutations(BOOK["draws"]))[1:])),
        "mirror": pick(rng, [0.3, 0.4, 0.6, 0.7]),
        "width": pick(rng, [12, 14, 18, 20]),
        "halvings": pick(rng, [5, 6]),
        "kernel": pick(rng, [3, 4]),
        "times": pick(rng, [4, 8]),
        "slope": pick(rng, [0.1, 0.2, 0.3]),
        "beside": pick(rng, ["the way up first", "the way down first"]),
        "d_width": pick(rng, [8, 12, 20]),
        "strided": pick(rng, [1, 2, 3]),
        "pair": pick(rng, ["the input first", "the picture first"]),
        "real": real,
        "fake": fake,
        "lambda_l1": pick(rng, [40, 60, 80, 120, 150]),
        "turn": turn,
        "shown": shown,
        "longest": pick(rng, [0.5, 1.0, 2.0]),
        "entries": pick(
            rng,
            [
                ["models", "adam", "rng", "progress"],
                ["players", "memories", "dice", "notes"],
                ["nets", "opts", "noise", "state"],
            ],
        ),
        "border": pick(rng, [2, 3, 4]),
        "mean": pick(rng, ["pictures", "errors"]),
        "smallest": pick(rng, [0.2, 0.25, 0.4, 0.5]),
        "at_least": pick(rng, [2, 3]),
        "rule": pick(rng, ["every", "mean"]),
    }


def draws(*keys: str) -> Callable[[np.random.Generator], Variant]:
    """Function that draws the choices of one question."""
    return partial(_draw, keys)


def _draw(keys: tuple[str, ...], rng: np.random.Generator) -> Variant:
    whole = _draw_all(rng)
    return {key: whole[key] for key in keys}


def edits(*sentences: Callable[[Variant], str]) -> Callable[[Variant], Mapping[str, str]]:
    """Function that gives the edits of a question, whose text has each sentence as the book asks.

    Args:
        sentences: each says in words what a variant asks.
    """
    return partial(_edits, sentences)


def _edits(sentences: tuple[Callable[[Variant], str], ...], variant: Variant) -> dict[str, str]:
    pairs = {sentence(BOOK): sentence(variant) for sentence in sentences}
    return {old: new for old, new in pairs.items() if old != new}
