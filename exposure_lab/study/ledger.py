"""The ledger: every claim with its verdict at our scale and at the report's, made from results."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.study import OWN_PROFILE
from exposure_lab.study.claims import Claim, all_claims
from exposure_lab.study.judge import Judgement, has_no_scale, judge_all
from exposure_lab.study.results import ANY_SCALE, read_results, results_folder

REPORT = "report"
"""Profile of the report's own scale, and folder, below that of the results, of its results."""

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
    ours = judge_all(folder)
    report = judge_all(folder / REPORT, profile=REPORT, whole=folder)
    return [
        Entry(claim, ours[name], ours[name] if has_no_scale(claim) else report[name])
        for name, claim in all_claims().items()
    ]


def name_scale(folder: Path) -> str:
    """Name the scale of the results in a folder, for the head of a table."""
    for name in sorted({claim.experiment for claim in all_claims().values()} - ANY_SCALE - {""}):
        results = read_results(folder / f"{name}.json")
        if results is not None:
            own = results.scale == f"{OWN_PROFILE} as it is"
            return "our scale" if own else f"profile {results.scale}"
    return "our scale"


def sum_up(entries: Sequence[Entry]) -> str:
    """Say in one sentence how many claims hold at our scale, in part, not, or are undecided.

    Those that hold since our own run was made as they say are named: it takes little to do so.
    """
    counts: Counter[str] = Counter(entry.ours.verdict for entry in entries)
    own = sum(entry.claim.own_run for entry in entries if entry.ours.verdict == "holds")
    parts = [
        f"{counts[verdict]} {one if counts[verdict] == 1 else several}"
        for verdict, (one, several) in VERBS.items()
        if counts[verdict]
    ]
    if own:
        some = "1 says" if own == 1 else f"{own} say"
        parts[0] += f" (of which {some} how a run is made, and ours was made so)"
    return f"Of {len(entries)} claims {', '.join(parts)}."
