"""Capstone: the word that numbers of several runs, or pictures, say about a claim."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.graded.ch90_variant import BOOK, FAMILY, LIBRARY, draws, edits
from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import EXACT, Case, GradedQuestion, Variant
from exposure_lab.course.grading.trained.verdict import word_of

CLEAR, OPEN = "differences that decide", "differences that leave it open"

RULES = {
    "every": "`holds` if each difference is at least {smallest:g} dB, and `fails` if each is less",
    "mean": "`holds` if the mean of the differences, **less two standard errors**, is at least "
    "{smallest:g} dB, and `fails` if the mean **plus two standard errors** is less",
}

CAUSES = {
    "book": "the smallest effect is the template's: look up the one of this release",
    "rule": "the rule is another one: look up what this release compares",
    "few": "so few differences decide nothing in this release",
    "zero": "they were held against zero: an effect that matters is larger",
    "turned": "the differences have the wrong sign: with it minus without it",
    "unpaired": "means were compared without the spread of the differences",
}


def _rule(variant: Variant) -> str:
    return (
        f"{RULES[variant['rule']].format(**variant)}. Otherwise, and with fewer than "
        f"{variant['at_least']} differences, it is `undecided`."
    )


def _word(
    variant: Variant, with_it: Sequence[float], without_it: Sequence[float], *, mistake: str = ""
) -> str:
    """Verdict by the rule of a variant, or that of a usual mistake."""
    how = dict(variant)
    if mistake == "book":
        how["smallest"] = BOOK["smallest"]
    if mistake == "rule":
        how["rule"] = "mean" if variant["rule"] == "every" else "every"
    if mistake == "few":
        how["at_least"] = 1
    if mistake == "zero":
        how["smallest"] = 0.0
    if mistake == "turned":
        with_it, without_it = without_it, with_it
    if mistake == "unpaired":
        with_it, without_it = ([float(np.mean(one))] * 4 for one in (with_it, without_it))
    return word_of(with_it, without_it, **how)


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    smallest, least = variant["smallest"], variant["at_least"]

    def call(part: str, differences: Any) -> Case:
        without = rng.uniform(15, 25, len(differences))
        pair = [[round(float(x), 4) for x in one] for one in (without + differences, without)]
        return Case(part, tuple(pair))

    def around(middle: float, spread: float, count: int) -> Any:
        return middle + spread * rng.permutation(np.linspace(-1, 1, count))

    count = least + int(rng.integers(1, 4))
    between = (smallest + BOOK["smallest"]) / 2
    return [
        call(CLEAR, around(smallest + 1.2, 0.1, count)),
        call(CLEAR, around(-1.0, 0.2, count)),
        call(CLEAR, around(smallest / 2, 0.01, count)),
        call(CLEAR, around(between, 0.001, count)),
        call(OPEN, around(smallest + pick(rng, [0.02, -0.02]), 2.0, count)),
        call(OPEN, around(smallest + 1.0, 0.1, least - 1)),
        # Ends on either side of the smallest effect, though the mean is far above it, or near.
        call(OPEN, np.array([smallest - 0.05, *around(smallest + 2.0, 0.05, 8)])),
        call(OPEN, around(smallest + 0.03, 0.025, least)),
    ]


def _reference(variant: Variant) -> Callable[..., Any]:
    return partial(_word, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    names = [name for name in CAUSES if name != "few" or variant["at_least"] > 1]
    return {CAUSES[name]: partial(_word, variant, mistake=name) for name in names}


VERDICT = GradedQuestion(
    id="90.verdict",
    name="verdict",
    objective="say by a rule what repeated measurements decide, and when they decide nothing",
    what="the verdict that the rule gives",
    parts={CLEAR: 1, OPEN: 2},
    reference=_reference,
    cases=_cases,
    draw=draws("smallest", "at_least", "rule"),
    edits=edits(_rule),
    mistakes=_mistakes,
    tolerance=EXACT,
    leaves_out=LIBRARY,
    draws_with=FAMILY,
)
