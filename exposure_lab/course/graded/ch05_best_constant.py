"""Graded form of chapter 05's best constant: the values come with how often each occurs."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

Numbers = NDArray[np.float64]

L1, L2 = "the best constant under L1", "the best constant under L2"

FORMS = {
    "levels": "to all values. They are given as a **histogram**, a numpy array with one axis: "
    "`values[i]` says how often the value $i$ occurs.",
    "shares": "to all values. They are given as a **histogram**, a numpy array with one axis: with "
    "$n$ entries, `values[i]` says how often the value $i / (n - 1)$ occurs.",
    "value, count": "to all values. They are given as a numpy array (N, 2): each row holds **a "
    "value and how often it occurs**.",
    "count, value": "to all values. They are given as a numpy array (N, 2): each row holds **how "
    "often a value occurs, and the value**.",
}
"""How the values are given."""


def _draw(rng: np.random.Generator) -> Variant:
    return {"given_as": pick(rng, list(FORMS))}


def _edits(variant: Variant) -> Mapping[str, str]:
    return {"to all values of a numpy array with one axis.": FORMS[variant["given_as"]]}


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def case(part: str, loss: str) -> Case:
        entries = int(rng.integers(5, 14))
        counts = np.where(rng.random(entries) < 0.4, 0, rng.integers(1, 12, entries))
        counts[int(rng.integers(entries))] += 20  # one is far more frequent than the others
        counts[0] += 1 - counts.sum() % 2  # an odd number of values has one median
        return Case(part, (_given(variant, rng, counts.astype(np.float64)), loss))

    return [*(case(L1, "l1") for _ in range(4)), *(case(L2, "l2") for _ in range(4))]


def _given(variant: Variant, rng: np.random.Generator, counts: Numbers) -> Numbers:
    """Array in the form that the variant asks for."""
    if variant["given_as"] in ("levels", "shares"):
        return counts
    pair = rng.permutation(rng.uniform(0, 1, len(counts)).round(3)), counts
    return np.stack(pair if variant["given_as"] == "value, count" else pair[::-1], axis=1)


def _read(form: str, given: Numbers) -> tuple[Numbers, NDArray[np.int64]]:
    """Distinct values and how often each occurs."""
    if form in ("levels", "shares"):
        values = np.arange(len(given), dtype=np.float64)
        return values / (len(given) - 1) if form == "shares" else values, given.astype(int)
    value, count = (0, 1) if form == "value, count" else (1, 0)
    return given[:, value], given[:, count].astype(int)


def _median(values: Numbers) -> float:
    return float(np.median(values))


def _mean(values: Numbers) -> float:
    return float(np.mean(values))


def _middle_of_ends(values: Numbers) -> float:
    return float(values.min() + values.max()) / 2


def _most_frequent(values: Numbers) -> float:
    distinct, counts = np.unique(values, return_counts=True)
    return float(distinct[counts.argmax()])


def _middle_of_list(values: Numbers) -> float:
    return float(values[len(values) // 2])


def _lowest_loss(values: Numbers, centre: Callable[[Numbers], float]) -> float:
    away = np.abs(values - centre(values))
    return float((away if centre is _median else away**2).mean())


def _best_constant(
    variant: Variant,
    values: Numbers,
    loss: str,
    *,
    under: Mapping[str, Callable[[Numbers], float]] | None = None,
    form: str | None = None,
    counted: bool = True,
) -> float:
    """Constant that the variant asks for, or that of a usual mistake."""
    distinct, counts = _read(form or variant["given_as"], values)
    repeated = np.repeat(distinct, counts) if counted else distinct[counts > 0]
    return (under or CENTRES)[loss](repeated)


CENTRES: dict[str, Callable[[Numbers], float]] = {"l1": _median, "l2": _mean}


def _plain(_variant: Variant, values: Numbers, loss: str) -> float:
    return CENTRES[loss](values)


def _reference(variant: Variant) -> Callable[..., float]:
    return partial(_best_constant, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., float]]:
    options: dict[str, dict[str, Any]] = {
        "it is the best one for the other loss: see which derivative each loss has": {
            "under": {"l1": _mean, "l2": _median}
        },
        "it is the middle of smallest and largest: the values between them count too": {
            "under": dict.fromkeys(CENTRES, _middle_of_ends)
        },
        "it forgets how often each value occurs": {"counted": False},
        "it is the most frequent value": {"under": dict.fromkeys(CENTRES, _most_frequent)},
        "it is the value in the middle of the list: the list is not in order": {
            "under": dict.fromkeys(CENTRES, _middle_of_list)
        },
        "it is the loss that the best constant has: return the constant": {
            "under": {
                loss: partial(_lowest_loss, centre=centre) for loss, centre in CENTRES.items()
            }
        },
    }
    others = {"levels": "shares", "shares": "levels"}
    if variant["given_as"] in others:
        options["it is on another scale: see which value an entry stands for"] = {
            "form": others[variant["given_as"]]
        }
    mistakes: dict[str, Callable[..., float]] = {
        cause: partial(_best_constant, variant, **how) for cause, how in options.items()
    }
    return mistakes | {
        "all entries were taken for values: see what each of them says": partial(_plain, variant)
    }


BEST_CONSTANT = GradedQuestion(
    "05.best-constant",
    "best_constant",
    "find the constant that a loss asks for",
    "the constant with the lowest mean loss",
    parts={L1: 2, L2: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
)
