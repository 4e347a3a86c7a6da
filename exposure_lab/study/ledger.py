"""The ledger: every claim with its verdict at our scale and at the report's, made from results."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.study.claims import Claim, all_claims
from exposure_lab.study.judge import Judgement, judge_all
from exposure_lab.study.measurements.registry import MEASUREMENTS
from exposure_lab.study.results import results_folder

REPORT = "report"
"""Folder, below that of the results, of what was run at the report's own scale."""


VERBS = {
    "holds": ("holds", "hold"),
    "holds in part": ("holds in part", "hold in part"),
    "fails": ("fails", "fail"),
    "undecided": ("is undecided", "are undecided"),
    "not testable": ("cannot be tested", "cannot be tested"),
    "not run": ("is not run yet", "are not run yet"),
}
"""Verdict to what one claim does and to what several do, in the order of a summary."""


@dataclass(frozen=True)
class Entry:
    """Row of the ledger: a claim with its verdict at our scale and at the report's."""

    claim: Claim
    ours: Judgement
    report: Judgement


def judge_scales(folder: Path | None = None) -> list[Entry]:
    """Judge every claim at both scales, in the order of the report.

    What was measured of the report's own networks, losses and numbers has one verdict for both.

    Args:
        folder: of the results at our scale; those at the report's lie in a folder ``report`` there.

    Raises:
        DataError: as `judge_all` raises it.
    """
    folder = folder or results_folder()
    ours, report = judge_all(folder), judge_all(folder / REPORT)
    return [
        Entry(claim, ours[name], ours[name] if _has_no_scale(claim) else report[name])
        for name, claim in all_claims().items()
    ]


def sum_up(entries: Sequence[Entry]) -> str:
    """Say in one sentence how many claims hold at our scale, in part, not, or are undecided."""
    counts: Counter[str] = Counter(entry.ours.verdict for entry in entries)
    parts = [
        f"{counts[verdict]} {one if counts[verdict] == 1 else several}"
        for verdict, (one, several) in VERBS.items()
        if counts[verdict]
    ]
    return f"Of {len(entries)} claims {', '.join(parts)}."


def experiment_names() -> list[str]:
    """List the experiments that claims name, those that train networks and the others."""
    return sorted({claim.experiment for claim in all_claims().values() if claim.experiment})


def _has_no_scale(claim: Claim) -> bool:
    if claim.kind == "assessment":
        return True
    measurement = MEASUREMENTS.get(claim.experiment)
    return measurement is not None and measurement.any_scale
