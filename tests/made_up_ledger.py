"""A ledger of made-up claims and results, one claim for each verdict and each kind of rule."""

from pathlib import Path
from typing import Any

from study.synthetic import make_claim, make_results

from exposure_lab.notebook.ledger_rows import LedgerRow
from exposure_lab.notebook.ledger_table import Ledger
from exposure_lab.study.claims import Claim
from exposure_lab.study.figures import UNITS, figures_of
from exposure_lab.study.judge import judge_all
from exposure_lab.study.ledger import Entry
from exposure_lab.study.results import write_results

READ: dict[str, Any] = {
    "kind": "assessment", "experiment": "", "figure": "", "arms": (), "rule": None,
    "smallest_effect": None, "seeds": 0,
}  # fmt: skip
"""Fields of a claim that is decided by reading."""

CLAIMS = (
    make_claim("first-is-better", section="2", chapter="01"),
    make_claim("second-is-better", section="2", rule="less", claim="The second arm is better."),
    make_claim("no-harm", section="3.1", rule="no-worse", margin=0.5, reading="inferred"),
    make_claim("no-difference", section="3.1", rule="equivalent", margin=0.2),
    make_claim("rests-on-less", section="3.2", requires=("second-is-better",)),
    make_claim("ten-seeds", section="3.2", seeds=10, note="Asks for more <b>seeds</b> & more."),
    make_claim("elsewhere", section="9", chapter="12", experiment="never-run"),
    make_claim("by-reading", **READ, section="9", verdict="not testable", because="No such text."),
)  # fmt: skip


def made_up_ledger(
    folder: Path,
    effect: float = 1.0,
    claims: tuple[Claim, ...] = CLAIMS,
    late: tuple[Claim, ...] = (),
    **options: Any,
) -> Ledger:
    """Judge made-up claims by made-up results in which arm a is better than b by an effect, dB.

    The rules of late claims came after the results.
    """
    results = make_results(effect, claims=claims, **options)
    claims = (*claims, *late)
    write_results(folder / "made-up.json", results, figures_of(results))
    ours = judge_all(folder, {claim.id: claim for claim in claims})
    report = judge_all(folder / "report", {claim.id: claim for claim in claims})
    return Ledger(
        tuple(
            LedgerRow(
                Entry(
                    claim,
                    ours[claim.id],
                    ours[claim.id] if claim.kind == "assessment" else report[claim.id],
                ),
                UNITS.get(claim.figure, ""),
                ("profile study, made-up photos", ""),
            )
            for claim in claims
        ),
        folder,
    )
