"""Verdicts: how a rule turns an interval into `holds`, `holds in part`, `fails` or `undecided`."""

import math
from collections.abc import Callable
from typing import NamedTuple

from exposure_lab.metrics.p_values import holm, p_above, p_below
from exposure_lab.metrics.sample_size import seeds_to_decide
from exposure_lab.study.claims import Claim, Verdict
from exposure_lab.study.estimates import Estimate

SIGNIFICANCE = 0.05

MOST_SEEDS = 100
"""Seeds beyond which the ledger says `more than` so many."""


class Finding(NamedTuple):
    """Verdict that an estimate allows by itself, and the p-value of what it rejects."""

    verdict: Verdict
    p: float
    """Two-sided, so that it is below 5 % just where the 95 % interval clears the bound; of an
    equivalence one-sided, as its test is. 1 where nothing is rejected."""
    weaker: "Finding | None" = None
    """Finding that is left where this one does not outlive the correction for several claims."""


UNDECIDED = Finding("undecided", 1.0)


def find(claim: Claim, effect: Estimate) -> Finding:
    """Apply the rule of a claim to its estimate, without a correction for several claims."""
    assert claim.rule is not None  # only a claim with a rule is estimated
    finding = RULES[claim.rule](claim, effect.minus(claim.reference))
    # An exact number is no chance finding, not even one that is just what the rule asks for.
    return finding if effect.standard_error else finding._replace(p=0.0)


def _greater(claim: Claim, effect: Estimate) -> Finding:
    """Hold where the effect is at least the smallest that matters; in part where it is above 0."""
    smallest = claim.smallest_effect or 0.0
    low, high = effect.interval()
    in_part = Finding("holds in part", 2 * p_above(effect, 0.0)) if low > 0 else None
    if low >= smallest and low > 0:
        return Finding("holds", 2 * p_above(effect, smallest), in_part if smallest else None)
    if in_part is not None:
        return in_part
    if high < smallest or high <= 0:
        return Finding("fails", 2 * p_below(effect, smallest))
    return UNDECIDED


def _less(claim: Claim, effect: Estimate) -> Finding:
    return _greater(claim, -effect)


def _equivalent(claim: Claim, effect: Estimate) -> Finding:
    """Hold where the 90 % interval lies within the margin: two one-sided tests at 5 %."""
    margin = claim.margin or 0.0
    inside, outside = effect.interval(1 - 2 * SIGNIFICANCE), effect.interval()
    if -margin < inside[0] and inside[1] < margin:
        return Finding("holds", max(p_above(effect, -margin), p_below(effect, margin)))
    if outside[0] > margin:
        return Finding("fails", 2 * p_above(effect, margin))
    if outside[1] < -margin:
        return Finding("fails", 2 * p_below(effect, -margin))
    return UNDECIDED


def _no_worse(claim: Claim, effect: Estimate) -> Finding:
    """Hold where the 90 % interval lies above minus the margin: one one-sided test at 5 %."""
    margin = claim.margin or 0.0
    if effect.interval(1 - 2 * SIGNIFICANCE)[0] > -margin:
        return Finding("holds", p_above(effect, -margin))
    if effect.interval()[1] < -margin:
        return Finding("fails", 2 * p_below(effect, -margin))
    return UNDECIDED


def _no_better(claim: Claim, effect: Estimate) -> Finding:
    """Hold where the 90 % interval lies below the margin: no gain that matters."""
    return _no_worse(claim, -effect)


def _equals(claim: Claim, effect: Estimate) -> Finding:
    return Finding("holds" if effect.mean == claim.expected else "fails", 0.0)


def _share(claim: Claim, effect: Estimate) -> Finding:
    """Hold where all parts of the claim come true, in part where some do."""
    if effect.mean >= 1:
        return Finding("holds", 0.0)
    return Finding("holds in part" if effect.mean > 0 else "fails", 0.0)


RULES: dict[str, Callable[[Claim, Estimate], Finding]] = {
    "greater": _greater,
    "less": _less,
    "equivalent": _equivalent,
    "no-worse": _no_worse,
    "no-better": _no_better,
    "equals": _equals,
    "share": _share,
}
"""Name of a rule, as ``claims.toml`` has it, to its function."""


class Corrected(NamedTuple):
    """Finding that outlives the correction for several claims."""

    finding: Finding
    significance: float
    """Significance that its p-value had to be below in place of 5 %."""


def correct_for_several(findings: dict[str, Finding]) -> dict[str, Corrected]:
    """Correct the findings of one section's claims for their number, by Holm's method.

    Without it one of twenty claims that are false would hold by chance. A finding whose corrected
    p-value is no longer below 5 % gives way to a weaker one, or to `undecided`.

    Args:
        findings: claim to what its interval alone says; those by exact numbers included.
    """
    names = [name for name, finding in findings.items() if finding.p > 0]
    adjusted = dict(zip(names, holm([min(1.0, findings[name].p) for name in names]), strict=True))
    return {
        name: Corrected(
            _weaken(finding, adjusted.get(name, 0.0)),
            SIGNIFICANCE * finding.p / adjusted[name] if name in adjusted else SIGNIFICANCE,
        )
        for name, finding in findings.items()
    }


def _weaken(finding: Finding, adjusted: float) -> Finding:
    if finding.verdict == "undecided" or adjusted < SIGNIFICANCE:
        return finding
    weaker = finding.weaker
    if weaker is not None and weaker.p * adjusted / finding.p < SIGNIFICANCE:
        return weaker
    return UNDECIDED


def seeds_that_would_decide(
    claim: Claim, effect: Estimate, significance: float = SIGNIFICANCE
) -> int | None:
    """Find how many seeds would have decided a claim, had its estimate been the same.

    Args:
        claim: with a rule.
        effect: its estimate.
        significance: that the p-value must be below; less than 5 % beside other claims.

    Returns:
        None where no number up to `MOST_SEEDS` is enough, or the figure has no seeds.
    """
    if effect.components is None:
        return None
    mean = effect.mean - claim.reference
    mean = -mean if claim.rule in ("less", "no-better") else mean
    level = 1 - significance
    if claim.margin is None:
        distance = max(mean, (claim.smallest_effect or 0.0) - mean)
    else:
        gap = (
            claim.margin + mean
            if claim.rule in ("no-worse", "no-better")
            else claim.margin - abs(mean)
        )
        distance, level = abs(gap), 1 - 2 * significance if gap > 0 else level
    if not 0 < distance < math.inf:
        return None
    needed = seeds_to_decide(effect.components, effect.cases, distance, level, MOST_SEEDS)
    # The components are estimates too: where they ask for no more than there were, one more it is.
    return None if needed is None else max(needed, effect.seeds + 1)
