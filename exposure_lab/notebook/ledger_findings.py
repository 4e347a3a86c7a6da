"""What the ledger's verdicts say together: counts, a table of effects, sentences on surprises.

Every sentence is made from the judgements, so that the prose around it stays true whatever the
results are.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from exposure_lab.notebook.ledger_rows import LedgerRow
from exposure_lab.notebook.ledger_words import (
    KINDS,
    VERDICTS,
    mean_and_interval,
    signed,
    verdict_in_words,
)
from exposure_lab.notebook.tables import Table, table

NAMED = 6
"""Claims that a sentence names; of more it gives the number."""


@dataclass(frozen=True)
class Sentences:
    """Sentences that a notebook displays as a list."""

    lines: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_markdown_(self) -> str:
        return "\n".join(f"- {line}" for line in self.lines)


def effects_of(rows: Sequence[LedgerRow]) -> Table:
    """Tabulate claims with effect, 95 % interval, seeds and verdict at our scale."""
    return table(
        ["claim", "effect", "95 % interval", "seeds", "verdict"], [_effect(row) for row in rows]
    )


def _effect(row: LedgerRow) -> list[str]:
    effect, verdict = row.ours.effect, verdict_in_words(row.ours)
    if effect is None:
        needed = f"0 of {row.claim.seeds}" if row.claim.seeds else ""
        return [row.claim.id, "", "", needed, verdict]
    mean, interval = mean_and_interval(effect, row.unit, signed(row.claim))
    return [row.claim.id, mean, interval or "exact", str(effect.seeds or ""), verdict]


def counts_of(rows: Sequence[LedgerRow], by: str) -> Table:
    """Count the verdicts at our scale, a row for each value of a field, and one for all."""
    groups = list(dict.fromkeys(_group(row, by) for row in rows))
    counts = {
        group: Counter[str](row.ours.verdict for row in rows if _group(row, by) == group)
        for group in groups
    }
    whole = Counter[str](row.ours.verdict for row in rows)
    lines = [[group, *(counts[group][verdict] for verdict in VERDICTS)] for group in groups]
    return table([by, *VERDICTS], [*lines, ["all", *(whole[verdict] for verdict in VERDICTS)]])


def _group(row: LedgerRow, by: str) -> str:
    value = str(getattr(row.claim, by))
    return KINDS[value] if by == "kind" else value


def surprises_of(rows: Sequence[LedgerRow]) -> Sentences:
    """Compute sentences on what one would not have expected; those with nothing to say are out."""
    makers: list[Callable[[Sequence[LedgerRow]], str]] = [
        _failing,
        _opposite,
        _failed_premises,
        _taken_back,
        _undecided,
        _not_run,
    ]
    lines = tuple(line for make in makers if (line := make(rows)))
    return Sentences(lines or ("Every claim that could be tested holds, at least in part.",))


def _failing(rows: Sequence[LedgerRow]) -> str:
    failing = [row for row in rows if row.ours.verdict == "fails"]
    if not failing:
        return ""
    stated = sum(row.claim.reading == "stated" for row in failing)
    verb = "fails" if len(failing) == 1 else "fail"
    return (
        f"{_count(failing)} of {len(rows)} {verb}, {stated} of them stated outright in the report: "
        f"{_names(failing)}."
    )


def _opposite(rows: Sequence[LedgerRow]) -> str:
    """Find effects whose whole interval lies on the side of zero that the claim denies."""
    found = [row for row in rows if _is_opposite(row)]
    if not found:
        return ""
    return (
        "The opposite was measured, with the whole interval on the other side, for "
        f"{_names(found)}."
    )


def _is_opposite(row: LedgerRow) -> bool:
    effect, claim = row.ours.effect, row.claim
    if effect is None or row.ours.verdict != "fails" or claim.rule not in ("greater", "less"):
        return False
    low, high = effect.interval()
    return low > claim.reference if claim.rule == "less" else high < claim.reference


def _failed_premises(rows: Sequence[LedgerRow]) -> str:
    resting = [row for row in rows if row.ours.failed_premises]
    if not resting:
        return ""
    holding = [row for row in resting if row.ours.verdict in ("holds", "holds in part")]
    end = f"; holding all the same, at least in part: {_names(holding)}" if holding else ""
    return f"Claims that rest on one that fails: {_count(resting)}{end}."


def _taken_back(rows: Sequence[LedgerRow]) -> str:
    found = [row for row in rows if row.ours.taken_back]
    if not found:
        return ""
    return (
        "Decided alone, but not beside the other claims of the section (Holm's correction): "
        f"{_names(found)}."
    )


def _undecided(rows: Sequence[LedgerRow]) -> str:
    undecided = [row for row in rows if row.ours.verdict == "undecided"]
    if not undecided:
        return ""
    parts = [f"Undecided: {_count(undecided)}."]
    if rising := [row for row in undecided if row.ours.still_rising]:
        parts.append(f"Arms that had not levelled off are the reason for {_count(rising)}.")
    if needed := [row.ours.seeds_needed for row in undecided if row.ours.seeds_needed]:
        span = f"{min(needed)}" if min(needed) == max(needed) else f"{min(needed)} to {max(needed)}"
        parts.append(
            f"With {span} seeds the interval of {len(needed)} would be narrow enough, if the "
            "effect stayed as it is."
        )
    return " ".join(parts)


def _not_run(rows: Sequence[LedgerRow]) -> str:
    missing = [row for row in rows if row.ours.verdict == "not run"]
    if not missing:
        return ""
    experiments = dict.fromkeys(row.claim.experiment for row in missing)
    verb = "waits" if len(missing) == 1 else "wait"
    return (
        f"Not run yet: {_count(missing)}, which {verb} for {len(experiments)} "
        f"{'experiment' if len(experiments) == 1 else 'experiments'}."
    )


def _count(rows: Sequence[LedgerRow]) -> str:
    return f"{len(rows)} {'claim' if len(rows) == 1 else 'claims'}"


def _names(rows: Sequence[LedgerRow]) -> str:
    """Name claims by their ids; of many, the first ones and the number of the rest."""
    shown = ", ".join(row.claim.id for row in rows[:NAMED])
    return f"{shown} and {len(rows) - NAMED} more" if len(rows) > NAMED else shown
