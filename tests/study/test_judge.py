"""Verdicts of whole claims: what stands in the way of one, and what goes with it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from synthetic import make_claim, make_results

from exposure_lab.errors import DataError
from exposure_lab.study.claims import Claim
from exposure_lab.study.figures import figures_of
from exposure_lab.study.judge import Judgement, judge_all
from exposure_lab.study.results import Results, write_results


def judge(folder: Path, results: Results | None, *claims: Claim) -> Mapping[str, Judgement]:
    if results is not None:
        write_results(folder / "made-up.json", results, figures_of(results))
    return judge_all(folder, {claim.id: claim for claim in claims})


def test_a_claim_that_holds(tmp_path: Path) -> None:
    claim = make_claim()
    judgement = judge(tmp_path, make_results(1.0, claims=(claim,)), claim)[claim.id]
    assert judgement.verdict == "holds"
    assert judgement.effect is not None
    assert judgement.effect.mean == pytest.approx(1.0)
    assert (judgement.effect.seeds, judgement.effect.cases) == (5, 20)


def test_what_was_not_run(tmp_path: Path) -> None:
    claim = make_claim()
    assert judge(tmp_path, None, claim)[claim.id].verdict == "not run"


def test_too_few_seeds(tmp_path: Path) -> None:
    claim = make_claim()
    judgement = judge(tmp_path, make_results(1.0, seeds=3, claims=(claim,)), claim)[claim.id]
    assert judgement.verdict == "undecided"
    assert judgement.reason == "3 of 5 seeds were run."


def test_a_missing_seed_of_one_arm_is_no_pair(tmp_path: Path) -> None:
    claim = make_claim()
    results = make_results(1.0, claims=(claim,))
    results.rows = [row for row in results.rows if (row["arm"], row["seed"]) != ("b", 3)]
    assert judge(tmp_path, results, claim)[claim.id].reason == "4 of 5 seeds were run."


def test_arms_that_were_still_learning_decide_nothing(tmp_path: Path) -> None:
    claim = make_claim()
    judgement = judge(tmp_path, make_results(1.0, rise=0.2, claims=(claim,)), claim)[claim.id]
    assert judgement.verdict == "undecided" and judgement.still_rising
    assert judgement.reason == (
        "Held-out PSNR was still rising over the last fifth of the run: a by 0.20 dB and b by "
        "0.20 dB."
    )


def test_a_figure_of_the_training_itself_may_still_be_rising(tmp_path: Path) -> None:
    claim = make_claim(figure="update_norm")
    judgement = judge(tmp_path, make_results(1.0, rise=0.2, claims=(claim,)), claim)[claim.id]
    assert judgement.verdict == "holds"


def test_a_score_that_a_run_has_one_of_may_not(tmp_path: Path) -> None:
    claim = make_claim(figure="critic_rank")
    results = make_results(1.0, rise=0.2, claims=(claim,))
    for row in results.rows:
        row["run"]["critic_rank"] = row["run"]["update_norm"]
    assert judge(tmp_path, results, claim)[claim.id].still_rising


def test_results_of_other_settings_are_no_scale(tmp_path: Path) -> None:
    claim = make_claim()
    results = make_results(1.0, claims=(claim,))
    write_results(tmp_path / "made-up.json", results, figures_of(results))
    known = {claim.id: claim}
    assert judge_all(tmp_path, known, "study")[claim.id].verdict == "holds"
    results.overrides = ["training.epochs=2"]
    write_results(tmp_path / "made-up.json", results, figures_of(results))
    with pytest.raises(DataError, match=r"is of profile study with training\.epochs=2: move it"):
        judge_all(tmp_path, known, "study")


def test_seeds_that_just_miss_ask_for_one_more(tmp_path: Path) -> None:
    claim = make_claim(smallest_effect=0.0)
    # Half of the interval is as wide as the effect, but for a hundredth.
    half = judge(tmp_path, make_results(0.0, 0.13, claims=(claim,)), claim)[claim.id].effect
    assert half is not None
    effect = 0.99 * half.interval()[1]
    judgement = judge(tmp_path, make_results(effect, 0.13, claims=(claim,)), claim)[claim.id]
    assert (judgement.verdict, judgement.seeds_needed) == ("undecided", 6)


def test_an_undecided_claim_says_how_many_seeds_it_needs(tmp_path: Path) -> None:
    claim = make_claim()
    judgement = judge(tmp_path, make_results(0.2, 0.6, claims=(claim,)), claim)[claim.id]
    assert judgement.verdict == "undecided"
    assert judgement.seeds_needed is not None and judgement.seeds_needed > 5


def test_a_rule_that_is_newer_than_its_result(tmp_path: Path) -> None:
    claim = make_claim()
    easier = make_claim(smallest_effect=0.01)
    with pytest.raises(DataError, match="but then there was another rule: put the old rule back"):
        judge(tmp_path, make_results(1.0, claims=(claim,)), easier)


def test_a_claim_that_came_after_the_result(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="but then there was no rule: put"):
        judge(tmp_path, make_results(1.0), make_claim())
    late = make_claim(after_the_fact=make_claim().rule_hash)
    assert judge(tmp_path, make_results(1.0), late)[late.id].verdict == "holds"
    once_more = make_claim(smallest_effect=0.01, after_the_fact=late.after_the_fact)
    with pytest.raises(DataError, match=f'`after_the_fact = "{once_more.rule_hash}"`'):
        judge(tmp_path, make_results(1.0), once_more)


def test_the_wording_of_a_claim_may_be_mended(tmp_path: Path) -> None:
    claim = make_claim()
    reworded = claim.model_copy(update={"claim": "The first arm wins.", "note": "Said better."})
    results = make_results(1.0, claims=(claim,))
    assert judge(tmp_path, results, reworded)[claim.id].verdict == "holds"


def test_a_failed_premise_marks_what_rests_on_it(tmp_path: Path) -> None:
    ground = make_claim("ground", rule="less")
    middle = make_claim("middle", requires=("ground",), section="5")
    top = make_claim("top", requires=("middle",), section="6")
    judgements = judge(
        tmp_path, make_results(1.0, claims=(ground, middle, top)), ground, middle, top
    )
    assert judgements["ground"].verdict == "fails"
    assert judgements["middle"].failed_premises == ("ground",)
    assert judgements["top"].failed_premises == ("ground",)
    assert judgements["top"].verdict == "holds"


def test_claims_of_one_section_are_corrected_together(tmp_path: Path) -> None:
    claim = make_claim(smallest_effect=0.0)
    # The interval of five seeds just clears 0.
    results = make_results(0.13, 0.13, claims=(claim,))
    assert judge(tmp_path, results, claim)[claim.id].verdict == "holds"
    others = [make_claim(f"other-{i}", figure="update_norm", smallest_effect=5.0) for i in range(9)]
    noisy = make_results(0.13, 0.13, claims=(claim, *others))
    judgement = judge(tmp_path, noisy, claim, *others)[claim.id]
    assert judgement.verdict == "undecided"
    assert judgement.taken_back
    assert judgement.seeds_needed is not None and judgement.seeds_needed > 5
    assert judgement.reason == (
        "By itself it holds; not after Holm's correction for the 10 claims of section 4 that are "
        "tested."
    )


def test_a_check_of_our_own_run_takes_no_share_of_the_correction(tmp_path: Path) -> None:
    claim = make_claim(smallest_effect=0.0)
    own = [
        make_claim(f"own-{i}", figure="update_norm", smallest_effect=5.0, own_run=True)
        for i in range(9)
    ]
    results = make_results(0.13, 0.13, claims=(claim, *own))
    assert judge(tmp_path, results, claim, *own)[claim.id].verdict == "holds"


def test_an_assessment_keeps_the_verdict_of_its_reader(tmp_path: Path) -> None:
    claim = make_claim(
        kind="assessment", experiment="", figure="", arms=(), rule=None, smallest_effect=None,
        seeds=0, verdict="fails", because="The text holds no such figure.",
    )  # fmt: skip
    judgement = judge(tmp_path, None, claim)[claim.id]
    assert (judgement.verdict, judgement.reason) == ("fails", "The text holds no such figure.")


def test_a_results_file_that_was_edited_by_hand(tmp_path: Path) -> None:
    claim = make_claim()
    judge(tmp_path, make_results(0.0, claims=(claim,)), claim)
    path = tmp_path / "made-up.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"settings": "a1"', '"settings": "a2"', 1), encoding="utf-8")
    with pytest.raises(DataError, match="its fingerprint does not fit its content: take it back"):
        judge(tmp_path, None, claim)


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    results = make_results(1.0)
    write_results(tmp_path / "a.json", results, figures_of(results))
    from exposure_lab.study.results import read_results

    assert read_results(tmp_path / "a.json") == replace(results, provenance={})
