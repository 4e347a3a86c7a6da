"""Judges of two artefacts that chapter 08 measures: the checkerboard and the ghost."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.expectations import Wrong, call, close, close_to_any, first_cause, number
from exposure_lab.images.array import Array

Map = NDArray[np.float64]


def judge_alternating(answer: Any) -> None:
    """Judge ``alternating_amplitude(grey)``: the amplitude of a checkerboard. Raises Wrong."""
    for grey, amplitude in _boards():
        got = number(call(answer, grey), "the amplitude")
        if not close(got, amplitude):
            raise Wrong(_explain_amplitude(got, grey, amplitude))


def _boards() -> list[tuple[Map, float]]:
    """Make grey pictures of even sides, each with the amplitude of the checkerboard in it."""
    boards = []
    for seed, (height, width), weight in ((1, (6, 8), 0.1), (2, (8, 4), -0.15), (3, (4, 4), 0.0)):
        y, x = np.indices((height, width))
        board = (-1.0) ** (x + y)
        ramp = 0.4 + 0.02 * x + 0.03 * y + 0.05 * (-1.0) ** x  # stripes are no checkerboard
        noise = 0.05 * np.random.default_rng(seed).random((height, width))
        rest = ramp + noise
        boards.append((rest - board * np.mean(rest * board) + weight * board, abs(weight)))
    return boards


def _explain_amplitude(got: float, grey: Map, amplitude: float) -> str:
    y, x = np.indices(grey.shape)
    board = (-1.0) ** (x + y)
    mistakes = {
        "its sign depends on the colour that begins: take away the sign at the end": [-amplitude],
        "the values were summed: take their mean": [
            amplitude * grey.size,
            -amplitude * grey.size,
        ],
        "it is the distance from one colour to the other: that is twice the amplitude": [
            2 * amplitude
        ],
        "it is half of it: each colour counts, whatever its sign": [amplitude / 2],
        "it is an energy: take the amplitude, not its square": [amplitude**2],
        "stripes were measured: the sign changes with x and with y": [
            abs(float(np.mean(grey * (-1.0) ** x))),
            abs(float(np.mean(grey * (-1.0) ** y))),
        ],
        "the signs were taken away before the mean, so nothing could cancel": [
            float(np.mean(abs(grey * board)))
        ],
        "all that varies was counted: only what changes sign from pixel to pixel is wanted": [
            float(grey.std()),
            float(np.ptp(grey)) / 2,
            float(np.ptp(grey)),
        ],
    }
    # Where the amplitude is zero, several mistakes lead to the right answer.
    telling = {cause: wrong for cause, wrong in mistakes.items() if not close(amplitude, wrong[0])}
    if cause := first_cause(telling, got, close_to_any):
        return f"Expected the amplitude of the checkerboard, but {cause}."
    return (
        "Expected the amplitude of the checkerboard alone, but got another number: what does not "
        "alternate from pixel to pixel has to cancel."
    )


def judge_ghost_strength(answer: Any) -> None:
    """Judge ``ghost_strength(output, target)``: the share of the mirror image. Raises Wrong."""
    for seed, (own, ghost, offset) in ((4, (0.6, 0.3, 0.05)), (5, (0.7, -0.2, 0.25))):
        target = _scene(seed)
        output = (own * target + ghost * target[:, ::-1] + offset).astype(np.float32)
        got = number(call(answer, output, target), "the ghost's share")
        if not close(got, ghost, 1e-3):
            raise Wrong(_explain_ghost(got, output, target, own, ghost))


def _scene(seed: int) -> Array:
    """Draw a small picture that is brighter at one side, as many are."""
    rng = np.random.default_rng(seed)
    y, x = np.indices((7, 8))
    tone = 0.15 + 0.04 * x + 0.03 * y
    return (tone[..., None] + 0.2 * rng.random((7, 8, 3))).astype(np.float32)


def _explain_ghost(got: float, output: Array, target: Array, own: float, ghost: float) -> str:
    mirrored = target[:, ::-1]
    mistakes = {
        "it is the share of the picture itself: take the other one": [own],
        "its sign is lost: a share can be negative": [abs(ghost)],
        "it is a share of the two shares: take it as it was fitted": [ghost / (own + ghost)],
        "the picture was turned upside down: the mirror swaps left and right": [
            _fit_share_of(output, target, target[::-1])
        ],
        "red and blue were swapped: left and right are the second axis": [
            _fit_share_of(output, target, target[..., ::-1])
        ],
        "the constant is missing: without it the shares have to make up for the brightness": [
            _fit_shares(output, target, mirrored)[1]
        ],
        "the mirror image was fitted alone: part of what it explains is the picture's": [
            _fit_shares(output, mirrored, np.ones_like(target))[0],
            _fit_shares(output, mirrored)[0],
        ],
        "it is a correlation: take the factor that is fitted": [
            float(np.corrcoef(output.ravel(), mirrored.ravel())[0, 1])
        ],
    }
    if cause := first_cause(mistakes, got, partial(close_to_any, tolerance=1e-3)):
        return f"Expected the share of the mirror image, but {cause}."
    return (
        "Expected the factor before the mirror image in the least-squares fit, but got another "
        "number: fit the three unknowns together, over all pixels and channels."
    )


def _fit_shares(output: Array, *parts: Array) -> list[float]:
    columns = np.stack([part.ravel() for part in parts], axis=1).astype(np.float64)
    shares, *_ = np.linalg.lstsq(columns, output.ravel().astype(np.float64), rcond=None)
    return [float(share) for share in shares]


def _fit_share_of(output: Array, target: Array, turned: Array) -> float:
    return _fit_shares(output, target, turned, np.ones_like(target))[1]
