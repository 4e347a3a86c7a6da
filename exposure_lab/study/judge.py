"""Judgement of claims by the results of one scale: each by its rule, then section by section."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from exposure_lab.errors import DataError
from exposure_lab.study import OWN_PROFILE
from exposure_lab.study.claims import Claim, Verdict, all_claims
from exposure_lab.study.estimates import Estimate, estimate
from exposure_lab.study.results import ANY_SCALE, OTHER_SIZES, Results, read_results
from exposure_lab.study.rules import OF_TRAINING, STILL_RISING_DB
from exposure_lab.study.verdicts import (
    UNDECIDED,
    Finding,
    correct_for_several,
    find,
    seeds_that_would_decide,
)


@dataclass(frozen=True)
class Judgement:
    """Verdict on a claim at one scale, with what it was made from."""

    claim: Claim
    verdict: Verdict
    reason: str = ""
    """Why there is no verdict, or what else a reader must know, one sentence or more."""
    effect: Estimate | None = None
    seeds_needed: int | None = None
    """Seeds that would decide it, where it is undecided and a number of seeds would."""
    failed_premises: tuple[str, ...] = ()
    """Ids of the claims that it rests on and that fail."""
    still_rising: bool = False
    """Whether it is undecided because an arm had not levelled off."""
    late_rule: bool = False
    """Whether its rule was written with these results already there."""
    taken_back: bool = False
    """Whether it would be decided alone, and is not beside the other claims of its section."""

    @property
    def beyond_seeds(self) -> bool:
        """Whether its interval decides nothing, and would not with many more seeds either.

        Then the photos differ so much among themselves that only more of them could decide it.
        """
        open_ended = self.verdict == "undecided" and not self.reason and not self.seeds_needed
        return open_ended and self.effect is not None and self.effect.components is not None


def has_no_scale(claim: Claim) -> bool:
    """Whether a claim is decided by reading, or by what was measured of the report's own run."""
    return claim.kind == "assessment" or claim.experiment in ANY_SCALE


def judge_all(
    folder: Path,
    claims: Mapping[str, Claim] | None = None,
    profile: str | None = None,
    whole: Path | None = None,
) -> dict[str, Judgement]:
    """Judge every claim by the results in a folder.

    Args:
        folder: of the results of one scale.
        claims: id to claim; the ledger's where not given.
        profile: that those of a scale must be of, without a setting that departs from it; where not
            given, all of them must be of one profile with the same settings.
        whole: folder of all results, which holds those that have no scale; the same where not
            given.

    Raises:
        DataError: a results file was edited by hand or is of another scale, or a rule is newer than
            its result.
    """
    claims = all_claims() if claims is None else claims
    whole = whole or folder
    places = {
        claim.experiment: whole if has_no_scale(claim) else folder
        for claim in claims.values()
        if claim.experiment
    }
    results = {name: read_results(place / f"{name}.json") for name, place in places.items()}
    of_scale = [one for name, one in results.items() if one and name not in ANY_SCALE]
    _check_scale(of_scale, profile, folder, whole)
    for claim in claims.values():
        check_rule(claim, results.get(claim.experiment))
    first = {name: _judge(claim, results.get(claim.experiment)) for name, claim in claims.items()}
    corrected = _correct_sections(first)
    failed = {name for name, judgement in corrected.items() if judgement.verdict == "fails"}
    return {
        name: replace(
            judgement,
            failed_premises=tuple(id for id in _premises(judgement.claim, claims) if id in failed),
            late_rule=_is_late(judgement.claim, results.get(judgement.claim.experiment)),
        )
        for name, judgement in corrected.items()
    }


def check_rule(claim: Claim, results: Results | None) -> None:
    """Check that a rule is not newer than the result that it judges.

    Raises:
        DataError: it is, and does not say so by the hash in ``after_the_fact``.
    """
    if results and _is_late(claim, results) and claim.after_the_fact != claim.rule_hash:
        what = "another rule" if claim.id in results.rules else "no rule"
        raise DataError(
            f"Expected the rule of {claim.id!r} as it stood when {results.experiment!r} was run, "
            f"but then there was {what}: put the old rule back, run the experiment anew, without "
            "its old runs, or mark the claim as one whose rule came after them, with "
            f'`after_the_fact = "{claim.rule_hash}"`.'
        )


def _is_late(claim: Claim, results: Results | None) -> bool:
    """Whether a rule is not the one that stood when the results were made."""
    return bool(results and results.rows and results.rules.get(claim.id) != claim.rule_hash)


