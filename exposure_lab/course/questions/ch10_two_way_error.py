"""Judge of chapter 10's standard error over seeds and photos."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.expectations import Wrong, call, close, first_cause, number
from exposure_lab.metrics.crossed_effects import MeanSquares, mean_squares

Differences = NDArray[np.float64]
"""(S, N): a row for each seed, a column for each photo; dB."""


def judge_two_way_error(answer: Any) -> None:
    """Judge ``two_way_error(d)`` on tables in which each of the four cases is the largest.

    Raises:
        Wrong: with the likely cause.
    """
    for d in _tables():
        got = number(call(answer, d), "the standard error")
        right = _error(d, max(_cases(mean_squares(d))))
        same = partial(close, tolerance=0, relative=1e-4)
        if same(got, right):
            continue
        mistakes = {cause: wrong for cause, wrong in _mistakes(d).items() if not same(wrong, right)}
        cause = first_cause(mistakes, got, same)
        if cause:
            raise Wrong(f"Expected the standard error of the mean, but {cause}.")
        raise Wrong(
            "Expected the standard error of the mean, but the number differs: compare each mean "
            "square with its formula on a table of 2 by 2."
        )


def _tables() -> list[Differences]:
    """Tables in which each of the four terms is the largest once."""
    rng = np.random.default_rng(10)
    tables = []
    for (seeds, photos), seed_square, photo_square in (
        ((4, 7), 9.0, 16.0),
        ((3, 9), 0.4, 9.0),
        ((5, 6), 9.0, 0.4),
        ((4, 5), 0.3, 0.4),
    ):
        rest = rng.normal(size=(seeds, photos))
        # Without their own means the rest cannot look like an effect of seeds or of photos.
        rest -= rest.mean(axis=1, keepdims=True) + rest.mean(axis=0) - rest.mean()
        rest /= np.sqrt(np.sum(rest**2) / ((seeds - 1) * (photos - 1)))
        by_seed = _effects(rng, seeds, seed_square / photos)
        by_photo = _effects(rng, photos, photo_square / seeds)
        tables.append(0.3 + 0.4 * (by_seed[:, None] + by_photo + rest))
    return tables


def _effects(rng: np.random.Generator, size: int, variance: float) -> Differences:
    """Draw effects with the mean 0 and a given variance."""
    drawn = rng.normal(size=size)
    effects: Differences = (drawn - drawn.mean()) / drawn.std(ddof=1) * np.sqrt(variance)
    return effects


def _cases(squares: MeanSquares) -> tuple[float, ...]:
    """List the four terms of which the largest counts."""
    seed, photo, rest = squares
    return seed + photo - rest, seed, photo, rest


def _error(d: Differences, square: float) -> float:
    return float(np.sqrt(max(square, 0.0) / d.size))


def _mistakes(d: Differences) -> dict[str, float]:
    """Standard errors that mistakes lead to, for each cause; the most telling first."""
    seeds, photos = d.shape
    seed, photo, rest = mean_squares(d)
    both = seed + photo - rest
    largest = max(_cases(MeanSquares(seed, photo, rest)))
    return {
        "it is its square: take the root": largest / d.size,
        "the largest of the four terms was left out: a term below the others cannot be all": (
            _error(d, both)
        ),
        "the rest alone never counts in it: it is the fourth of the terms": _error(
            d, max(both, seed, photo)
        ),
        "only seeds count in it: photos vary too": _error(d, seed),
        "only photos count in it: seeds vary too": _error(d, photo),
        "the rest was not taken away: both other squares hold it once": _error(d, seed + photo),
        "the rest was added: both other squares hold it already, so take it away once": _error(
            d, seed + photo + rest
        ),
        "all figures were put on one heap: those of one seed, or of one photo, go together": float(
            d.std(ddof=1) / np.sqrt(d.size)
        ),
        "it was divided by the number of seeds alone": float(np.sqrt(largest / seeds)),
        "it was divided by the number of photos alone": float(np.sqrt(largest / photos)),
        "it was not divided by the number of figures": float(np.sqrt(largest)),
        "sums were divided by numbers of seeds and photos, and not by one less": _population(d),
        "the means' squares were not multiplied by how many figures each mean has": _unweighted(d),
        "the two numbers changed places in the mean squares": _swapped(d),
    }


def _population(d: Differences) -> float:
    """Standard error with S, N and S N in place of the degrees of freedom."""
    seeds, photos = d.shape
    seed, photo, rest = mean_squares(d)
    fewer = MeanSquares(
        seed * (seeds - 1) / seeds,
        photo * (photos - 1) / photos,
        rest * (seeds - 1) * (photos - 1) / d.size,
    )
    return _error(d, max(_cases(fewer)))


def _unweighted(d: Differences) -> float:
    """Standard error from variances of means that were not multiplied by N and S."""
    seeds, photos = d.shape
    seed, photo, rest = mean_squares(d)
    return _error(d, max(_cases(MeanSquares(seed / photos, photo / seeds, rest))))


def _swapped(d: Differences) -> float:
    """Standard error where the means of seeds are multiplied by S, and those of photos by N."""
    seeds, photos = d.shape
    seed, photo, rest = mean_squares(d)
    changed = MeanSquares(seed / photos * seeds, photo / seeds * photos, rest)
    return _error(d, max(_cases(changed)))
