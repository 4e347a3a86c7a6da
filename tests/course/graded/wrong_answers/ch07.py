"""Answers to the graded questions of chapter 07 as students may write them, by variant."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from exposure_lab.course.graded.ch07 import SHARES
from exposure_lab.metrics.pixel import psnr


def _rise(change: Callable[[float], Any]) -> Any:
    """A maker of a prediction from the share to which differences shrink."""
    return lambda variant: change(SHARES[variant["share"]])


TAKE: dict[str, Callable[[Any], Any]] = {"mean": np.mean, "median": np.median, "lowest": min}


def _scores(
    *,
    cut: Callable[[Any, int], Any] = lambda picture, k: picture[k:-k, k:-k],
    take: Callable[[Any], Any] | None = None,
    apart: bool = True,
    ordered: bool = False,
    pooled: bool = False,
) -> Any:
    """A maker of psnr_per_ev; without options the answer is right."""

    def make(variant: Any) -> Any:
        summarise = take or TAKE[variant["statistic"]]

        def score(pairs: list[Any]) -> Any:
            if pooled:
                sides = [np.concatenate([x.reshape(1, -1, 3) for x in s], axis=1) for s in pairs]
                return psnr(*sides)
            return summarise([psnr(*pair) for pair in zip(*pairs, strict=True)])

        def psnr_per_ev(outputs: Any, targets: Any, evs: Any) -> Any:
            border = variant["border"]
            sides = [[cut(picture, border) for picture in side] for side in (outputs, targets)]
            order = sorted(evs) if ordered else evs
            return {
                ev: score(
                    [
                        [p for p, e in zip(s, order, strict=True) if e == ev or not apart]
                        for s in sides
                    ]
                )
                for ev in evs
            }

        return psnr_per_ev

    return make


def _at_two(picture: Any, border: int) -> Any:
    return picture[border:, border:]


def _verdicts(
    *,
    decide: Callable[[Any, float], Any] = lambda rise, limit: bool(rise < limit),
    rise: Callable[[Any, int], Any] | None = None,
    parts: int = 0,
    limit: float = 0.0,
) -> Any:
    """A maker of levelled_off; without options the answer is right."""

    def make(variant: Any) -> Any:
        def levelled_off(curve: Any) -> Any:
            epochs = (len(curve) - 1) // (parts or variant["parts"])
            return decide((rise or _fitted)(curve, epochs), limit or variant["limit"])

        return levelled_off

    return make


def _slope(scores: Any) -> Any:
    return np.polyfit(range(len(scores)), scores, 1)[0]


def _fitted(curve: Any, epochs: int) -> Any:
    return _slope(curve[-epochs - 1 :]) * epochs


def _samples(
    *,
    draw: Callable[..., Any] = lambda v, draws, rng: rng.choice(v, (draws, len(v))),
    statistic: Callable[[Any], Any] | None = None,
    ends: Callable[[float], list[float]] = lambda level: [50 - level / 2, 50 + level / 2],
    level: float = 0.0,
) -> Any:
    """A maker of bootstrap_interval; without options the answer is right."""

    def make(variant: Any) -> Any:
        take = statistic or (np.std if variant["statistic"] == "standard deviation" else np.mean)

        def bootstrap_interval(values: Any, draws: int, rng: Any) -> Any:
            results = [take(sample) for sample in draw(values, draws, rng)]
            low, high = np.percentile(results, ends(level or variant["level"]))
            return float(low), float(high)

        return bootstrap_interval

    return make


def _one_by_one(values: Any, draws: int, rng: Any) -> Any:
    return [rng.choice(values, size=len(values), replace=True) for _ in range(draws)]


def _by_places(values: Any, draws: int, rng: Any) -> Any:
    return values[rng.choice(len(values), (len(values), draws))].T


def _by_integers(values: Any, draws: int, rng: Any) -> Any:
    return values[rng.integers(0, len(values), size=(draws, len(values)))]


def _without_replacement(values: Any, draws: int, rng: Any) -> Any:
    return [rng.choice(values, len(values), replace=False) for _ in range(draws)]


def _own(values: Any, draws: int, rng: Any) -> Any:
    return np.random.default_rng(3).choice(values, (draws, len(values)))


def _of_values(variant: Any) -> Any:
    out = 50 - variant["level"] / 2

    def bootstrap_interval(values: Any, draws: int, rng: Any) -> Any:
        rng.choice(values, (draws, len(values)))
        return tuple(np.percentile(values, [out, 100 - out]))

    return bootstrap_interval


def _sorted_by_hand(variant: Any) -> Any:
    """The ends as values of the sorted results, not between two of them."""

    def bootstrap_interval(values: Any, draws: int, rng: Any) -> Any:
        take = np.std if variant["statistic"] == "standard deviation" else np.mean
        results = np.sort([take(sample) for sample in _one_by_one(values, draws, rng)])
        left_out = round(draws * (100 - variant["level"]) / 200)
        return [results[left_out], results[-left_out - 1]]

    return bootstrap_interval


def _right_letters(variant: Any) -> set[str]:
    return {letter for letter, old in zip("ABCDEF", variant["order"], strict=True) if old in "BDF"}


def _letters(without: str = "", beside: str = "") -> Any:
    """A maker of letters: the right ones, without some and with others, by the chapter's names."""

    def make(variant: Any) -> set[str]:
        here = dict(zip(variant["order"], "ABCDEF", strict=True))
        letters = _right_letters(variant) - {here[old] for old in without}
        return letters | {here[old] for old in beside}

    return make


