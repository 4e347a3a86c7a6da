"""Mistakes that students make in chapter 10, each with a word of the sentence it gets."""

import random
from itertools import permutations, product
from typing import Any

import numpy as np
from scipy.stats import ttest_1samp

NAMES = {"np": np, "product": product}


def _squares(d: Any, ddof: int = 1, weighted: bool = True) -> tuple[Any, Any, Any]:
    """Mean squares of seeds, photos and the rest, written out anew."""
    seeds, photos = d.shape
    by_seed, by_photo = d.mean(axis=1), d.mean(axis=0)
    rest = d - by_seed[:, None] - by_photo[None, :] + d.mean()
    n, s = (photos, seeds) if weighted else (1, 1)
    return (
        n * by_seed.var(ddof=ddof),
        s * by_photo.var(ddof=ddof),
        (rest**2).sum() / ((seeds - ddof) * (photos - ddof)),
    )


def _right(d: Any) -> Any:
    seed, photo, rest = _squares(d)
    return np.sqrt(max(seed + photo - rest, seed, photo, rest) / d.size)


def _from_terms(terms: Any) -> Any:
    """A two_way_error by another choice among the mean squares."""
    return lambda d: np.sqrt(max(0, terms(*_squares(d))) / d.size)


def _from_squares(**options: Any) -> Any:
    def answer(d: Any) -> Any:
        seed, photo, rest = _squares(d, **options)
        return np.sqrt(max(seed + photo - rest, seed, photo, rest) / d.size)

    return answer


def _swapped(d: Any) -> Any:
    seeds, photos = d.shape
    seed, photo, rest = _squares(d)
    seed, photo = seed / photos * seeds, photo / seeds * photos
    return np.sqrt(max(seed + photo - rest, seed, photo, rest) / d.size)


def _by_components(d: Any) -> Any:
    """The same from variance components, those below zero set to zero."""
    seeds, photos = d.shape
    seed, photo, rest = _squares(d)
    of_seed, of_photo = max(0, (seed - rest) / photos), max(0, (photo - rest) / seeds)
    return (of_seed / seeds + of_photo / photos + rest / d.size) ** 0.5


def _flipped(d: Any) -> Any:
    return np.array([np.mean(np.multiply(s, d)) for s in product([1, -1], repeat=len(d))])


def _p(d: Any) -> Any:
    return np.mean(np.abs(_flipped(d)) >= abs(np.mean(d)))


def _recursive(d: Any) -> Any:
    sums = [0.0]
    for one in d:
        sums = [total + sign * one for total in sums for sign in (1, -1)]
    return sum(abs(total) >= abs(sum(d)) for total in sums) / len(sums)


def _drawn(d: Any) -> Any:
    """Signs drawn by chance, 4001 times, always the same ones."""
    draw = random.Random(1)
    means = [np.mean([draw.choice((1, -1)) * one for one in d]) for _ in range(4001)]
    return np.mean(np.abs(means) >= abs(np.mean(d)))


def _reordered(d: Any) -> Any:
    means = [np.mean(order) for order in permutations(d)]
    return np.mean(np.abs(means) >= abs(np.mean(d)) - 1e-12)


WRONG: dict[str, list[tuple[Any, str]]] = {
    "10.two-way-error": [
        (lambda d: _right(d) ** 2, "take the root"),
        (_from_terms(lambda s, p, r: s + p - r), "largest of the four"),
        (_from_terms(lambda s, p, r: max(s + p - r, s, p)), "fourth"),
        (_from_terms(lambda s, p, r: s), "photos vary too"),
        (_from_terms(lambda s, p, r: p), "seeds vary too"),
        (_from_terms(lambda s, p, r: s + p), "not taken away"),
        (_from_terms(lambda s, p, r: s + p + r), "rest was added"),
        (lambda d: d.mean(axis=1).std(ddof=1) / len(d) ** 0.5, "photos vary too"),
        (lambda d: d.mean(axis=0).std(ddof=1) / d.shape[1] ** 0.5, "seeds vary too"),
        (lambda d: d.std(ddof=1) / d.size**0.5, "one heap"),
        (lambda d: _right(d) * d.shape[1] ** 0.5, "seeds alone"),
        (lambda d: _right(d) * d.shape[0] ** 0.5, "photos alone"),
        (lambda d: _right(d) * d.size**0.5, "not divided by the number of figures"),
        (_from_squares(ddof=0), "one less"),
        (_from_squares(weighted=False), "multiplied"),
        (_swapped, "changed places"),
        (lambda d: 1.96 * _right(d), "2 by 2"),
        (lambda d: (d.mean(), _right(d)), "one number"),
    ],
    "10.sign-flips": [
        (lambda d: np.mean(_flipped(d) >= np.mean(d)), "on the other side"),
        (lambda d: np.mean(_flipped(d) <= np.mean(d)), "one side alone"),
        (lambda d: np.mean(np.abs(_flipped(d)) > abs(np.mean(d))), "as far from zero"),
        (lambda d: _p(d) - 1 / 2 ** len(d), "is left out of it"),
        (lambda d: (_p(d) * 2 ** len(d) - 1) / (2 ** len(d) - 1), "of both numbers"),
        (lambda d: (_p(d) * 2 ** len(d) + 1) / (2 ** len(d) + 1), "drawn by chance"),
        (lambda d: _p(d) * 2 ** len(d), "divide it"),
        (lambda d: 1 - _p(d), "nearer to zero"),
        (_reordered, "another order"),
        (lambda d: min(1, 2 * _p(d)), "doubled"),
        (lambda d: _p(d) / 2, "on the other side"),
        (lambda d: _p(np.sign(d)), "sizes as well"),
        (_drawn, "none by chance"),
        (lambda d: float(ttest_1samp(d, 0).pvalue), "Expected"),
        (lambda d: -_p(d), "from 0 to 1"),
        (lambda d: 0.05, "by hand"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("10.two-way-error", _by_components),
    ("10.two-way-error", lambda d: _right(d.T)),
    ("10.two-way-error", lambda d: np.float32(_right(d))),
    ("10.sign-flips", _recursive),
    ("10.sign-flips", lambda d: float(_p(-np.asarray(d)))),
]
