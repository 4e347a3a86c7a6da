"""Graded form of chapter 08's ghost: the picture is turned otherwise, and a frame is left out."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant
from exposure_lab.images.array import Array

PLAIN = "a mix without a constant"
NEGATIVE = "a negative share"
NOISY = "a mix with a constant and with noise"

TURNS = {
    "upside down": "turned upside down, its first row last",
    "half a turn": "turned by half a turn, its first row last and its first column too",
}
"""How the ghost is turned, by name: as the exercise says it."""

CAUSES = {
    "chapter": "it is the chapter's ghost: here the picture is turned otherwise, and a frame is "
    "left out",
    "frame": "the frame is still in: leave it out before you fit",
    "mirror": "the picture was turned as in the chapter: look up how this release turns it",
    "other": "the picture was turned otherwise: which axes change their direction?",
    "own": "it is the share of the picture itself: take the other one",
    "unit": "it has another unit: look up what the result is given in",
    "positive": "its sign is lost: a share can be negative",
    "ratio": "it is a share of the two shares: take it as it was fitted",
    "colours": "red and blue were swapped: rows and columns are the first two axes",
    "constant": "the constant is missing: without it the shares have to make up for the brightness",
    "alone": "the turned picture was fitted alone: part of what it explains is the picture's",
    "correlation": "it is a correlation: take the factor that is fitted",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    return {
        "turn": pick(rng, list(TURNS)),
        "frame": int(rng.integers(1, 5)),
        "percent": bool(rng.integers(2)),
    }


def _note(variant: Variant) -> str:
    frame = variant["frame"]
    unit = "in percent: 100 times $b$" if variant["percent"] else "as $b$ itself"
    return (
        rf"Here $\tilde y$ is the target **{TURNS[variant['turn']]}**. A frame of "
        f"**{frame} px** on each side is left out of the fit, in all three pictures, since padding "
        f"spoils it. The result is given **{unit}**."
    )


def _edits(_variant: Variant) -> dict[str, str]:
    return {
        "Least-squares share of the mirrored picture in": (
            "Least-squares share of the turned picture in"
        )
    }


def _turned(target: Array, turn: str) -> Array:
    return target[::-1] if turn == "upside down" else target[::-1, ::-1]


def _fit(output: Array, *parts: Array) -> NDArray[np.float64]:
    """Least-squares factors of the parts in an output."""
    columns = np.stack([part.ravel() for part in parts], axis=1).astype(np.float64)
    factors, *_ = np.linalg.lstsq(columns, output.ravel().astype(np.float64), rcond=None)
    return np.asarray(factors, np.float64)


def _ghost(variant: Variant, output: Array, target: Array, *, mistake: str = "") -> float:
    """Share of the ghost, or what a usual mistake gives."""
    turn = variant["turn"]
    if mistake == "other":
        turn = next(other for other in TURNS if other != turn)
    turned = _turned(target, turn)
    if mistake in ("chapter", "mirror"):
        turned = target[:, ::-1]
    if mistake == "colours":
        turned = target[..., ::-1]
    frame = 0 if mistake in ("chapter", "frame") else variant["frame"]
    height, width = target.shape[:2]
    inner = slice(frame, height - frame), slice(frame, width - frame)
    output, target, turned = output[inner], target[inner], turned[inner]
    ones = np.ones_like(target)
    own, ghost, _ = _fit(output, target, turned, ones)
    share = {
        "own": own,
        "positive": abs(ghost),
        "ratio": ghost / (own + ghost),
        "constant": _fit(output, target, turned)[1],
        "alone": _fit(output, turned, ones)[0],
        "correlation": np.corrcoef(output.ravel(), turned.ravel())[0, 1],
    }.get(mistake, ghost)
    percent = variant["percent"] != (mistake == "unit") and mistake != "chapter"
    return float(share) * (100 if percent else 1)


def _reference(variant: Variant) -> Callable[..., float]:
    return partial(_ghost, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., float]]:
    return {cause: partial(_ghost, variant, mistake=name) for name, cause in CAUSES.items()}


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    frame = variant["frame"]

    def call(part: str, ghost: float, constant: float = 0.0, noise: float = 0.0) -> Case:
        height, width = (2 * frame + int(side) for side in rng.integers(6, 12, 2))
        y, x = np.indices((height, width))
        tone = 0.1 + 0.02 * x + 0.03 * y  # brighter at one side, as many pictures are
        target = tone[..., None] + 0.3 * rng.random((height, width, 3))
        own = rng.uniform(0.5, 0.7)
        output = own * target + ghost * _turned(target, variant["turn"]) + constant
        output += noise * rng.standard_normal(output.shape)
        spoilt = rng.random(output.shape)  # nothing of the mix is left in the frame
        inner = slice(frame, height - frame), slice(frame, width - frame)
        spoilt[inner] = output[inner]
        return Case(part, (spoilt.astype(np.float32), target.astype(np.float32)))

    shares = [float(share) for share in rng.uniform(0.15, 0.4, 6)]
    return [
        *(call(PLAIN, share) for share in shares[:2]),
        *(call(NEGATIVE, -share, 0.2) for share in shares[2:4]),
        *(call(NOISY, share, 0.1, 0.05) for share in shares[4:]),
    ]


GHOST_STRENGTH = GradedQuestion(
    id="08.ghost-strength",
    name="ghost_strength",
    objective="measure by least squares how much of another picture is in an output",
    what="the share of the turned picture",
    parts={PLAIN: 2, NEGATIVE: 1, NOISY: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    note=_note,
    edits=_edits,
    mistakes=_mistakes,
    tolerance=Tolerance(relative=1e-3, absolute=1e-3),
    leaves_out=("exposure_lab.metrics.artefacts",),
)
