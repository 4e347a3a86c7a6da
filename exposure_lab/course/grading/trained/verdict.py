"""Verdict on a claim by the numbers with it and without it, as a release draws the rule."""

import math
from collections.abc import Sequence

WORDS = ("holds", "fails", "undecided")


def word_of(
    with_it: Sequence[float],
    without_it: Sequence[float],
    *,
    smallest: float,
    at_least: int,
    rule: str,
) -> str:
    """Word that the differences of pairs decide.

    Args:
        with_it: what was measured with what the claim praises, one number a run or picture.
        without_it: the same without it, in the same order.
        smallest: effect that matters, in the unit of the numbers.
        at_least: differences that a verdict needs.
        rule: ``every`` asks each difference; ``mean`` their mean, two standard errors to either
            side.
    """
    differences = [a - b for a, b in zip(with_it, without_it, strict=True)]
    if len(differences) < at_least:
        return "undecided"
    low, high = min(differences), max(differences)
    if rule == "mean":
        count, mean = len(differences), sum(differences) / len(differences)
        spread = math.sqrt(sum((one - mean) ** 2 for one in differences) / max(1, count - 1))
        low, high = (mean + sign * 2 * spread / math.sqrt(count) for sign in (-1, 1))
    if low >= smallest:
        return "holds"
    return "fails" if high < smallest else "undecided"
