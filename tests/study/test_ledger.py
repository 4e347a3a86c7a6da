"""The ledger at both scales, and its sum in one sentence."""

import shutil
from pathlib import Path

import pytest

from exposure_lab.errors import DataError
from exposure_lab.study.claims import all_claims
from exposure_lab.study.judge import Judgement
from exposure_lab.study.ledger import Entry, judge_scales, sum_up
from exposure_lab.study.measurements.registry import MEASUREMENTS
from exposure_lab.study.results import read_results, results_folder


def entries(*verdicts: str) -> list[Entry]:
    claim = next(iter(all_claims().values()))
    judgements = [Judgement(claim, verdict) for verdict in verdicts]  # type: ignore[arg-type]
    return [Entry(claim, judgement, judgement) for judgement in judgements]


def test_the_sum_says_one_and_several_as_english_does() -> None:
    assert sum_up(entries("holds", "fails", "undecided", "undecided")) == (
        "Of 4 claims 1 holds, 1 fails, 2 are undecided."
    )
    assert sum_up(entries("holds", "holds", "not testable")) == (
        "Of 3 claims 2 hold, 1 cannot be tested."
    )


def test_the_sum_tells_what_our_own_run_was_made_by() -> None:
    several = [entry for entry in judge_scales() if entry.claim.own_run][:3]
    assert len(several) == 3
    held = [Entry(one.claim, Judgement(one.claim, "holds"), one.report) for one in several]
    assert sum_up([*held, *entries("holds", "fails")]) == (
        "Of 5 claims 4 hold (of which 3 say how a run is made, and ours was made so), 1 fails."
    )
    failed = [Entry(one.claim, Judgement(one.claim, "fails"), one.report) for one in several]
    assert sum_up([*failed, *held[:1]]) == (
        "Of 4 claims 1 holds (of which 1 says how a run is made, and ours was made so), 3 fail."
    )


def test_results_of_another_scale_do_not_pass_for_the_report_s(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    shutil.copy(results_folder() / "skips.json", tmp_path / "report")
    with pytest.raises(
        DataError, match=r"skips\.json is of profile study: move it to a folder in .*other-sizes"
    ):
        judge_scales(tmp_path)


def test_a_folder_without_results_leaves_only_what_was_read(tmp_path: Path) -> None:
    verdicts = {entry.claim.kind: set() for entry in judge_scales(tmp_path)}
    for entry in judge_scales(tmp_path):
        verdicts[entry.claim.kind].add(entry.ours.verdict)
    assert verdicts.pop("assessment") == {"not testable", "fails"}
    assert set().union(*verdicts.values()) == {"not run"}


def test_numbers_of_the_report_itself_have_one_verdict_at_both_scales() -> None:
    by_id = {entry.claim.id: entry for entry in judge_scales(results_folder())}
    layers, dark = by_id["unet-six-layers"], by_id["totally-dark"]
    assert layers.ours == layers.report
    assert layers.report.verdict == "fails"
    assert dark.ours.verdict == "fails"
    assert dark.report.verdict == "not run"  # small photos are not the report's


def test_every_claim_that_needs_no_training_has_been_measured() -> None:
    for entry in judge_scales():
        if entry.claim.kind != "trained":
            assert entry.ours.verdict != "not run", entry.claim.id


def test_what_was_measured_was_measured_by_the_code_that_is_here() -> None:
    for name, measurement in MEASUREMENTS.items():
        results = read_results(results_folder() / f"{name}.json")
        assert results is not None, f"run `exposure-lab study run {name}`"
        assert results.design == measurement.design, f"run `exposure-lab study run {name}` again"
