"""Mistakes that students make in chapter 07, each with a word of the sentence it gets."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from exposure_lab.metrics.pixel import psnr

NAMES = {"np": np, "psnr": psnr}


def _grouped(join: Callable[[list[Any], list[Any]], Any]) -> Any:
    """A psnr_per_ev that makes an entry of the outputs and targets of an exposure."""

    def per_ev(outputs: Any, targets: Any, evs: Any) -> Any:
        return {
            ev: join(
                [output for output, other in zip(outputs, evs, strict=True) if other == ev],
                [target for target, other in zip(targets, evs, strict=True) if other == ev],
            )
            for ev in evs
        }

    return per_ev


def _scores(outputs: list[Any], targets: list[Any]) -> list[float]:
    return [psnr(output, target) for output, target in zip(outputs, targets, strict=True)]


def _pooled(outputs: list[Any], targets: list[Any]) -> float:
    flat = [
        np.concatenate([picture.reshape(-1, 3) for picture in side]) for side in (outputs, targets)
    ]
    return float(-10 * np.log10(np.mean((flat[0] - flat[1]) ** 2)))


def _of_mean_error(outputs: list[Any], targets: list[Any]) -> float:
    errors = [np.mean((a - b) ** 2) for a, b in zip(outputs, targets, strict=True)]
    return float(-10 * np.log10(np.mean(errors)))


def _in_order(outputs: Any, targets: Any, evs: Any) -> Any:
    """Takes the pictures to be sorted by exposure, which they are not."""
    each, ordered = _scores(outputs, targets), sorted(evs)
    return {ev: np.mean([s for s, e in zip(each, ordered, strict=True) if e == ev]) for ev in evs}


def _line(curve: Any, first: int, times: float) -> float:
    part = curve[first:]
    return float(np.polyfit(range(len(part)), part, 1)[0]) * times


def _fifth(curve: Any) -> int:
    return (len(curve) - 1) // 5


def _right(curve: Any) -> Any:
    return _line(curve, -_fifth(curve) - 1, _fifth(curve)) < 0.1


def _resample(
    ends: tuple[float, float] = (2.5, 97.5),
    *,
    size: Callable[[int, int], int] = lambda n, draws: n,
    replace: bool = True,
    own: bool = False,
) -> Any:
    """A bootstrap_interval with one thing done otherwise."""

    def interval(values: Any, draws: int, rng: Any) -> Any:
        rng = np.random.default_rng() if own else rng
        many = [
            rng.choice(values, size(len(values), draws), replace=replace).mean()
            for _ in range(draws)
        ]
        return tuple(np.percentile(many, ends))

    return interval


def _formula(values: Any, draws: int, rng: Any) -> Any:
    half = 1.96 * values.std(ddof=1) / len(values) ** 0.5
    return values.mean() - half, values.mean() + half


def _sorts(values: Any, draws: int, rng: Any) -> Any:
    values.sort()
    return _resample()(values, draws, rng)


WRONG: dict[str, list[tuple[Any, str]]] = {
    "07.half-the-error": [
        (3, "squared error"),
        (-6, "a rise"),
        (0, "a rise"),
        (2, "logarithm"),
        (0.5, "logarithm"),
        (12, "twice"),
        (20, "another number"),
        (None, "none"),
        ("6 dB", "one number"),
    ],
    "07.psnr-per-ev": [
        (_grouped(lambda a, b: sum(_scores(a, b))), "sum"),
        (_grouped(lambda a, b: _scores(a, b)[-1]), "last picture"),
        (_grouped(lambda a, b: _scores(a, b)[0]), "first picture"),
        (_grouped(_pooled), "pixels"),
        (_grouped(_of_mean_error), "mean error"),
        (lambda o, t, evs: dict.fromkeys(evs, np.mean(_scores(o, t))), "keep them apart"),
        (_grouped(lambda a, b: sum(_scores(a, b)) / 6), "number of all"),
        (_in_order, "belong together"),
        (_grouped(_scores), "one number"),
        (lambda o, t, evs: list(zip(evs, _scores(o, t), strict=True)), "dictionary"),
        (lambda o, t, evs: {str(ev): 20.0 for ev in evs}, "keys"),
        (lambda o, t, evs: dict.fromkeys(evs, float("nan")), "NaN"),
    ],
    "07.levelled-off": [
        (lambda c: not _right(c), "turned round"),
        (lambda c: _line(c, -_fifth(c) - 1, 1) < 0.1, "slope of one epoch"),
        (lambda c: c[-1] - c[-2] < 0.1, "last two"),
        (lambda c: c[-1] - c[-_fifth(c) - 1] < 0.1, "at the ends of the fifth"),
        (lambda c: c[-1] - c[0] < 0.1, "whole run"),
        (lambda c: abs(_line(c, -_fifth(c) - 1, _fifth(c))) < 0.1, "only for a rise"),
        (lambda c: _line(c, -_fifth(c) - 1, _fifth(c)) < 1, "tenth"),
        (lambda c: c[-1] <= c[:-1].max(), "judged otherwise"),
        (lambda c: True, "every run"),
        (lambda c: False, "no run"),
        (lambda c: _line(c, -_fifth(c) - 1, _fifth(c)), "True or False"),
        (lambda c: np.float64(0.04), "True or False"),
        (lambda c: "levelled off", "True or False"),
    ],
    "07.bootstrap-interval": [
        (_resample((5, 95)), "2.5 % at each end"),
        (_resample((0.025, 0.975)), "0 to 100"),
        (_resample((97.5, 2.5)), "lower end first"),
        (_resample((0, 100)), "smallest to the largest"),
        (_resample((25, 75)), "middle half"),
        (_resample(replace=False), "with replacement"),
        (_resample(size=lambda n, draws: 1), "pictures themselves"),
        (_resample(size=lambda n, draws: draws // 10), "too narrow"),
        (_resample(size=lambda n, draws: n // 2), "ends differ"),
        (_resample(own=True), "`rng`"),
        (_formula, "formula"),
        (lambda v, draws, rng: (v.mean() - 1.96 * v.std(), v.mean() + 1.96 * v.std()), "spread of"),
        (lambda v, draws, rng: _resample()(v, draws, rng)[1], "two numbers"),
        (lambda v, draws, rng: (v.mean(), *_resample()(v, draws, rng)), "two numbers"),
        (_sorts, "in place"),
    ],
    "07.explain": [
        (set("ABDF"), "two parts"),
        (set("BCDF"), "slope"),
        (set("BDEF"), "scenes"),
        (set("DF"), "no weight"),
        (set("BF"), "both still rise"),
        (set("BD"), "as it should be"),
        ({"G"}, "A to F"),
        (set(), "at least one"),
        (3, "letters"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("07.half-the-error", 6),
    ("07.half-the-error", torch.tensor(6.02)),
    ("07.psnr-per-ev", _grouped(lambda a, b: np.float32(np.mean(_scores(a, b))))),
    ("07.levelled-off", _right),
    ("07.levelled-off", lambda c: np.bool_(_right(c))),
    ("07.levelled-off", lambda c: torch.tensor(_right(c))),
    ("07.levelled-off", lambda c: not _line(c, -_fifth(c) - 1, _fifth(c)) >= 0.1),
    ("07.bootstrap-interval", _resample()),
    ("07.bootstrap-interval", lambda *arguments: np.array(_resample()(*arguments))),
    ("07.explain", "B, D, F"),
    ("07.explain", ["b", "d", "f"]),
]
