"""Mistakes that students make in chapter 11, each with a word of the sentence it gets."""

from typing import Any

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import uniform_filter

from exposure_lab.metrics.pixel import psnr

NAMES = {"np": np, "psnr": psnr, "sliding_window_view": sliding_window_view}


def _errors(outputs: Any, targets: Any) -> Any:
    return np.array([np.mean((y - t) ** 2) for y, t in zip(outputs, targets, strict=True)])


def _all_squares(outputs: Any, targets: Any) -> Any:
    return np.concatenate([((y - t) ** 2).ravel() for y, t in zip(outputs, targets, strict=True)])


def _mean(outputs: Any, targets: Any) -> Any:
    return np.mean(-10 * np.log10(_errors(outputs, targets)))


def _pooled(outputs: Any, targets: Any) -> Any:
    return -10 * np.log10(_all_squares(outputs, targets).mean())


def _with_pool(error: Any) -> Any:
    """Two averages, the second from another pooled error."""
    return lambda outputs, targets: (
        _mean(outputs, targets),
        -10 * np.log10(error(outputs, targets)),
    )


def _scaled(factor: float) -> Any:
    return lambda y, t: (factor * _mean(y, t), factor * _pooled(y, t))


def _statistics(image: Any, target: Any, side: int, ddof: int) -> Any:
    x, y = (sliding_window_view(one, (side, side)) for one in (image, target))
    mx, my = x.mean(axis=(2, 3)), y.mean(axis=(2, 3))
    count = side * side - ddof
    dx, dy = x - mx[..., None, None], y - my[..., None, None]
    return mx, my, *((a * b).sum(axis=(2, 3)) / count for a, b in ((dx, dx), (dy, dy), (dx, dy)))


def _map(image: Any, target: Any, side: int, *, ddof: int = 0, scale: float = 1.0) -> Any:
    mx, my, vx, vy, cov = _statistics(image, target, side, ddof)
    c1, c2 = (0.01 * scale) ** 2, (0.03 * scale) ** 2
    return (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))


def _other_formula(formula: Any) -> Any:
    """A mean_ssim by another formula of means, variances and covariance."""

    def answer(image: Any, target: Any, side: int) -> Any:
        return np.mean(formula(*_statistics(image, target, side, 0)))

    return answer


def _brightness(mx: Any, my: Any) -> Any:
    return (2 * mx * my + 1e-4) / (mx**2 + my**2 + 1e-4)


def _structure(vx: Any, vy: Any, cov: Any) -> Any:
    return (2 * cov + 9e-4) / (vx + vy + 9e-4)


def _filtered(image: Any, target: Any, side: int, *, inside: bool, mode: str = "reflect") -> Any:
    """SSIM by filters, of whole windows or of all places; whole windows only of an odd side."""

    def mean(one: Any) -> Any:
        return uniform_filter(np.asarray(one, float), side, mode=mode)

    mx, my = mean(image), mean(target)
    vx, vy = mean(image**2) - mx**2, mean(target**2) - my**2
    cov = mean(image * target) - mx * my
    ssim = _brightness(mx, my) * _structure(vx, vy, cov)
    if inside:
        before, after = side // 2, side - 1 - side // 2
        ssim = ssim[before : ssim.shape[0] - after, before : ssim.shape[1] - after]
    return ssim.mean()


def _tiles(image: Any, target: Any, side: int) -> Any:
    return _map(image, target, side)[::side, ::side].mean()


def _whole_picture(image: Any, target: Any, side: int) -> Any:
    cov = np.mean((image - image.mean()) * (target - target.mean()))
    return _brightness(image.mean(), target.mean()) * _structure(image.var(), target.var(), cov)


