"""Graded form of chapter 08's weave: a checkerboard whose fields are larger than a pixel."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

Map = NDArray[np.float64]

WOVEN, PLAIN = "a picture with the pattern", "a picture without it"

FIELDS = [(across, down) for across in (1, 2, 3, 4) for down in (1, 2, 3, 4) if across + down > 2]
"""Width and height of a field, px; the chapter's own are of one pixel."""

CAUSES = {
    "chapter": "it is the amplitude of the chapter's pattern: here the fields have another size",
    "turned": "the width of a field and its height changed places: x counts columns, y rows",
    "sign": "its sign depends on the colour that begins: take away the sign at the end",
    "sum": "the values were summed: take their mean",
    "double": "it is the distance from one colour to the other: that is twice the amplitude",
    "half": "it is half of it: each colour counts, whatever its sign",
    "square": "it is an energy: take the amplitude, not its square",
    "columns": "stripes were measured: the sign changes with x and with y",
    "rows": "stripes were measured: the sign changes with x and with y, not with y alone",
    "no sign": "the signs were taken away before the mean, so nothing could cancel",
    "spread": "all that varies was counted: only what changes sign from field to field is wanted",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    across, down = pick(rng, FIELDS)
    return {"across": across, "down": down}


def _edits(variant: Variant) -> dict[str, str]:
    across, down = variant["across"], variant["down"]
    x, y = (
        name if side == 1 else rf"\lfloor {name} / {side} \rfloor"
        for name, side in (("x", across), ("y", down))
    )
    return {
        "of shape (H, W) with even sides holds": (
            f"of shape (H, W), its height a multiple of {2 * down} and its width of {2 * across}, "
            "holds"
        ),
        r"$A\,(-1)^{x+y}$": rf"$A\,(-1)^{{{x} + {y}}}$, with $x$ for the column and $y$ for the "
        r"row from 0 on and $\lfloor\;\rfloor$ for the whole part",
        "Amplitude of the checkerboard in a grey": "Amplitude of the wide checkerboard in a grey",
    }


def _board(shape: tuple[int, ...], across: int, down: int) -> Map:
    """Checkerboard of +1 and -1."""
    y, x = np.indices(shape)
    return np.asarray((-1.0) ** (x // across + y // down))


def _amplitude(variant: Variant, grey: Map, *, mistake: str = "") -> float:
    """Amplitude of the variant's pattern, or what a usual mistake gives."""
    across, down = variant["across"], variant["down"]
    if mistake == "turned":
        across, down = down, across
    height, width = grey.shape
    across, down = {
        "chapter": (1, 1),
        "columns": (across, height),
        "rows": (width, down),
    }.get(mistake, (across, down))
    products = grey * _board(grey.shape, across, down)
    mean = float(products.mean())
    return {
        "sign": mean,
        "sum": abs(float(products.sum())),
        "double": 2 * abs(mean),
        "half": abs(mean) / 2,
        "square": mean**2,
        "no sign": float(abs(products).mean()),
        "spread": float(grey.std()),
    }.get(mistake, abs(mean))


def _reference(variant: Variant) -> Callable[..., float]:
    return partial(_amplitude, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., float]]:
    return {cause: partial(_amplitude, variant, mistake=name) for name, cause in CAUSES.items()}


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    across, down = variant["across"], variant["down"]

    def call(part: str, amplitude: float) -> Case:
        shape = 2 * down * int(rng.integers(2, 5)), 2 * across * int(rng.integers(2, 5))
        y, x = np.indices(shape)
        board = _board(shape, across, down)
        stripes = 0.05 * (-1.0) ** (x // across) - 0.07 * (-1.0) ** (y // down)
        finest = rng.uniform(0.03, 0.06) * _board(shape, 1, 1)  # the chapter's own pattern
        rest = 0.4 + 0.02 * x + 0.01 * y + stripes + finest + 0.1 * rng.random(shape)
        return Case(part, (rest - board * np.mean(rest * board) + amplitude * board,))

    sizes = rng.uniform(0.08, 0.25, 4)
    return [
        *(call(WOVEN, float(size)) for size in sizes[:2]),
        *(call(WOVEN, -float(size)) for size in sizes[2:]),
        call(PLAIN, 0.0),
        call(PLAIN, 0.0),
    ]


ALTERNATING = GradedQuestion(
    id="08.alternating",
    name="alternating_amplitude",
    objective="measure a regular pattern that is hidden in a picture",
    what="the amplitude of the checkerboard",
    parts={WOVEN: 2, PLAIN: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    leaves_out=("exposure_lab.metrics.artefacts",),
)
