"""Words of the ledger: a rule, an effect, a sample and a verdict as a reader reads them."""

import math

from exposure_lab.study.claims import Claim
from exposure_lab.study.estimates import Estimate
from exposure_lab.study.judge import Judgement

MINUS = "\N{MINUS SIGN}"

VERDICTS = ("holds", "holds in part", "fails", "undecided", "not testable", "not run")
"""Every verdict, in the order in which a reader sorts them."""

KINDS = {
    "assessment": "reading",
    "arithmetic": "arithmetic",
    "measured": "measuring",
    "trained": "training",
}
"""Kind of a claim to what decides it."""


def number(value: float, unit: str = "", signed: bool = False, decimals: int | None = None) -> str:
    """Format with a true minus sign and the unit: ``+1.02 dB``.

    Args:
        value: of any size.
        unit: behind the number; nothing where empty.
        signed: whether what is above 0 has a plus.
        decimals: behind the point; where not given, three significant digits.
    """
    size = abs(value)
    if decimals is not None:
        digits = f"{size:,.{decimals}f}"
    else:
        digits = f"{size:,.0f}" if size >= 1000 or size.is_integer() else f"{size:.3g}"
    shown_as_zero = float(digits.replace(",", "")) == 0
    sign = "" if shown_as_zero else MINUS if value < 0 else "+" if signed else ""
    return f"{sign}{digits} {unit}".rstrip()


def signed(claim: Claim) -> bool:
    """Whether the figure of a claim is a difference of two arms, and so carries its sign."""
    return len(claim.arms) == 2


def figure_in_words(claim: Claim) -> str:
    """Name what is measured: ``PSNR, report minus none``."""
    figure = claim.figure.replace("_", " ").replace("psnr", "PSNR")
    if signed(claim):
        return f"{figure}, {claim.arms[0]} minus {claim.arms[1]}"
    return f"{figure} of {claim.arms[0]}" if claim.arms else figure


def effect_in_words(effect: Estimate, unit: str, sign: bool) -> str:
    """Write a mean and its 95 % interval in one line; an exact number has none."""
    mean, interval = mean_and_interval(effect, unit, sign)
    return f"{mean}, 95 % interval {interval}" if interval else f"{mean}, exact"


def mean_and_interval(effect: Estimate, unit: str, sign: bool) -> tuple[str, str]:
    """Write a mean and its 95 % interval apart; that of an exact number is empty."""
    decimals = decimals_of(effect)
    mean = number(effect.mean, unit, sign, decimals)
    if decimals is None:
        return mean, ""
    low, high = (number(end, "", sign, decimals) for end in effect.interval())
    return mean, f"{low} to {high}"


def decimals_of(effect: Estimate) -> int | None:
    """Decimals that a mean can bear; None for an exact number."""
    return decimals_of_half(effect.interval()[1] - effect.mean) if effect.standard_error else None


def decimals_of_half(half: float) -> int:
    """Decimals that give half the width of an interval, above 0, two significant digits."""
    return max(0, 1 - math.floor(math.log10(half)))


def sample_in_words(effect: Estimate) -> str:
    """Count what was sampled: ``8 seeds, 124 scenes``; empty for an exact number."""
    parts = []
    if effect.seeds:
        parts.append(f"{effect.seeds} seeds")
    if effect.cases > 1:
        parts.append(f"{effect.cases} {'scenes' if effect.seeds else 'scenes or repetitions'}")
    return ", ".join(parts)


def verdict_in_words(judgement: Judgement) -> str:
    """Write a verdict, and what a reader must know beside it."""
    return "; ".join((judgement.verdict, *remarks(judgement)))


def remarks(judgement: Judgement) -> list[str]:
    """Say what a verdict leaves out: a premise that fails, a late rule, a run made to fit."""
    return [
        *(["rests on a claim that fails"] if judgement.failed_premises else []),
        *(["its rule came after the runs"] if judgement.late_rule else []),
        *(["ours was made so"] if judgement.claim.own_run else []),
    ]


def rule_in_words(claim: Claim, unit: str) -> str:
    """Write the rule of a claim in a sentence or two; of an assessment, that it was read.

    Args:
        claim: of any kind.
        unit: of its figure.
    """
    if claim.rule is None:
        return "Decided by reading; no number enters into it."
    amount = claim.smallest_effect or claim.margin or claim.expected or 0.0
    sign, zero = signed(claim), claim.reference
    return RULES[claim.rule].format(
        above=number(zero + amount, unit, sign),
        below=number(zero - amount, unit, sign),
        margin=number(amount, unit),
        zero=number(zero),
    )


RULES = {
    "greater": (
        "Holds where the whole 95 % interval is at or above {above} and above {zero}; in part "
        "where it is above {zero} all the same; otherwise fails where it is below {above}, or "
        "nowhere above {zero}."
    ),
    "less": (
        "Holds where the whole 95 % interval is at or below {below} and below {zero}; in part "
        "where it is below {zero} all the same; otherwise fails where it is above {below}, or "
        "nowhere below {zero}."
    ),
    "equivalent": (
        "Holds where the 90 % interval lies within {margin} of {zero} on either side (two "
        "one-sided tests); fails where the 95 % interval lies beyond that."
    ),
    "no-worse": (
        "Holds where the 90 % interval lies above {below} (a one-sided test); fails where the 95 % "
        "interval lies below it."
    ),
    "no-better": (
        "Holds where the 90 % interval lies below {above} (a one-sided test); fails where the 95 % "
        "interval lies above it."
    ),
    "equals": "Holds where the figure is {above} exactly; fails where it is not.",
    "share": "Holds where the figure is 1, all parts of it; in part where some are; fails at 0.",
}
"""Name of a rule to its sentence; `study.verdicts` has the arithmetic."""