WRONG: dict[str, list[tuple[Any, str]]] = {
    "07.half-the-error": [
        (_rise(lambda share: -10 * np.log10(share)), "squared error was divided"),
        (_rise(lambda share: 20 * np.log10(share)), "falls"),
        (_rise(lambda share: -40 * np.log10(share)), "counted twice"),
        (_rise(lambda share: 1 / share), "the factor itself"),
        (_rise(lambda share: 1 / share**2), "of the squared error"),
        (_rise(lambda share: -20 * np.log(share)), "natural"),
        (_rise(lambda share: 6.02), "answer for half"),
        (_rise(lambda share: 100), "differ"),
        (_rise(lambda share: "many"), "as a number"),
    ],
    "07.psnr-per-ev": [
        (_scores(cut=lambda picture, k: picture, take=np.mean), "leaves out a border"),
        (_scores(cut=lambda picture, k: picture), "border"),
        (_scores(cut=_at_two), "four sides"),
        (_scores(cut=lambda picture, k: picture[k:-k]), "columns are too"),
        (_scores(cut=lambda picture, k: picture[2 * k : -2 * k, 2 * k : -2 * k]), "twice"),
        (_scores(take=np.mean), "mean of the scores"),
        (_scores(take=np.sum), "sum of the scores"),
        (_scores(take=lambda scores: scores[-1]), "last picture"),
        (_scores(take=lambda scores: scores[0]), "first picture"),
        (_scores(pooled=True), "score each picture first"),
        (_scores(apart=False), "keep them apart"),
        (_scores(ordered=True), "belong together"),
        (_scores(take=list), "as a number"),
        (lambda variant: lambda outputs, targets, evs: list(evs), "dictionary"),
        (lambda variant: lambda o, t, evs: {str(ev): 20.0 for ev in evs}, "keys"),
    ],
    "07.levelled-off": [
        (_verdicts(parts=5, limit=0.1), "chapter's rule"),
        (_verdicts(limit=0.1), "limit is the chapter's"),
        (_verdicts(parts=5), "part of the run is the chapter's"),
        (_verdicts(decide=lambda rise, limit: True), "every run"),
        (_verdicts(decide=lambda rise, limit: False), "no run"),
        (_verdicts(decide=lambda rise, limit: bool(rise >= limit)), "turned round"),
        (_verdicts(rise=lambda c, n: _slope(c[-n - 1 :])), "slope of one epoch"),
        (_verdicts(rise=lambda c, n: c[-1] - c[-2]), "last two"),
        (_verdicts(rise=lambda c, n: c[-1] - c[-n - 1]), "at the ends of the part"),
        (_verdicts(rise=lambda c, n: _slope(c) * (len(c) - 1)), "whole run"),
        (_verdicts(rise=lambda c, n: abs(_fitted(c, n))), "only for a rise"),
        (_verdicts(rise=lambda c, n: _slope(c[-n:]) * n), "belongs to the line"),
        (_verdicts(decide=lambda rise, limit: rise), "truth value"),
    ],
    "07.bootstrap-interval": [
        (_samples(statistic=np.mean, level=95), "chapter's"),
        (_samples(level=95), "level"),
        (_samples(draw=_own), "nothing was drawn"),
        (_samples(draw=_without_replacement), "whole set again"),
        (_samples(draw=lambda v, n, rng: rng.choice(v, (n, len(v) // 2))), "smaller than"),
        (_samples(draw=lambda v, n, rng: rng.choice(v, (n // 10, len(v)))), "too few"),
        (_of_values, "of the scores themselves"),
        (_samples(ends=lambda level: [100 - level, level]), "too much"),
        (_samples(ends=lambda level: [0.5 - level / 200, 0.5 + level / 200]), "from 0 to 100"),
        (_samples(ends=lambda level: [0, 100]), "smallest to the largest"),
        (_samples(ends=lambda level: [50 + level / 2, 50 - level / 2]), "came first"),
        (lambda variant: lambda values, draws, rng: values.mean(), "as a list or tuple"),
    ],
    "07.explain": [
        (lambda variant: set("BDF"), "Expected"),
        (_letters(beside="A"), "two parts"),
        (_letters(beside="C"), "slope"),
        (_letters(beside="E"), "scenes"),
        (_letters(without="B"), "no weight"),
        (_letters(without="D"), "both still rise"),
        (_letters(without="F"), "as it should be"),
        (lambda variant: {"G"}, "A to F"),
    ],
}

ALSO_RIGHT: dict[str, list[Any]] = {
    "07.half-the-error": [
        _rise(lambda share: round(-20 * np.log10(share), 1)),
        _rise(lambda share: torch.tensor(-20 * np.log10(share))),
    ],
    "07.psnr-per-ev": [_scores()],
    "07.levelled-off": [
        _verdicts(),
        _verdicts(decide=lambda rise, limit: np.bool_(rise < limit)),
        _verdicts(decide=lambda rise, limit: torch.tensor(bool(rise < limit))),
    ],
    "07.bootstrap-interval": [
        _samples(),
        _samples(draw=_one_by_one),
        _samples(draw=_by_places),
        _samples(draw=_by_integers),
        _sorted_by_hand,
    ],
    "07.explain": [_right_letters, lambda variant: sorted(_right_letters(variant))],
}
