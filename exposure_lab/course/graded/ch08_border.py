"""Graded form of chapter 08's error near the border: wider frames, perhaps another summary."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

Map = NDArray[np.float64]

WHOLE, THINNER = "maps whose frames are all equally wide", "maps with a thinner innermost frame"

WIDTHS = {2: "two", 3: "three", 4: "four"}
"""Pixels of a frame's width, with the word for them."""


def _root_mean_square(errors: Map) -> float:
    return float(np.sqrt(np.mean(errors**2)))


SUMMARIES: Mapping[str, Callable[[Any], Any]] = {
    "mean": np.mean,
    "median": np.median,
    "root mean square": _root_mean_square,
    "sum": np.sum,
    "largest": np.max,
}
"""Name to what is taken of a frame's errors; the last two are mistakes."""

CAUSES = {
    "mean": "the mean over each frame was taken: look up what this release asks for",
    "sum": "the errors were summed: inner frames have fewer pixels",
    "largest": "the largest error of each was taken",
    "further in": "all that lies further in was counted too: look up how wide a frame is",
    "further out": "all that lies further out was counted too: look up how wide a frame is",
    "outer line": "only the outermost line of each frame was counted: look up how wide a frame is",
    "reversed": "the order is turned round: the outermost frame comes first",
    "top": "only top and bottom count as border: left and right do too",
    "left": "only left and right count as border: top and bottom do too",
    "corners": "the corners were counted twice: a pixel belongs to one frame, once",
}
"""Mistake to its cause, as part of a sentence. One that gives another number of frames needs none:
the sentence about the shape says it."""


def _draw(rng: np.random.Generator) -> Variant:
    summary = pick(rng, ["mean", "median", "root mean square"])
    return {"width": pick(rng, list(WIDTHS)), "summary": summary}


def _edits(variant: Variant) -> dict[str, str]:
    summary, width = variant["summary"], WIDTHS[variant["width"]]
    return {
        "the mean over the frame of outermost pixels, then over the frame inside that, as long as "
        "there are pixels.": (
            f"the {summary} over the frame of the {width} outermost pixels on each side, then over "
            "the frame of the same width inside that, as long as there are pixels: the innermost "
            "one may be thinner."
        ),
        "Mean of a map (H, W) over each frame": (
            f"{summary.capitalize()} of a map (H, W) over each frame"
        ),
    }


def _by_frame(variant: Variant, error: Map, *, mistake: str = "") -> Map:
    """Summary of each frame, from the outermost inwards, or what a usual mistake gives."""
    summarise = SUMMARIES[mistake if mistake in SUMMARIES else variant["summary"]]
    height, width = error.shape
    y, x = np.indices(error.shape)
    down, across = np.minimum(y, height - 1 - y), np.minimum(x, width - 1 - x)
    nearest = np.minimum(down, across)
    distance = {"top": down, "left": across}.get(mistake, nearest) // variant["width"]
    frames = range(int(nearest.max()) // variant["width"] + 1)
    if mistake == "corners":
        return np.array([summarise(_four_sides(error, variant["width"], d)) for d in frames])
    if mistake == "outer line":
        return np.array([summarise(error[nearest == d * variant["width"]]) for d in frames])
    compare = {"further in": np.greater_equal, "further out": np.less_equal}.get(mistake, np.equal)
    results = np.array([summarise(error[compare(distance, d)]) for d in frames])
    return results[::-1] if mistake == "reversed" else results


def _four_sides(error: Map, width: int, d: int) -> Map:
    """Errors of a frame's four sides, each with both of its corners."""
    cut = width * d
    inner = error[cut : error.shape[0] - cut, cut : error.shape[1] - cut]
    sides = inner[:width], inner[-width:], inner[:, :width], inner[:, -width:]
    return np.concatenate([side.ravel() for side in sides])


def _reference(variant: Variant) -> Callable[..., Map]:
    return partial(_by_frame, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Map]]:
    return {cause: partial(_by_frame, variant, mistake=name) for name, cause in CAUSES.items()}


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    whole = 2 * variant["width"]

    def call(part: str, short: int, wide: bool) -> Case:
        long = short + int(rng.integers(1, 6))
        y, x = np.indices((short, long) if wide else (long, short))
        # Larger at some borders than at others, so that no side stands for another.
        error = 0.2 * rng.random(y.shape) + 0.3 * np.exp(-y / 3) + 0.2 * np.exp(-x / 4)
        return Case(part, (error,))

    thinner = [int(rng.integers(2, 4)) * whole + rest for rest in (1, whole - 1)]
    return [
        call(WHOLE, 2 * whole, True),
        call(WHOLE, 3 * whole, False),
        call(THINNER, thinner[0], True),
        call(THINNER, thinner[1], False),
        call(THINNER, 1, True),
    ]


BORDER_DISTANCE = GradedQuestion(
    id="08.border-distance",
    name="error_by_border_distance",
    objective="measure an error by its distance from the border",
    what="the numbers of the frames, from the outermost inwards",
    parts={WHOLE: 2, THINNER: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    leaves_out=("exposure_lab.metrics.artefacts",),
)