def _check_scale(
    results: Sequence[Results], profile: str | None, folder: Path, whole: Path
) -> None:
    """Check that results are of a profile as it is, or of one scale at least. Raises DataError."""
    scales = Counter(one.scale for one in results)
    wanted = f"{profile or OWN_PROFILE} as it is"
    if profile is None and wanted not in scales and scales:
        wanted = scales.most_common(1)[0][0]  # of a folder that is a user's own
    for one in results:
        if one.scale != wanted:
            raise DataError(
                f"Expected results of profile {wanted} in {folder}, but {one.experiment}.json is "
                f"of profile {one.scale}: move it to a folder in {whole / OTHER_SIZES}, by which "
                "no claim is judged."
            )


def _judge(claim: Claim, results: Results | None) -> Judgement:
    """Judge a claim by itself, without regard to the others of its section."""
    if claim.kind == "assessment":
        assert claim.verdict is not None  # a claim is validated
        return Judgement(claim, claim.verdict, claim.because)
    if results is None:
        return Judgement(claim, "not run")
    effect = estimate(results, claim.figure, claim.arms)
    if effect is None:
        return Judgement(claim, "not run", _what_is_missing(claim, results))
    if effect.seeds < claim.seeds:
        done = f"{effect.seeds} of {claim.seeds} seeds were run."
        return Judgement(claim, "undecided", done, effect)
    if rising := _unfinished_arms(claim, results):
        return Judgement(claim, "undecided", rising, effect, still_rising=True)
    finding = find(claim, effect)
    needed = seeds_that_would_decide(claim, effect) if finding.verdict == "undecided" else None
    return Judgement(claim, finding.verdict, "", effect, needed)


def _what_is_missing(claim: Claim, results: Results) -> str:
    if claim.kind != "trained":
        return f"{results.experiment} has no figure {claim.figure}."
    done = len(results.seeds(claim.arms))
    return f"{done} of {claim.seeds} seeds were run."


def _unfinished_arms(claim: Claim, results: Results) -> str:
    """Name the arms that were still learning when they stopped; empty where none was.

    A figure of the training itself, such as the fall of a loss, is judged all the same.
    """
    if claim.kind != "trained" or claim.figure in OF_TRAINING:
        return ""
    rises = {}
    for arm in claim.arms:
        rows = [results.row(arm, seed) for seed in results.seeds(claim.arms)]
        values = [row["run"]["rise"] for row in rows if row and "rise" in row["run"]]
        if values and np.mean(values) > STILL_RISING_DB - 1e-9:
            rises[arm] = float(np.mean(values))
    if not rises:
        return ""
    named = " and ".join(f"{arm} by {rise:.2f} dB" for arm, rise in rises.items())
    return f"Held-out PSNR was still rising over the last fifth of the run: {named}."


def _correct_sections(judgements: Mapping[str, Judgement]) -> dict[str, Judgement]:
    """Correct the verdicts of each section for the number of its claims."""
    corrected = dict(judgements)
    sections = dict.fromkeys(judgement.claim.section for judgement in judgements.values())
    for section in sections:
        findings: dict[str, Finding] = {}
        for name, judgement in judgements.items():
            # What says how our own run was made is a check of it, and no test of a hypothesis.
            counts = judgement.claim.section == section and not judgement.claim.own_run
            if counts and judgement.effect is not None:
                settled = judgement.verdict != "undecided"
                found = find(judgement.claim, judgement.effect) if settled else UNDECIDED
                findings[name] = found
        tested = sum(finding.p > 0 for finding in findings.values())  # an exact number is not
        for name, (finding, significance) in correct_for_several(findings).items():
            if finding.verdict != findings[name].verdict:
                claim, effect = judgements[name].claim, judgements[name].effect
                needed = seeds_that_would_decide(claim, effect, significance) if effect else None
                corrected[name] = replace(
                    judgements[name],
                    verdict=finding.verdict,
                    seeds_needed=needed if finding.verdict == "undecided" else None,
                    reason=f"By itself it {findings[name].verdict}; not after Holm's correction "
                    f"for the {tested} claims of section {section} that are tested.",
                    taken_back=True,
                )
    return corrected


def _premises(claim: Claim, claims: Mapping[str, Claim]) -> list[str]:
    """List what a claim rests on, directly and through others."""
    found: dict[str, None] = {}
    waiting = list(claim.requires)
    while waiting:
        name = waiting.pop(0)
        if name not in found and name in claims:
            found[name] = None
            waiting += claims[name].requires
    return list(found)
