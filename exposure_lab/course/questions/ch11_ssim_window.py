"""Judge of chapter 11's SSIM with a window of a given side."""

from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from exposure_lab.course.expectations import Wrong, call, close, expect, first_cause, number

Grey = NDArray[np.float64]

C1, C2 = 0.01**2, 0.03**2
"""The two constants that keep SSIM's fractions finite, for values from 0 to 1."""

TOLERANCE = 1e-3
"""Largest difference of a right answer."""

SAME = 1e-4
"""Largest difference from a known mistake, smaller since several mistakes lie close together."""


def judge_ssim_window(answer: Any) -> None:
    """Judge ``mean_ssim(image, target, side)`` on small grey pictures, for several sides.

    Raises:
        Wrong: with the likely cause.
    """
    rng = np.random.default_rng(11)
    for side, shape in ((3, (9, 14)), (7, (15, 12)), (4, (10, 11))):
        # From left to right the image comes nearer to its target, in brightness and in structure.
        near = np.linspace(0, 1, shape[1])
        target = 0.05 + 0.3 * rng.random(shape) + 0.3 * near
        image = (0.3 + 0.6 * near) * target + 0.2 * (1 - near) * rng.random(shape)
        got = number(call(answer, image, target, side), "the mean SSIM")
        if not close(got, _mean(image, target, side), TOLERANCE):
            raise Wrong(_explain(image, target, side, got))
    same = rng.random((8, 9))
    expect(
        close(number(call(answer, same, same, 3), "the mean SSIM"), 1, TOLERANCE),
        "Expected 1 for two pictures that are the same, but got another number.",
    )


def _statistics(
    image: Grey, target: Grey, side: int, lost: int = 0
) -> tuple[Grey, Grey, Grey, Grey, Grey]:
    """Means, variances and covariance in every whole window; ``lost`` is taken off their count."""
    x, y = (
        sliding_window_view(one, (side, side)).reshape(-1, side * side) for one in (image, target)
    )
    count = side * side - lost
    dx, dy = (one - one.mean(axis=1, keepdims=True) for one in (x, y))
    return (
        x.mean(axis=1),
        y.mean(axis=1),
        (dx * dx).sum(axis=1) / count,
        (dy * dy).sum(axis=1) / count,
        (dx * dy).sum(axis=1) / count,
    )


def _map(
    image: Grey, target: Grey, side: int, *, lost: int = 0, c1: float = C1, c2: float = C2
) -> Grey:
    mx, my, vx, vy, cov = _statistics(image, target, side, lost)
    ssim: Grey = (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return ssim


def _mean(image: Grey, target: Grey, side: int, **options: Any) -> float:
    return float(_map(image, target, side, **options).mean())


def _explain(image: Grey, target: Grey, side: int, got: float) -> str:
    right = _mean(image, target, side)
    same = partial(close, tolerance=SAME)
    mistakes = _wrong_windows(image, target, side) | _wrong_formulas(image, target, side)
    # With a side of 7, say, a window of 7 is no mistake.
    telling = {
        cause: wrong for cause, wrong in mistakes.items() if not close(wrong, right, TOLERANCE)
    }
    if cause := first_cause(telling, got, same):
        return f"Expected the mean SSIM over all whole windows, but {cause}."
    if got > 1:
        return "Expected an SSIM of at most 1, but got more: compare both factors with the formula."
    return (
        "Expected the mean SSIM over all whole windows, but the number differs: check means, "
        "variances and covariance of one window by hand."
    )


def _wrong_windows(image: Grey, target: Grey, side: int) -> dict[str, float]:
    """Means that other windows lead to, for each cause."""
    causes = {}
    height, width = image.shape
    tiles = _map(image, target, side).reshape(height - side + 1, width - side + 1)
    causes["the windows lie side by side: move the window by one pixel"] = float(
        tiles[::side, ::side].mean()
    )
    for mode in ("symmetric", "reflect", "edge", "constant"):
        before, after = side // 2, side - 1 - side // 2
        padded = [np.pad(one, (before, after), mode=mode) for one in (image, target)]
        cause = f"windows reach beyond the edge ({mode}): leave them out"
        causes[cause] = _mean(padded[0], padded[1], side)
    for other in (3, 4, 5, 7, 8, 11):
        if other != side and other <= min(image.shape):
            cause = f"the window's side is always {other}: take the one that is given"
            causes[cause] = _mean(image, target, other)
    whole = [one.reshape(1, -1) for one in (image, target)]
    mx, my = image.mean(), target.mean()
    cov = ((whole[0] - mx) * (whole[1] - my)).mean()
    causes["there is a single window, as large as the picture: let a small one move"] = float(
        (2 * mx * my + C1)
        * (2 * cov + C2)
        / ((mx**2 + my**2 + C1) * (image.var() + target.var() + C2))
    )
    return causes


def _wrong_formulas(image: Grey, target: Grey, side: int) -> dict[str, float]:
    """Means that mistakes in the formula lead to, for each cause."""
    mx, my, vx, vy, cov = _statistics(image, target, side)
    brightness = (2 * mx * my + C1) / (mx**2 + my**2 + C1)
    structure = (2 * cov + C2) / (vx + vy + C2)
    second = vx + mx**2, vy + my**2, cov + mx * my
    return {
        "sums were divided by one less than the number of pixels: divide by the number itself": (
            _mean(image, target, side, lost=1)
        ),
        "the constants are those of values up to 255: here pictures run from 0 to 1": _mean(
            image, target, side, c1=(0.01 * 255) ** 2, c2=(0.03 * 255) ** 2
        ),
        "the constants were not squared": _mean(image, target, side, c1=0.01, c2=0.03),
        "the two constants changed places": _mean(image, target, side, c1=C2, c2=C1),
        "the first factor, of the means, is all there is: multiply by the second": float(
            brightness.mean()
        ),
        "the second factor, of the variances, is all there is: multiply by the first": float(
            structure.mean()
        ),
        "the two factors were averaged apart: multiply in each window, then average": float(
            brightness.mean() * structure.mean()
        ),
        "spreads stand where variances belong: square them": float(
            (brightness * (2 * cov + C2) / (np.sqrt(vx) + np.sqrt(vy) + C2)).mean()
        ),
        "the means were not taken away before the variances": float(
            (brightness * (2 * second[2] + C2) / (second[0] + second[1] + C2)).mean()
        ),
        "the 2 before the covariance is missing": float(
            (brightness * (cov + C2) / (vx + vy + C2)).mean()
        ),
        "the 2 before the product of the means is missing": float(
            ((mx * my + C1) / (mx**2 + my**2 + C1) * structure).mean()
        ),
        "the covariance lost its sign": float(
            (brightness * (2 * np.abs(cov) + C2) / (vx + vy + C2)).mean()
        ),
        "it is the share that is wrong: 1 means alike": 1 - _mean(image, target, side),
    }
