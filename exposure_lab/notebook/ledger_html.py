"""HTML of one claim in the ledger: its row of the table, and what the row opens to.

Whatever comes from a file is escaped. Nothing here needs a script: without one, all rows are open.
"""

import html

from exposure_lab.notebook.ledger_plot import interval_svg
from exposure_lab.notebook.ledger_rows import LedgerRow
from exposure_lab.notebook.ledger_words import (
    KINDS,
    VERDICTS,
    effect_in_words,
    figure_in_words,
    remarks,
    rule_in_words,
    sample_in_words,
    signed,
    verdict_in_words,
)
from exposure_lab.study.claims import Verdict
from exposure_lab.study.judge import Judgement
from exposure_lab.study.verdicts import MOST_SEEDS

CHAPTERS = {
    "01": "01_exposure",
    "02": "02_generator",
    "03": "03_discriminator",
    "04": "04_augmentation",
    "05": "05_losses",
    "06": "06_training",
    "07": "07_evaluation",
    "08": "08_analysis",
    "09": "09_alternatives",
}
"""Number of a chapter to the name of its page."""

SIGNS = dict(zip(VERDICTS, "\u2713\u25d0\u2717?\u2013\u00b7", strict=True))
"""Verdict to a sign that tells it without its colour."""

Verdicts = dict[str, Judgement]
"""Id of each claim to its judgement at our scale."""


def claim_html(row: LedgerRow, place: int, known: Verdicts) -> str:
    """Write the two rows of a claim: what is compared, and what it opens to.

    Args:
        row: the claim with its verdicts.
        place: its place in the report, from 0, by which a section is sorted.
        known: judgements of all claims, for those that this one rests on.
    """
    claim = row.claim
    kind = KINDS[claim.kind]
    words = " ".join((claim.id, claim.claim, claim.note)).lower()
    return (
        f'<tbody data-verdict="{row.ours.verdict}" data-section="{html.escape(claim.section)}" '
        f'data-kind="{kind}" data-words="{html.escape(words)}"><tr>'
        f'<th scope="row" data-sort="{html.escape(claim.claim)}">'
        f'<span class="xl-say">{html.escape(claim.claim)}</span>'
        f"<code>{html.escape(claim.id)}</code></th>"
        f'<td data-sort="{place}"><span class="xl-name">section </span>'
        f"{html.escape(claim.section)}</td>"
        f'<td data-sort="{list(KINDS).index(claim.kind)}"><span class="xl-name">by </span>{kind}'
        f"</td>{_verdict_cell(row.ours, 'our scale')}{_verdict_cell(row.report, 'report')}</tr>"
        f'<tr class="xl-more"><td colspan="5"><dl>{_details(row, known)}</dl></td></tr></tbody>'
    )


def verdict_html(verdict: Verdict) -> str:
    """Write a verdict with its sign and its colour."""
    name = verdict.replace(" ", "-")
    return (
        f'<span class="xl-verdict xl-{name}"><span aria-hidden="true">{SIGNS[verdict]}</span> '
        f"{verdict}</span>"
    )


def _verdict_cell(judgement: Judgement, scale: str) -> str:
    note = "".join(f"<small>{remark}</small>" for remark in remarks(judgement))
    return (
        f'<td data-sort="{VERDICTS.index(judgement.verdict)}"><span class="xl-name">{scale}: '
        f"</span>{verdict_html(judgement.verdict)}{note}</td>"
    )


def _details(row: LedgerRow, known: Verdicts) -> str:
    """Write all that a row opens to, as terms and what is said of them."""
    claim = row.claim
    items = [(_rule_head(row), html.escape(rule_in_words(claim, row.unit)))]
    if claim.rule:
        items.append(("Measured", html.escape(figure_in_words(claim))))
    if row.one_scale:
        items += _judgement(row, row.ours, row.origins[0], "Result")
    else:
        items += _judgement(row, row.ours, row.origins[0], "At our scale")
        items += _judgement(row, row.report, row.origins[1], "At the report's scale")
    if claim.requires:
        items.append(("Rests on", _premises(row, known)))
    reading = f"{claim.reading}. {claim.note}".strip()
    items.append(("Reading", html.escape(reading[0].upper() + reading[1:])))
    where = f"section {claim.section}, sentence {claim.sentence}"
    items.append(("In the report", f"{html.escape(where)}; {_chapter_link(claim.chapter)}"))
    if claim.experiment:
        command = f"exposure-lab study run {claim.experiment} --data DIR"
        other = (
            "" if row.one_scale else "; at the report's scale with <code>--profile report</code>"
        )
        items.append(("To make it again", f"<code>{html.escape(command)}</code>{other}"))
    return "".join(f"<div><dt>{term}</dt><dd>{said}</dd></div>" for term, said in items)


def _rule_head(row: LedgerRow) -> str:
    """Say when the rule was fixed: an assessment has none, and what trains nothing has no runs."""
    if row.claim.kind == "assessment":
        return "Rule"
    if row.claim.kind != "trained":
        return "Rule, fixed after the result" if row.ours.late_rule else "Rule"
    return f"Rule, fixed {'after' if row.ours.late_rule else 'before'} the runs"


def _judgement(
    row: LedgerRow, judgement: Judgement, origin: str, scale: str
) -> list[tuple[str, str]]:
    """Say what one scale gave: verdict, effect, sample, drawing, and why there is no verdict."""
    lines = [verdict_html(judgement.verdict)]
    if (effect := judgement.effect) is not None:
        lines.append(html.escape(effect_in_words(effect, row.unit, signed(row.claim))))
        lines.append(interval_svg(row.claim, effect, row.unit))
        lines.append(html.escape(", ".join(filter(None, (sample_in_words(effect), origin)))))
    if judgement.reason:
        lines.append(html.escape(judgement.reason))
    if judgement.seeds_needed:
        lines.append(
            f"With {judgement.seeds_needed} seeds its interval would be narrow enough, if the "
            "effect stayed as it is; that is about an even chance."
        )
    elif judgement.beyond_seeds:
        lines.append(f"Not even {MOST_SEEDS} seeds would decide it: more photos could.")
    if judgement.verdict == "not run" and row.claim.seeds:
        lines.append(f"It needs {row.claim.seeds} seeds.")
    return [(scale, "".join(f"<p>{line}</p>" for line in lines if line))]


def _premises(row: LedgerRow, known: Verdicts) -> str:
    """List the claims that this one rests on, each with its verdict at our scale."""
    named = dict.fromkeys((*row.claim.requires, *row.ours.failed_premises))
    parts = [
        f"<code>{html.escape(name)}</code>"
        + (f" ({verdict_in_words(known[name])})" if name in known else "")
        for name in named
    ]
    return ", ".join(parts)


def _chapter_link(chapter: str) -> str:
    name = f"chapter {html.escape(chapter)}"
    if chapter not in CHAPTERS:
        return f"taught in {name}"
    return f'taught in <a href="{CHAPTERS[chapter]}.html">{name}</a>'
