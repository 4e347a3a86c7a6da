"""The ledger at both scales, and its sum in one sentence."""

import shutil
from pathlib import Path

import pytest

from exposure_lab.errors import DataError
from exposure_lab.study.claims import all_claims
from exposure_lab.study.figures import figures_of
from exposure_lab.study.judge import Judgement
from exposure_lab.study.ledger import Entry, judge_scales, name_scale, sum_up
from exposure_lab.study.measurements.registry import MEASUREMENTS
from exposure_lab.study.results import Results, read_results, results_folder, write_results


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
        DataError, match=r"skips\.json is of profile study as it is: move it to .*other-sizes"
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


def test_every_claim_that_needs_no_training_is_decided() -> None:
    for entry in judge_scales():
        if entry.claim.kind != "trained":
            assert entry.ours.verdict not in ("not run", "undecided"), entry.claim.id


def copy_results(name: str, folder: Path) -> Results:
    """Copy results that ship with the package into a folder, and read them."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(results_folder() / f"{name}.json", folder)
    results = read_results(folder / f"{name}.json")
    assert results is not None
    return results


def test_results_of_two_scales_in_one_folder(tmp_path: Path) -> None:
    copy_results("flips", tmp_path)
    results = copy_results("skips", tmp_path)
    results.overrides = ["training.epochs=1"]
    write_results(tmp_path / "skips.json", results, figures_of(results))
    with pytest.raises(
        DataError,
        match=r"of profile study as it is in .*, but skips\.json is of profile study with "
        r"training\.epochs=1: move it",
    ):
        judge_scales(tmp_path)


def test_the_head_of_a_table_names_a_scale_that_is_not_ours(tmp_path: Path) -> None:
    assert name_scale(results_folder()) == name_scale(tmp_path) == "our scale"
    results = copy_results("skips", tmp_path)
    results.profile, results.overrides = "smoke", ["training.epochs=1"]
    write_results(tmp_path / "skips.json", results, figures_of(results))
    assert name_scale(tmp_path) == "profile smoke with training.epochs=1"


def test_what_has_no_scale_supports_the_report_s_column_too(tmp_path: Path) -> None:
    """A claim judged at the report's scale rests on one that was measured once for both."""
    copy_results("training-step", tmp_path)
    results = copy_results("critic", tmp_path / "report")
    results.profile = "report"
    write_results(tmp_path / "report" / "critic.json", results, figures_of(results))
    entry = next(one for one in judge_scales(tmp_path) if one.claim.id == "fake-is-high-loss")
    assert entry.ours.verdict == "not run"
    assert entry.report.verdict == "fails"
    assert entry.report.failed_premises == ("fake-label-by-error",)


def test_what_was_measured_was_measured_by_the_code_that_is_here() -> None:
    for name, measurement in MEASUREMENTS.items():
        results = read_results(results_folder() / f"{name}.json")
        assert results is not None, f"run `exposure-lab study run {name}`"
        assert results.design == measurement.design, f"run `exposure-lab study run {name}` again"
