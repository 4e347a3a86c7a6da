"""Rules: each is driven to every verdict that it can give, by results whose effect is known."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp
from synthetic import make_claim, make_results

from exposure_lab.study.estimates import Estimate, estimate, mean_of
from exposure_lab.study.verdicts import (
    Finding,
    correct_for_several,
    find,
    seeds_that_would_decide,
)


@pytest.mark.parametrize(
    ("effect", "spread", "verdict"),
    [
        (1.0, 0.05, "holds"),
        (0.2, 0.05, "holds in part"),  # surely above 0, surely below the smallest that matters
        (0.35, 0.10, "holds in part"),  # surely above 0, perhaps below it
        (0.0, 0.05, "fails"),
        (-1.0, 0.05, "fails"),
        (0.2, 0.60, "undecided"),
    ],
)
def test_greater(effect: float, spread: float, verdict: str) -> None:
    claim, results = make_claim(), make_results(effect, spread)
    found = estimate(results, "psnr", ("a", "b"))
    assert found is not None
    assert find(claim, found).verdict == verdict


@pytest.mark.parametrize(
    ("effect", "spread", "verdict"),
    [
        (-1.0, 0.05, "holds"),
        (-0.2, 0.05, "holds in part"),
        (1.0, 0.05, "fails"),
        (-0.2, 0.60, "undecided"),
    ],
)
def test_less_is_the_mirror_image(effect: float, spread: float, verdict: str) -> None:
    found = estimate(make_results(effect, spread), "psnr", ("a", "b"))
    assert found is not None
    assert find(make_claim(rule="less"), found).verdict == verdict


@pytest.mark.parametrize(
    ("rule", "effect", "spread", "verdict"),
    [
        ("equivalent", 0.0, 0.05, "holds"),
        ("equivalent", 1.0, 0.05, "fails"),
        ("equivalent", -1.0, 0.05, "fails"),
        ("equivalent", 0.0, 0.60, "undecided"),
        ("no-worse", 0.0, 0.05, "holds"),
        ("no-worse", 5.0, 0.05, "holds"),
        ("no-worse", -1.0, 0.05, "fails"),
        ("no-worse", -0.2, 0.60, "undecided"),
        ("no-better", 0.0, 0.05, "holds"),
        ("no-better", -5.0, 0.05, "holds"),
        ("no-better", 1.0, 0.05, "fails"),
        ("no-better", 0.2, 0.60, "undecided"),
    ],
)
def test_rules_with_a_margin(rule: str, effect: float, spread: float, verdict: str) -> None:
    found = estimate(make_results(effect, spread), "psnr", ("a", "b"))
    assert found is not None
    assert find(make_claim(rule=rule, margin=0.3), found).verdict == verdict


@pytest.mark.parametrize(("mean", "verdict"), [(26.0, "holds"), (24.0, "fails")])
def test_a_figure_is_judged_from_its_reference(mean: float, verdict: str) -> None:
    claim = make_claim(arms=("a",), reference=25.0, smallest_effect=0.0)
    assert find(claim, Estimate(mean, 0.1, 4.0, 5, 20)).verdict == verdict


MEASURED: dict[str, Any] = {"kind": "arithmetic", "arms": (), "seeds": 0, "smallest_effect": None}


@pytest.mark.parametrize(("value", "verdict"), [(6.0, "holds"), (8.0, "fails")])
def test_equals(value: float, verdict: str) -> None:
    claim = make_claim(rule="equals", expected=6.0, **MEASURED)
    assert find(claim, mean_of([value])).verdict == verdict


@pytest.mark.parametrize(
    ("value", "verdict"), [(1.0, "holds"), (0.5, "holds in part"), (0.0, "fails")]
)
def test_share(value: float, verdict: str) -> None:
    assert find(make_claim(rule="share", **MEASURED), mean_of([value])).verdict == verdict


@given(
    st.lists(st.floats(-3, 3), min_size=3, max_size=12).filter(lambda v: np.std(v) > 1e-3),
    st.floats(0, 1),
)
def test_a_finding_is_significant_just_where_its_interval_clears_the_bound(
    values: list[float], smallest: float
) -> None:
    claim, effect = make_claim(smallest_effect=smallest), mean_of(values)
    finding = find(claim, effect)
    assert (finding.verdict == "undecided") == (finding.p >= 0.05)


def test_mean_of_agrees_with_scipy() -> None:
    values = [0.4, 1.1, 0.7, 0.2]
    theirs = ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert mean_of(values).interval() == pytest.approx((theirs.low, theirs.high))


def test_an_exact_number_has_no_interval() -> None:
    assert mean_of([8.0]).interval() == (8.0, 8.0)


def test_holm_takes_back_what_one_of_many_shows_by_chance() -> None:
    alone = Finding("holds", 0.03)
    findings = {"alone": alone} | {f"null-{i}": Finding("undecided", 1.0) for i in range(4)}
    assert correct_for_several({"alone": alone})["alone"] == (alone, 0.05)
    corrected = correct_for_several(findings)["alone"]
    assert corrected.finding.verdict == "undecided"
    assert corrected.significance == pytest.approx(0.05 / 5), "the smallest of five"


def test_holm_falls_back_to_the_direction_where_that_is_sure() -> None:
    finding = Finding("holds", 0.03, weaker=Finding("holds in part", 0.0001))
    findings = {"a": finding, "b": Finding("undecided", 1.0)}
    assert correct_for_several(findings)["a"].finding.verdict == "holds in part"


def test_exact_numbers_take_no_share_of_the_correction() -> None:
    findings = {"a": Finding("holds", 0.03), "b": Finding("fails", 0.0)}
    assert {name: one.finding for name, one in correct_for_several(findings).items()} == findings


def test_beside_other_claims_more_seeds_are_asked_for() -> None:
    effect = estimate(make_results(0.2, 0.6), "psnr", ("a", "b"))
    assert effect is not None
    alone, beside = (seeds_that_would_decide(make_claim(), effect, p) for p in (0.05, 0.01))
    assert alone is not None and beside is not None
    assert beside > alone > 5


@pytest.mark.slow
def test_more_seeds_are_asked_for_where_seeds_are_the_trouble() -> None:
    claim = make_claim()
    wide = estimate(make_results(0.2, 0.6), "psnr", ("a", "b"))
    wider = estimate(make_results(0.2, 1.2), "psnr", ("a", "b"))
    assert wide is not None and wider is not None
    needed, more = seeds_that_would_decide(claim, wide), seeds_that_would_decide(claim, wider)
    assert needed is not None and needed > 5
    assert more is None or more > needed


def test_a_figure_without_seeds_asks_for_none() -> None:
    claim = make_claim(kind="measured", arms=(), seeds=0)
    assert seeds_that_would_decide(claim, Estimate(0.1, 0.2, 9.0, 0, 10)) is None


def test_an_exact_number_that_is_just_what_the_rule_asks_for() -> None:
    """No chance is in it, so that no correction takes it back."""
    claim = make_claim(kind="measured", seeds=0, arms=(), smallest_effect=1.0)
    finding = find(claim, Estimate(1.0, 0.0, np.inf, 0, 1))
    others = {f"other {i}": Finding("holds", 0.04) for i in range(5)}
    corrected = correct_for_several({"exact": finding, **others})
    assert corrected["exact"].finding.verdict == "holds"
