"""Judge of chapter 07's rule for whether a run had levelled off."""

from collections.abc import Callable
from operator import eq
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.expectations import Wrong, call, expect, first_cause

LIMIT = 0.1
"""dB: rise over the last fifth of a run from which on the run counts as unfinished."""

Values = NDArray[np.float64]


def _curves() -> list[Values]:
    """Make curves of held-out PSNR, one value an epoch from epoch 0 on, of 5 or 25 epochs."""
    wave = np.array([0.0, 0.4, -0.3, 0.3, -0.4, 0.0])
    start = np.linspace(9, 18, 21)
    return [
        np.array([9.0, 13.0, 15.0, 16.0, 17.0, 17.05]),  # five epochs: two scores decide
        np.array([9.0, 13.0, 15.0, 16.0, 17.0, 17.4]),
        np.append(start[:-1], 18 + np.linspace(0, 0.2, 6)),  # 0.04 dB an epoch
        np.append(start[:-1], 18 + np.linspace(0, 0.05, 6)),  # steep before, flat at the end
        np.append(start[:-1], 18 + np.linspace(0, 0.5, 6) * [1, 1, 1, 1, 1, 0]),  # an unlucky end
        np.append(start[:-1], 18 + wave - np.linspace(0, 0.6, 6)),  # falls
        np.append(start[:-1], 18 + wave + np.linspace(0, 0.5, 6)),  # falls and rises by turns
        np.append(start[:-1], [18, 18.6, 18.5, 18.4, 18.4, 18.3]),  # its best came earlier
        np.append(np.linspace(9, 16, 20), 16 + np.linspace(0, 2, 6)),  # still far from done
        np.append(np.linspace(19, 18, 20), 18 + np.linspace(0, 0.05, 6)),  # worse than at its start
        np.append(np.linspace(17, 18, 20), 18 + 0.02 * np.arange(6)),  # exactly at the limit
    ]


def _slope(curve: Values) -> float:
    """Slope of the straight line through these scores, dB an epoch."""
    return float(np.polyfit(np.arange(len(curve)), curve, 1)[0])


def _fifth(curve: Values) -> int:
    """Number of epochs in a fifth of the run, which has one epoch less than the curve scores."""
    return (len(curve) - 1) // 5


def _rise(curve: Values) -> float:
    """Rise of the fitted line over the last fifth, dB."""
    return _slope(curve[-_fifth(curve) - 1 :]) * _fifth(curve)


def _levelled_off(curve: Values) -> bool:
    return _rise(curve) < LIMIT - 1e-9


_MISTAKES: dict[str, Callable[[Values], bool]] = {
    "every run was called finished": lambda curve: True,
    "no run was called finished": lambda curve: False,
    "the answer is turned round: a run that still rises has not levelled off": lambda curve: (
        not _levelled_off(curve)
    ),
    "the slope of one epoch was compared with the limit: the rule speaks of the rise over the "
    "whole last fifth": lambda curve: _slope(curve[-_fifth(curve) - 1 :]) < LIMIT,
    "the last two scores decided alone: fit a line to the whole last fifth": lambda curve: (
        curve[-1] - curve[-2] < LIMIT
    ),
    "only two scores decided, at the ends of the fifth: fit a line to all of them": lambda curve: (
        curve[-1] - curve[-_fifth(curve) - 1] < LIMIT
    ),
    "the whole run was looked at: only its last fifth counts": lambda curve: (
        _slope(curve) * len(curve) < LIMIT
    ),
    "the first fifth was looked at: the last one counts": lambda curve: (
        _slope(curve[: _fifth(curve) + 1]) * _fifth(curve) < LIMIT
    ),
    "a run that falls was called unfinished: the rule asks only for a rise": lambda curve: (
        abs(_rise(curve)) < LIMIT - 1e-9
    ),
    "a whole decibel was the limit: it is a tenth": lambda curve: _rise(curve) < 1,
}


def judge_levelled_off(answer: Any) -> None:
    """Judge ``levelled_off(curve)`` on curves that tell the rule from usual mistakes.

    Raises:
        Wrong: with the likely cause.
    """
    # The last curve rises by the limit itself, where rounding decides: either answer will do.
    *curves, _at_the_limit = _curves()
    got = []
    for curve in _curves():
        result = call(answer, curve)
        if str(getattr(result, "dtype", "")).endswith("bool") and result.shape == ():
            result = bool(result)  # of numpy, or of torch
        expect(
            isinstance(result, bool),
            "Expected True or False, but got something else: compare the rise with the limit and "
            "return what comes out.",
        )
        got.append(result)
    got = got[: len(curves)]
    if got == [_levelled_off(curve) for curve in curves]:
        return
    mistakes = {
        cause: [bool(wrong(curve)) for curve in curves] for cause, wrong in _MISTAKES.items()
    }
    if cause := first_cause(mistakes, got, eq):
        raise Wrong(f"Expected the rule of the chapter, but {cause}.")
    raise Wrong(
        "Expected the rule of the chapter, but some curve is judged otherwise: draw the line that "
        "you fit, from the score where the last fifth begins to the last one."
    )
