"""Judge of chapter 08's error near the border: the mean over frames of one pixel's width."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.expectations import Wrong, array, call, close, first_cause

Map = NDArray[np.float64]


def judge_border_distance(answer: Any) -> None:
    """Judge ``error_by_border_distance(error)``: the mean over each frame. Raises Wrong."""
    for seed, shape in ((6, (5, 8)), (7, (6, 6))):
        error = np.random.default_rng(seed).random(shape)
        distance = _border_distance(shape)
        right = np.array([error[distance == d].mean() for d in range(distance.max() + 1)])
        result = call(answer, error)
        if isinstance(result, np.ndarray) and result.shape == (len(right) - 1,):
            raise Wrong(
                "Expected as many means as there are frames, but one is missing: with an odd side "
                "the innermost frame is a single line."
            )
        got = array(result, right.shape, "the means")
        if not close(got, right):
            raise Wrong(_explain_frames(got, error, distance))


def _border_distance(shape: tuple[int, int]) -> NDArray[np.int64]:
    y, x = np.indices(shape)
    height, width = shape
    return np.minimum(np.minimum(y, height - 1 - y), np.minimum(x, width - 1 - x))


def _explain_frames(got: Map, error: Map, distance: NDArray[np.int64]) -> str:
    frames = range(distance.max() + 1)
    height, width = error.shape
    rows, columns = np.indices(error.shape)
    from_top = np.minimum(rows, height - 1 - rows)
    from_side = np.minimum(columns, width - 1 - columns)
    mistakes = {
        "the errors were summed: inner frames have fewer pixels, so take the mean": [
            error[distance == d].sum() for d in frames
        ],
        "the largest error of each was taken: take the mean": [
            error[distance == d].max() for d in frames
        ],
        "all that lies further in was counted too: each frame is one pixel wide": [
            error[distance >= d].mean() for d in frames
        ],
        "all that lies further out was counted too: each frame is one pixel wide": [
            error[distance <= d].mean() for d in frames
        ],
        "the order is turned round: the outermost frame comes first": [
            error[distance == d].mean() for d in reversed(frames)
        ],
        "only top and bottom count as border: left and right do too": [
            error[from_top == d].mean() for d in frames
        ],
        "only left and right count as border: top and bottom do too": [
            error[from_side == d].mean() for d in frames
        ],
        "the corners were counted twice: a pixel belongs to one frame, once": [
            _corners_twice(error, d) for d in frames
        ],
    }
    if cause := first_cause(mistakes, got):
        return f"Expected the mean over each frame, but {cause}."
    return (
        "Expected the mean over each frame from the outermost inwards, but some differ: a pixel's "
        "distance is the smallest of those to the four borders."
    )


def _corners_twice(error: Map, d: int) -> float:
    """Mean over a frame's four sides, each with both of its corners."""
    height, width = error.shape
    inner = error[d : height - d, d : width - d]
    return float(np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]]).mean())
