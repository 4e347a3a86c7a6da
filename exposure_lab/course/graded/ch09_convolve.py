"""Graded form of chapter 09's kernel: it is mirrored, and the picture goes on in another way."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

Floats = NDArray[np.float64]

INSIDE, EDGE = "pixels that have all their neighbours", "pixels at the edge as well"

FIRST_WEIGHT = {
    "left and right": "`kernel[0, 0]` belongs to the neighbour above and to the right, "
    "`kernel[0, 2]` to that above and to the left.",
    "up and down": "`kernel[0, 0]` belongs to the neighbour below and to the left, `kernel[2, 0]` "
    "to that above and to the left.",
    "both": "`kernel[0, 0]` belongs to the neighbour below and to the right, `kernel[2, 2]` to "
    "that above and to the left.",
}
"""How the kernel is mirrored, by name: as the exercise says it."""

BEYOND = {
    "wrap": "Beyond the edge the picture goes on from its opposite side.",
    "reflect": "Beyond the edge the picture is mirrored at its outermost pixels, which are not "
    "repeated: the next pixel beyond is the one inside of them.",
}
"""How the picture goes on, as numpy's ``pad`` names it: as the exercise says it."""

CAUSES = {
    "chapter": "it is the chapter's kernel: here another weight comes first, and the picture goes "
    "on in another way beyond its edge",
    "edge": "the outermost pixels are repeated as in the chapter: look up what this release asks "
    "for",
    "zeros": "the neighbours beyond the edge count as zero: look up what this release asks for",
    "not mirrored": "the first weight belongs to the pixel above left, as in the chapter: look up "
    "where this release has it",
    "turned": "the kernel was mirrored along the wrong axis, or along one axis too many or too few",
    "transposed": "rows and columns of the kernel changed places",
    "nine": "the weights were divided by nine: they are weights already",
    "sum": "the weights were divided by their sum: use them as they are",
    "mean": "the kernel's weights were not used: a mean is only one kernel of many",
    "clipped": "values were clipped: a kernel may leave the range",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    beyond = pick(rng, ["constant", *BEYOND])
    return {
        "mirrored": pick(rng, list(FIRST_WEIGHT)),
        "beyond": beyond,
        # Where the picture goes on with its own pixels, this number is not asked for.
        "value": round(float(rng.integers(1, 20)) / 20, 2) if beyond == "constant" else 0.0,
    }


def _edits(variant: Variant) -> dict[str, str]:
    constant = f"Beyond the edge every value counts as {variant['value']:g}."
    return {
        "Beyond the edge the outermost pixels are repeated.": (
            BEYOND.get(variant["beyond"], constant)
        ),
        "`kernel[0, 0]` belongs to the neighbour above and to the left.": (
            FIRST_WEIGHT[variant["mirrored"]]
        ),
    }


def _mirror(kernel: Floats, how: str) -> Floats:
    return {"left and right": kernel[:, ::-1], "up and down": kernel[::-1]}.get(
        how, kernel[::-1, ::-1]
    )


def _filter(variant: Variant, image: Floats, kernel: Floats, *, mistake: str = "") -> Floats:
    """Weighted sums over neighbourhoods, or what a usual mistake gives."""
    weights = _mirror(kernel, variant["mirrored"])
    if mistake in ("chapter", "not mirrored"):
        weights = kernel
    if mistake == "turned":
        weights = _mirror(kernel, "up and down" if variant["mirrored"] == "both" else "both")
    if mistake == "transposed":
        weights = weights.T
    if mistake == "mean":
        weights = np.full((3, 3), 1 / 9)
    value = 0.0 if mistake == "zeros" else variant["value"]
    if mistake in ("chapter", "edge"):
        padded = np.pad(image, 1, mode="edge")
    elif mistake == "zeros" or variant["beyond"] == "constant":
        padded = np.pad(image, 1, constant_values=value)
    else:
        padded = np.pad(image, 1, mode=variant["beyond"])
    height, width = image.shape
    total = np.zeros((height, width))
    for u, v in product(range(3), range(3)):
        total += weights[u, v] * padded[u : u + height, v : v + width]
    if mistake == "clipped":
        return np.clip(total, 0, 1)
    divisors = {"nine": 9.0, "sum": float(weights.sum())}
    return np.asarray(total / divisors.get(mistake, 1.0))


def _reference(variant: Variant) -> Callable[..., Floats]:
    return partial(_filter, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Floats]]:
    return {cause: partial(_filter, variant, mistake=name) for name, cause in CAUSES.items()}


def filtered(
    convolve_3x3: "Callable[..., Any]", inside: bool, image: "Floats", kernel: "Floats"
) -> "Any":
    """Call an answer; keep only what is not at the edge, where that is asked for."""
    result = convolve_3x3(image, kernel)
    return result[1:-1, 1:-1] if inside and getattr(result, "ndim", 0) == 2 else result


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def call(part: str, kernel: Floats, *shape: int) -> Case:
        height, width = shape or tuple(int(side) for side in rng.integers(4, 10, 2))
        return Case(part, (part == INSIDE, rng.random((height, width)), kernel))

    single = np.zeros((3, 3))
    single[tuple(rng.choice([0, 2], 2))] = rng.uniform(0.5, 2)  # moves the picture to a corner
    arbitrary = [rng.normal(0.2, 1, (3, 3)) for _ in range(5)]
    return [
        call(INSIDE, arbitrary[0]),
        call(INSIDE, arbitrary[1]),
        call(INSIDE, single),
        call(EDGE, arbitrary[2]),
        call(EDGE, arbitrary[3]),
        call(EDGE, arbitrary[4], 2, 5),
        call(EDGE, single),
    ]


CONVOLVE = GradedQuestion(
    id="09.convolve",
    name="convolve_3x3",
    objective="write a kernel, and decide what lies beyond the edge",
    what="weighted sums of neighbourhoods",
    parts={INSIDE: 2, EDGE: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    harness=filtered,
    leaves_out=("exposure_lab.inference.baselines",),
)