WRONG: dict[str, list[tuple[Any, str]]] = {
    "11.predict-pooled": [
        (30, "mean of the two PSNRs"),
        (0.00505, "mean error itself"),
        (19.957, "of the sum"),
        (20, "one of them"),
        (40, "one of them"),
        (45, "one outside"),
        (17, "one outside"),
        (25, "a hundred times"),
        ((20, 40), "one number"),
        ("23 dB", "one number"),
        (None, "none"),
    ],
    "11.two-averages": [
        (lambda y, t: (_pooled(y, t), _mean(y, t)), "changed places"),
        (lambda y, t: (_mean(y, t), _mean(y, t)), "mean of the PSNRs twice"),
        (lambda y, t: (_pooled(y, t), _pooled(y, t)), "pooled one twice"),
        (_with_pool(lambda y, t: _errors(y, t).mean()), "pool the pixels"),
        (_with_pool(lambda y, t: _errors(y, t).sum()), "not averaged"),
        (_with_pool(lambda y, t: _all_squares(y, t).sum()), "not divided"),
        (_with_pool(lambda y, t: np.median(_errors(y, t))), "median"),
        (_with_pool(lambda y, t: _errors(y, t).max()), "worst picture"),
        (_with_pool(lambda y, t: np.sqrt(_all_squares(y, t)).mean() ** 2), "absolute"),
        (_scaled(-1), "sign"),
        (_scaled(2), "20 times"),
        (_scaled(0.5), "the root"),
        (_scaled(float(np.log(10))), "natural"),
        (lambda y, t: (3 * _mean(y, t), _pooled(y, t)), "number of pictures"),
        (lambda y, t: (_mean(y, t), 1.0), "then one mean"),
        (lambda y, t: _mean(y, t), "two numbers"),
        (lambda y, t: {"mean": 1, "pooled": 2}, "two numbers"),
        (lambda y, t: ([1.0], 2.0), "one number"),
        (lambda y, t: (float("inf"), 2.0), "infinity"),
        (lambda y, t: None, "`return`"),
    ],
    "11.ssim-window": [
        (lambda x, y, n: _map(x, y, n), "one number"),
        (lambda x, y, n: _map(x, y, n, ddof=1).mean(), "one less"),
        (lambda x, y, n: _map(x, y, n, scale=255).mean(), "up to 255"),
        (lambda x, y, n: _map(x, y, 7).mean(), "always 7"),
        (_tiles, "side by side"),
        (_whole_picture, "a single window"),
        (lambda x, y, n: _filtered(x, y, n, inside=False), "beyond the edge (symmetric)"),
        (
            lambda x, y, n: _filtered(x, y, n, inside=False, mode="mirror"),
            "beyond the edge (reflect)",
        ),
        (
            lambda x, y, n: _filtered(x, y, n, inside=False, mode="constant"),
            "beyond the edge (constant)",
        ),
        (_other_formula(lambda mx, my, vx, vy, c: _brightness(mx, my)), "by the second"),
        (_other_formula(lambda mx, my, vx, vy, c: _structure(vx, vy, c)), "by the first"),
        (
            lambda x, y, n: (
                _other_formula(lambda mx, my, vx, vy, c: _brightness(mx, my))(x, y, n)
                * _other_formula(lambda mx, my, vx, vy, c: _structure(vx, vy, c))(x, y, n)
            ),
            "averaged apart",
        ),
        (
            _other_formula(
                lambda mx, my, vx, vy, c: _brightness(mx, my) * _structure(vx**0.5, vy**0.5, c)
            ),
            "square them",
        ),
        (
            _other_formula(
                lambda mx, my, vx, vy, c: (
                    _brightness(mx, my) * _structure(vx + mx**2, vy + my**2, c + mx * my)
                )
            ),
            "not taken away",
        ),
        (
            _other_formula(
                lambda mx, my, vx, vy, c: _brightness(mx, my) * (c + 9e-4) / (vx + vy + 9e-4)
            ),
            "2 before the covariance",
        ),
        (
            _other_formula(
                lambda mx, my, vx, vy, c: (
                    (mx * my + 1e-4) / (mx**2 + my**2 + 1e-4) * _structure(vx, vy, c)
                )
            ),
            "2 before the product",
        ),
        (
            _other_formula(
                lambda mx, my, vx, vy, c: (
                    (2 * mx * my + 0.01)
                    * (2 * c + 0.03)
                    / ((mx**2 + my**2 + 0.01) * (vx + vy + 0.03))
                )
            ),
            "not squared",
        ),
        (
            _other_formula(
                lambda mx, my, vx, vy, c: (
                    (2 * mx * my + 9e-4)
                    * (2 * c + 1e-4)
                    / ((mx**2 + my**2 + 9e-4) * (vx + vy + 1e-4))
                )
            ),
            "constants changed places",
        ),
        (lambda x, y, n: 1 - _map(x, y, n).mean(), "1 means alike"),
        (lambda x, y, n: 2.0, "at most 1"),
        (lambda x, y, n: 0.123, "by hand"),
        (lambda x, y, n: float("nan"), "NaN"),
        (lambda x, y, n: None, "`return`"),
    ],
    "11.compare": [
        ({"A", "B", "C", "D"}, "blames a paper"),
        ({"B", "C", "D", "E"}, "weighted mean"),
        ({"B", "C", "D", "F"}, "fine faults"),
        ({"C", "D"}, "same decibels"),
        ({"B", "D"}, "grey value"),
        ({"B", "C"}, "geometric"),
        (set(), "at least one"),
        ({"G"}, "A to F"),
        (3, "letters"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("11.predict-pooled", 23),
    ("11.predict-pooled", np.float32(22.97)),
    ("11.two-averages", lambda y, t: [_mean(y, t), np.float32(_pooled(y, t))]),
    ("11.ssim-window", lambda x, y, n: np.float32(_map(x, y, n).mean())),
    ("11.ssim-window", lambda x, y, n: torch.tensor(_map(x, y, n).mean())),
    ("11.ssim-window", lambda x, y, n: _filtered(x, y, n, inside=True)),
    ("11.compare", "B, C, D"),
    ("11.compare", ["d", "b", "c"]),
]
