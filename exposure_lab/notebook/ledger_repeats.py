"""Effects of claims where their experiments were repeated: at another size, on other photos.

No verdict is made from them, since a claim's rule names the size and the photos of the study.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from exposure_lab.notebook.ledger_rows import LedgerRow
from exposure_lab.notebook.ledger_words import decimals_of, number, signed
from exposure_lab.notebook.tables import Table, table
from exposure_lab.study.estimates import Estimate, estimate
from exposure_lab.study.results import read_results, repeat_folders


def repeats_of(rows: Sequence[LedgerRow], folder: Path) -> Table:
    """Tabulate effects with half of their 95 % interval: at our scale, and in each repetition.

    Args:
        rows: claims, a row of the table each.
        folder: of the results at our scale; the repetitions lie below it.

    Raises:
        DataError: a results file was edited by hand.
    """
    places = {"our scale": folder}
    places |= {place.name.replace("-", " "): place for place in repeat_folders(folder)}
    effects = {name: [_effect(row, place) for row in rows] for name, place in places.items()}
    lines = [
        [row.claim.id, *(_in_words(effects[name][line], row) for name in places)]
        for line, row in enumerate(rows)
    ]
    samples = "; ".join(_sample(name, list(filter(None, found))) for name, found in effects.items())
    caption = f"Mean and half-width of its 95 % interval. Sampled: {samples}."
    return table(["claim", *places], lines, caption)


def _effect(row: LedgerRow, place: Path) -> Estimate | None:
    results = read_results(place / f"{row.claim.experiment}.json")
    return None if results is None else estimate(results, row.claim.figure, row.claim.arms)


def _in_words(effect: Estimate | None, row: LedgerRow) -> str:
    if effect is None:
        return "not run"
    decimals = decimals_of(effect)
    mean = number(effect.mean, "", signed(row.claim), decimals)
    half = number(effect.interval()[1] - effect.mean, row.unit, decimals=decimals)
    return f"{mean} \N{PLUS-MINUS SIGN} {half}"


def _sample(place: str, effects: Sequence[Estimate]) -> str:
    if not effects:
        return f"{place}, nothing yet"
    seeds = _span(effect.seeds for effect in effects if effect.seeds)
    return f"{place}, {seeds} seeds and {_span(effect.cases for effect in effects)} scenes"


def _span(values: Iterable[int]) -> str:
    known = set(values)
    low, high = min(known, default=0), max(known, default=0)
    return f"{low}" if low == high else f"{low} to {high}"
