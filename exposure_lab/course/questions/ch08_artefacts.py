"""What chapter 08 has measured in pictures: a checkerboard, a ghost, the error near the border."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.expectations import Wrong, array, call, close, number
from exposure_lab.images.array import Array

Map = NDArray[np.float64]


def judge_alternating(answer: Any) -> None:
    for grey, amplitude in _boards():
        got = number(call(answer, grey), "the amplitude")
        if not close(got, amplitude):
            raise Wrong(_why_not_amplitude(got, grey, amplitude))


def _boards() -> list[tuple[Map, float]]:
    """Grey pictures of even sides, and the amplitude of the checkerboard in each."""
    made = []
    for seed, (height, width), weight in ((1, (6, 8), 0.1), (2, (8, 4), -0.15), (3, (4, 4), 0.0)):
        y, x = np.indices((height, width))
        board = (-1.0) ** (x + y)
        ramp = 0.4 + 0.02 * x + 0.03 * y + 0.05 * (-1.0) ** x  # stripes are no checkerboard
        noise = 0.05 * np.random.default_rng(seed).random((height, width))
        rest = ramp + noise
        made.append((rest - board * np.mean(rest * board) + weight * board, abs(weight)))
    return made


def _why_not_amplitude(got: float, grey: Map, amplitude: float) -> str:
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
    for cause, wrong in mistakes.items():
        if any(close(got, one) for one in wrong) and not close(amplitude, wrong[0]):
            return f"Expected the amplitude of the checkerboard, but {cause}."
    return (
        "Expected the amplitude of the checkerboard alone, but got another number: what does not "
        "alternate from pixel to pixel has to cancel."
    )


def judge_ghost_strength(answer: Any) -> None:
    for seed, (own, ghost, offset) in ((4, (0.6, 0.3, 0.05)), (5, (0.7, -0.2, 0.25))):
        wanted = _scene(seed)
        output = (own * wanted + ghost * wanted[:, ::-1] + offset).astype(np.float32)
        got = number(call(answer, output, wanted), "the ghost's share")
        if not close(got, ghost, 1e-3):
            raise Wrong(_why_not_ghost(got, output, wanted, own, ghost))


def _scene(seed: int) -> Array:
    """A small picture that is brighter at one side, as many are."""
    rng = np.random.default_rng(seed)
    y, x = np.indices((7, 8))
    tone = 0.15 + 0.04 * x + 0.03 * y
    return (tone[..., None] + 0.2 * rng.random((7, 8, 3))).astype(np.float32)


def _why_not_ghost(got: float, output: Array, wanted: Array, own: float, ghost: float) -> str:
    mirrored = wanted[:, ::-1]
    mistakes = {
        "it is the share of the picture itself: take the other one": [own],
        "its sign is lost: a share can be negative": [abs(ghost)],
        "it is a share of the two shares: take it as it was fitted": [ghost / (own + ghost)],
        "the picture was turned upside down: the mirror swaps left and right": [
            _share(output, wanted, wanted[::-1])
        ],
        "red and blue were swapped: left and right are the second axis": [
            _share(output, wanted, wanted[..., ::-1])
        ],
        "the constant is missing: without it the shares have to make up for the brightness": [
            _fit(output, wanted, mirrored)[1]
        ],
        "the mirror image was fitted alone: part of what it explains is the picture's": [
            _fit(output, mirrored, np.ones_like(wanted))[0],
            _fit(output, mirrored)[0],
        ],
        "it is a correlation: take the factor that is fitted": [
            float(np.corrcoef(output.ravel(), mirrored.ravel())[0, 1])
        ],
    }
    for cause, wrong in mistakes.items():
        if any(close(got, one, 1e-3) for one in wrong):
            return f"Expected the share of the mirror image, but {cause}."
    return (
        "Expected the factor before the mirror image in the least-squares fit, but got another "
        "number: fit the three unknowns together, over all pixels and channels."
    )


def _fit(output: Array, *parts: Array) -> list[float]:
    columns = np.stack([part.ravel() for part in parts], axis=1).astype(np.float64)
    shares, *_ = np.linalg.lstsq(columns, output.ravel().astype(np.float64), rcond=None)
    return [float(share) for share in shares]


def _share(output: Array, wanted: Array, turned: Array) -> float:
    return _fit(output, wanted, turned, np.ones_like(wanted))[1]


def judge_border_distance(answer: Any) -> None:
    for seed, shape in ((6, (5, 8)), (7, (6, 6))):
        error = np.random.default_rng(seed).random(shape)
        distance = _distance(shape)
        right = np.array([error[distance == d].mean() for d in range(distance.max() + 1)])
        result = call(answer, error)
        if isinstance(result, np.ndarray) and result.shape == (len(right) - 1,):
            raise Wrong(
                "Expected as many means as there are frames, but one is missing: with an odd side "
                "the innermost frame is a single line."
            )
        got = array(result, right.shape, "the means")
        if not close(got, right):
            raise Wrong(_why_not_frames(got, error, distance))


def _distance(shape: tuple[int, int]) -> NDArray[np.int64]:
    y, x = np.indices(shape)
    height, width = shape
    return np.minimum(np.minimum(y, height - 1 - y), np.minimum(x, width - 1 - x))


def _why_not_frames(got: Map, error: Map, distance: NDArray[np.int64]) -> str:
    frames = range(distance.max() + 1)
    height, width = error.shape
    rows, columns = np.indices(error.shape)
    from_top = np.minimum(rows, height - 1 - rows)
    from_side = np.minimum(columns, width - 1 - columns)
    mistakes = {
        "the errors were summed: inner frames have fewer pixels, so take the mean": [
            [error[distance == d].sum() for d in frames]
        ],
        "the largest error of each was taken: take the mean": [
            [error[distance == d].max() for d in frames]
        ],
        "all that lies further in was counted too: each frame is one pixel wide": [
            [error[distance >= d].mean() for d in frames]
        ],
        "all that lies further out was counted too: each frame is one pixel wide": [
            [error[distance <= d].mean() for d in frames]
        ],
        "the order is turned round: the outermost frame comes first": [
            [error[distance == d].mean() for d in reversed(frames)]
        ],
        "only top and bottom count as border: left and right do too": [
            [error[from_top == d].mean() for d in frames]
        ],
        "only left and right count as border: top and bottom do too": [
            [error[from_side == d].mean() for d in frames]
        ],
        "the corners were counted twice: a pixel belongs to one frame, once": [
            [_corners_twice(error, d) for d in frames]
        ],
    }
    for cause, wrong in mistakes.items():
        if any(close(got, one) for one in wrong):
            return f"Expected the mean over each frame, but {cause}."
    return (
        "Expected the mean over each frame from the outermost inwards, but some differ: a pixel's "
        "distance is the smallest of those to the four borders."
    )


def _corners_twice(error: Map, d: int) -> float:
    height, width = error.shape
    inner = error[d : height - d, d : width - d]
    return float(np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]]).mean())
